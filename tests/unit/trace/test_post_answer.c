/* post_answer: when to try again. */
#include "trace/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void retry_after_is_seconds_or_a_date(void **state)
{
    (void)state;
    static const int64_t now_ms = 784111777000; /* Sun, 06 Nov 1994 08:49:37 GMT */
    static const struct {
        const char *value;
        int64_t ms;
    } rows[] = {
        {"0", 0},
        {"7", 7000},
        {"99999999999999999", 1000000000},
        {"Sun, 06 Nov 1994 08:49:47 GMT", 10000},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:27 GMT", 0}, /* it is over already */
        {"soon", -1},
        {"", -1},
        {"-1", -1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (post_retry_after_ms(rows[i].value, now_ms) != rows[i].ms)
            fail_msg("\"%s\" is %lld ms", rows[i].value,
                     (long long)post_retry_after_ms(rows[i].value, now_ms));
    }
}

static void waits_double_up_to_a_bound_and_are_spread(void **state)
{
    (void)state;
    static const struct {
        uint32_t tries;
        int64_t min_ms, max_ms;
    } rows[] = {{0, 500, 1000},   {1, 1000, 2000},   {2, 2000, 4000},
                {4, 8000, 16000}, {5, 15000, 30000}, {1000, 15000, 30000}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(post_delay_ms(rows[i].tries, -1, 0), rows[i].min_ms);
        for (uint64_t random = 0; random < 40000; random += 37) {
            int64_t delay_ms = post_delay_ms(rows[i].tries, -1, random);
            assert_in_range(delay_ms, rows[i].min_ms, rows[i].max_ms);
        }
        assert_in_range(post_delay_ms(rows[i].tries, -1, UINT64_MAX), rows[i].min_ms,
                        rows[i].max_ms);
    }
}

static void a_collector_may_ask_for_more_time_within_reason(void **state)
{
    (void)state;
    assert_int_equal(post_delay_ms(0, 0, 0), 500);
    assert_int_equal(post_delay_ms(0, 7000, 0), 7000);
    assert_int_equal(post_delay_ms(0, 1000000000, 0), 120000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(waits_double_up_to_a_bound_and_are_spread),
        cmocka_unit_test(a_collector_may_ask_for_more_time_within_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
