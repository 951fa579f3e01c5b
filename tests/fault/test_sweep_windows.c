/*
 * sweep_windows: the places of the sweep at which fingerprints matter, with `idempotency.store:
 * windows`.
 */
#include "tests/support/sweep.h"
#include "tests/support/test.h"

#define CASE(flow_, point_, nth_, deaths_)                                                         \
    {                                                                                              \
        .flow = (flow_), .point = (point_), .nth = (nth_), .windows = true, .deaths = (deaths_)    \
    }

static void killed_around_each_claim_and_each_move(void **state)
{
    static const struct sweep_case cases[] = {
        CASE(SWEEP_WORK, "before_claim", 1, 1), CASE(SWEEP_WORK, "before_claim", 1, 2),
        CASE(SWEEP_WORK, "after_claim", 1, 1),  CASE(SWEEP_WORK, "after_claim", 1, 2),
        CASE(SWEEP_WORK, "after_claim", 2, 1),  CASE(SWEEP_WORK, "before_run", 2, 1),
        CASE(SWEEP_WORK, "before_shift", 1, 1), CASE(SWEEP_WORK, "before_shift", 2, 1),
        CASE(SWEEP_WORK, "sent_shift", 1, 1),   CASE(SWEEP_WORK, "sent_shift", 2, 1),
        CASE(SWEEP_WORK, "after_shift", 1, 2),  CASE(SWEEP_WORK, "after_shift", 2, 1),
        CASE(SWEEP_FULL, "after_claim", 1, 1),  CASE(SWEEP_FULL, "sent_shift", 1, 1),
    };
    (void)state;
    sweep_run(cases, ARRAY_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_around_each_claim_and_each_move),
    };
    return cmocka_run_group_tests_name("sweep_windows", tests, NULL, NULL);
}
