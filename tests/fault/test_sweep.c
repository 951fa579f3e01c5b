/*
 * sweep: the worker is killed at each fault point (base/fault.h has the list), once and twice in a
 * row.
 */
#include "tests/support/sweep.h"
#include "tests/support/test.h"

static void killed_at_every_point_once_and_twice_in_a_row(void **state)
{
    (void)state;
    sweep_points(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_every_point_once_and_twice_in_a_row),
    };
    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
