/*
 * sweep_supervised: the same under a supervisor, which starts another worker that recovers at once.
 */
#include "tests/support/sweep.h"
#include "tests/support/test.h"

static void a_supervised_worker_killed_at_every_point(void **state)
{
    (void)state;
    sweep_points(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_supervised_worker_killed_at_every_point),
    };
    return cmocka_run_group_tests_name("sweep_supervised", tests, NULL, NULL);
}
