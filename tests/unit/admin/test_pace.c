/* pace: calls become shorter when Redis was held too long, longer when there is room. */
#include "admin/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FAST_US = 100, SLOW_US = PACE_HELD_US_MAX + 1, SMALL = 100 };

static void quick_calls_double_up_to_the_limit_of_the_scripts(void **state)
{
    (void)state;
    struct pace pace = pace_start(0);
    assert_int_equal(pace.items, PACE_ITEMS_START);
    pace_note(&pace, FAST_US, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, 2 * PACE_ITEMS_START);
    for (int i = 0; i < 10; i++)
        pace_note(&pace, FAST_US, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, PACE_ITEMS_MAX);
}

static void slow_calls_halve_down_to_one(void **state)
{
    (void)state;
    struct pace pace = pace_start(0);
    pace_note(&pace, SLOW_US, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, PACE_ITEMS_START / 2);
    for (int i = 0; i < 10; i++)
        pace_note(&pace, SLOW_US, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, 1);
}

static void calls_between_half_and_full_time_change_nothing(void **state)
{
    (void)state;
    struct pace pace = pace_start(0);
    pace_note(&pace, PACE_HELD_US_MAX / 2, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, PACE_ITEMS_START);
    pace_note(&pace, PACE_HELD_US_MAX, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, PACE_ITEMS_START);
}

static void a_far_away_server_is_not_a_slow_one(void **state)
{
    (void)state;
    const int64_t rtt_us = 80000;
    struct pace pace = pace_start(rtt_us);
    pace_note(&pace, rtt_us + FAST_US, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, 2 * PACE_ITEMS_START);
    pace_note(&pace, rtt_us + SLOW_US, pace.items, pace.items * SMALL);
    assert_int_equal(pace.items, PACE_ITEMS_START);
}

static void large_items_come_one_by_one(void **state)
{
    (void)state;
    struct pace pace = pace_start(0);
    pace_note(&pace, FAST_US, 4, 4u * PACE_CALL_BYTES_MAX);
    assert_int_equal(pace.items, 1);
    pace = pace_start(0);
    pace_note(&pace, FAST_US, pace.items, pace.items * (PACE_CALL_BYTES_MAX / 10));
    assert_in_range(pace.items, 9, 10);
}

static void the_rest_of_a_list_teaches_nothing_about_room(void **state)
{
    (void)state;
    struct pace pace = pace_start(0);
    pace_note(&pace, FAST_US, 1, SMALL);
    assert_int_equal(pace.items, PACE_ITEMS_START);
    pace_note(&pace, SLOW_US, 0, 0);
    assert_int_equal(pace.items, PACE_ITEMS_START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_calls_double_up_to_the_limit_of_the_scripts),
        cmocka_unit_test(slow_calls_halve_down_to_one),
        cmocka_unit_test(calls_between_half_and_full_time_change_nothing),
        cmocka_unit_test(a_far_away_server_is_not_a_slow_one),
        cmocka_unit_test(large_items_come_one_by_one),
        cmocka_unit_test(the_rest_of_a_list_teaches_nothing_about_room),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
