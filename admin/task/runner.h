/*
 * runner: one run of a task, for the files that do it: task_run.c the phases, task_canary.c the
 * canaries.
 */
#ifndef ADMIN_TASK_RUNNER_H
#define ADMIN_TASK_RUNNER_H

#include "admin/dlq_sweep.h"
#include "admin/task/gate.h"
#include "admin/task/task_run.h"

enum { RUNNER_REPORT_MS = 500, RUNNER_PAUSE_MS = 20 };

struct runner {
    struct session *session;
    struct task *task;
    const struct task_hooks *hooks;
    char key[KEY_MAX];
    struct dlq_sweep_task hold;
    struct dlq_sweep sweep; /* the pass that goes on now */
    struct gate gate;
    int64_t moved_before, skipped_before; /* in passes before this one */
    uint64_t let_through;                 /* of this pass, by the gate */
    int64_t next_report_ms;               /* monotonic */
    bool stopped, lost, broken;
    json_t *claims; /* of the canaries in the pass that goes on */
};

enum runner_next { RUNNER_GO_ON = 1, RUNNER_END };

/* One pass over the DLQ: all that the plan means, or of those only `ids`. False: it ended, as
 * runner's flags say. */
bool runner_pass(struct runner *runner, bool look_only, const struct dlq_select *select,
                 uint64_t limit) MUST_CHECK;

/* Is due from time to time; false: the run is over. */
bool runner_turn(struct runner *runner) MUST_CHECK;
/* Writes down how far it is, with what else changes; NULL: nothing. */
bool runner_report(struct runner *runner, const char *field, const char *text) MUST_CHECK;

/* Picks, sends and awaits them. END: task->state is set, or the flags say why. */
enum runner_next runner_canary(struct runner *runner) MUST_CHECK;

#endif
