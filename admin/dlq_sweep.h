/*
 * dlq_sweep: through a dead-letter queue, doing one thing to all jobs that are meant.
 *
 * A job that was sent back may fail again and be dead again before the sweep is over; it is not
 * sent back twice. If others took jobs out meanwhile, what they may have hidden from us is looked
 * at once more, at most SWEEP_PASSES_MAX times.
 */
#ifndef ADMIN_DLQ_SWEEP_H
#define ADMIN_DLQ_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/dead_job.h"
#include "admin/dlq_batch.h"
#include "admin/dlq_select.h"
#include "admin/session.h"
#include "base/check.h"

enum { SWEEP_PASSES_MAX = 10 };

struct dlq_sweep {
    struct session *session;
    const struct dlq_select *select;
    enum dlq_fate fate;
    uint64_t limit; /* 0: all */
    bool look_only; /* count and show, change nothing */

    /* Called for each job that was moved by us, would be, or is meant but unreadable. */
    void (*on_job)(const struct dead_job *job, void *arg);
    void *arg;

    uint64_t moved;      /* by us; look_only: would be */
    uint64_t unreadable; /* meant, but cannot be retried */
};

/* False: printed why; the counts say how far it came. */
bool dlq_sweep_run(struct dlq_sweep *sweep) MUST_CHECK;

#endif
