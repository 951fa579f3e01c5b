/* clock and random: what the kernel is asked for is passed on in the right units. */
#include "base/clock.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "base/random.h"

static void units_agree_and_time_does_not_go_back(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t before_ns = clock_mono_ns(), now_ms = clock_mono_ms(), after_ns = clock_mono_ns();
        assert_true(before_ns <= after_ns);
        assert_in_range(now_ms, before_ns / 1000000, after_ns / 1000000);
    }
}

static void wall_time_is_that_of_the_system(void **state)
{
    (void)state;
    time_t before = time(NULL);
    int64_t now_ms = clock_wall_ms();
    time_t after = time(NULL);

    assert_in_range(now_ms / 1000, before - 1, after + 1); /* time(2) reads a coarser clock */
}

static void the_time_left_is_clamped_to_what_poll_takes(void **state)
{
    (void)state;
    int64_t now_ms = clock_mono_ms();
    assert_int_equal(clock_left_ms(INT64_MIN), 0);
    assert_int_equal(clock_left_ms(now_ms), 0);
    assert_int_equal(clock_left_ms(INT64_MAX), INT_MAX);
    assert_int_equal(clock_left_ms(now_ms + INT_MAX + 3600000LL), INT_MAX);
    int left_ms = clock_left_ms(now_ms + 3600000);
    assert_in_range(left_ms, 3600000 - (clock_mono_ms() - now_ms), 3600000);
}

static void every_bit_of_a_random_number_varies(void **state)
{
    (void)state;
    uint64_t ever_set = 0, ever_clear = 0;

    for (int i = 0; i < 200; i++) { /* a fair bit is the same 200 times once in 2^199 */
        uint64_t bits = random_u64();
        ever_set |= bits;
        ever_clear |= ~bits;
    }
    assert_true(ever_set == UINT64_MAX && ever_clear == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_agree_and_time_does_not_go_back),
        cmocka_unit_test(wall_time_is_that_of_the_system),
        cmocka_unit_test(the_time_left_is_clamped_to_what_poll_takes),
        cmocka_unit_test(every_bit_of_a_random_number_varies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
