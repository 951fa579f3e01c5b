#include "tests/support/sweep.h"

#include "base/fault.h"
#include "tests/support/test.h"

enum { CASES_MAX = 256 };

struct row {
    enum sweep_flow flow; /* in which it is reached */
    unsigned nth_max;     /* and at least so often */
};

static const struct row rows[FAULT_POINT_COUNT] = {
    [FAULT_before_join] = {SWEEP_WORK, 1},       [FAULT_sent_join] = {SWEEP_WORK, 1},
    [FAULT_after_join] = {SWEEP_WORK, 1},        [FAULT_before_take] = {SWEEP_WORK, 2},
    [FAULT_sent_take] = {SWEEP_WORK, 2},         [FAULT_after_take] = {SWEEP_WORK, 2},
    [FAULT_before_claim] = {SWEEP_WORK, 1},      [FAULT_sent_call] = {SWEEP_WORK, 8},
    [FAULT_sent_claim] = {SWEEP_FULL, 1},        [FAULT_after_claim] = {SWEEP_WORK, 2},
    [FAULT_before_run] = {SWEEP_WORK, 3},        [FAULT_end_of_run] = {SWEEP_WORK, 3},
    [FAULT_after_run] = {SWEEP_WORK, 3},         [FAULT_before_settle] = {SWEEP_WORK, 1},
    [FAULT_sent_settle] = {SWEEP_WORK, 1},       [FAULT_after_settle] = {SWEEP_WORK, 1},
    [FAULT_before_shift] = {SWEEP_WORK, 2},      [FAULT_sent_shift] = {SWEEP_WORK, 2},
    [FAULT_after_shift] = {SWEEP_WORK, 2},       [FAULT_before_beat] = {SWEEP_WORK, 2},
    [FAULT_sent_beat] = {SWEEP_WORK, 2},         [FAULT_after_beat] = {SWEEP_WORK, 2},
    [FAULT_before_declare] = {SWEEP_DEAD, 1},    [FAULT_after_declare] = {SWEEP_DEAD, 1},
    [FAULT_before_recover] = {SWEEP_DEAD, 1},    [FAULT_sent_recover] = {SWEEP_DEAD, 2},
    [FAULT_after_recover] = {SWEEP_DEAD, 1},     [FAULT_before_adopt] = {SWEEP_ADOPT, 1},
    [FAULT_after_adopt] = {SWEEP_ADOPT, 1},      [FAULT_before_leave] = {SWEEP_LEAVE, 1},
    [FAULT_sent_leave] = {SWEEP_LEAVE, 1},       [FAULT_after_leave] = {SWEEP_LEAVE, 1},
    [FAULT_before_obey] = {SWEEP_WORK, 1},       [FAULT_after_obey] = {SWEEP_WORK, 1},
    [FAULT_before_requeue] = {SWEEP_REQUEUE, 1}, [FAULT_after_requeue] = {SWEEP_REQUEUE, 1},
};

void sweep_points(bool supervised)
{
    static struct sweep_case cases[CASES_MAX];
    size_t count = 0;

    for (int point = 0; point < FAULT_POINT_COUNT; point++) {
        unsigned nth_max = supervised ? 1 : rows[point].nth_max;
        assert_true(rows[point].nth_max > 0); /* each point has a row */
        if (supervised && rows[point].flow > SWEEP_FULL)
            continue; /* who adopts, or goes, is not another one then */
        for (unsigned nth = 1; nth <= nth_max; nth++) {
            /* A second life may not come so far a second time. */
            for (unsigned deaths = 1; deaths <= (nth == 1 ? 2 : 1); deaths++) {
                CHECK(count < CASES_MAX);
                cases[count++] =
                    (struct sweep_case){.flow = rows[point].flow,
                                        .point = fault_point_name((enum fault_point)point),
                                        .nth = nth,
                                        .deaths = deaths,
                                        .supervised = supervised};
            }
        }
    }
    sweep_run(cases, count);
}
