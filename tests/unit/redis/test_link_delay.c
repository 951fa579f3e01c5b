/* link: the delay before the next try stays within its bounds for every number of failures. */
#include "redis/link_parts.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void delay_bound_doubles_up_to_ten_seconds(void **state)
{
    (void)state;
    static const struct {
        unsigned failures;
        int64_t bound_ms;
    } cases[] = {
        {0, 100},   {1, 200},    {2, 400},    {6, 6400},
        {7, 10000}, {10, 10000}, {11, 10000}, {UINT_MAX, 10000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bound = (uint64_t)cases[i].bound_ms;
        assert_int_equal(link_delay_ms(cases[i].failures, 0), 0);
        assert_int_equal(link_delay_ms(cases[i].failures, bound), bound);
        assert_int_equal(link_delay_ms(cases[i].failures, bound + 1), 0);
        assert_in_range(link_delay_ms(cases[i].failures, UINT64_MAX), 0, bound);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_bound_doubles_up_to_ten_seconds),
    };
    return cmocka_run_group_tests_name("link delay", tests, NULL, NULL);
}
