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

/* What a bulk task (admin/task) wants of a sweep. */
struct dlq_sweep_task {
    struct slice key;    /* counts what moves */
    const char *owner;   /* who runs it: a word of at most 32 bytes that no element equals */
    struct slice canary; /* its id, if it wants to hear how those end that move now; or ptr NULL */

    /* How many may move now, at least 1; may wait for that. 0: stop. */
    size_t (*allowance)(void *arg);
    /* After each read, `looked` of `length` elements were passed. False: stop. */
    bool (*on_step)(size_t looked, size_t length, void *arg);
};

struct dlq_sweep {
    struct session *session;
    const struct dlq_select *select;
    enum dlq_fate fate;
    uint64_t limit;                    /* 0: all */
    bool look_only;                    /* count and show, change nothing */
    int64_t now_wall_ms;               /* ages are as of this; 0: of now */
    int64_t failed_until_wall_ms;      /* what failed later is not meant; 0: all is */
    const struct dlq_sweep_task *task; /* NULL: none; then a bar is drawn at a terminal */

    /* Called for each job that was moved by us, would be, or is meant but unreadable. */
    void (*on_job)(const struct dead_job *job, void *arg);
    void *arg;

    uint64_t moved;      /* by us; look_only: would be */
    uint64_t unreadable; /* meant, but cannot be retried */
    bool stopped; /* on_step() or allowance() said so; a sweep that was stopped is no failure */
    bool lost;    /* it failed because its task is run by another now, or was cancelled */
};

/* False: printed why; the counts say how far it came. */
bool dlq_sweep_run(struct dlq_sweep *sweep) MUST_CHECK;

#endif
