#include "admin/dlq_sweep.h"

#include <stdio.h>

#include "admin/dlq_walk.h"
#include "admin/hash.h"
#include "admin/progress.h"
#include "base/clock.h"

struct run {
    struct dlq_sweep *sweep;
    struct dlq_walk walk;
    struct dlq_batch batch;
    struct hash_set sent;       /* ids of what was retried */
    struct hash_set unreadable; /* ids of what was reported, for the next pass */
    struct progress progress;
    int64_t now_wall_ms;
};

/* Also with what is in the batch: then no more is added. */
static bool is_enough(const struct run *run)
{
    uint64_t limit = run->sweep->limit;
    return limit > 0 && run->sweep->moved + run->batch.count >= limit;
}

static bool remember(struct hash_set *set, const struct dead_job *job)
{
    if (hash_set_add(set, hash_of(job->id)) != HASH_NO_MEMORY)
        return true;
    return command_fault(false, "no memory to remember what was done");
}

static bool report_unreadable(struct run *run, const struct dead_job *job)
{
    if (hash_set_has(&run->unreadable, hash_of(job->id)))
        return true;
    run->sweep->unreadable++;
    run->sweep->on_job(job, run->sweep->arg);
    return remember(&run->unreadable, job);
}

static bool is_meant(const struct run *run, const struct dead_job *job)
{
    const struct dlq_sweep *sweep = run->sweep;
    if (sweep->failed_until_wall_ms > 0 &&
        job->record.failed_at_wall_ms > sweep->failed_until_wall_ms)
        return false;
    return dlq_select_takes(sweep->select, job, run->now_wall_ms) &&
           !hash_set_has(&run->sent, hash_of(job->id));
}

/* Puts the i-th element of this read into the batch, if it is meant. */
static bool consider(struct run *run, size_t i)
{
    struct dlq_sweep *sweep = run->sweep;
    struct dead_job job;

    dead_job_read(&job, dlq_walk_at(&run->walk, i));
    if (!is_meant(run, &job))
        return true;
    if (sweep->fate == DLQ_FATE_RETRY && !job.readable)
        return report_unreadable(run, &job);
    if (!sweep->look_only)
        return dlq_batch_add(&run->batch, &run->walk, i) || report_unreadable(run, &job);
    sweep->moved++;
    sweep->on_job(&job, sweep->arg);
    return remember(&run->sent, &job); /* where others disturb us it is met again */
}

/* Counts what has left the list, and remembers what may come back. */
static bool account(struct run *run)
{
    for (size_t i = 0; i < run->walk.count; i++) {
        struct dead_job job;
        if (!dlq_walk_is_gone(&run->walk, i))
            continue;
        dead_job_read(&job, dlq_walk_at(&run->walk, i));
        run->sweep->moved++;
        run->sweep->on_job(&job, run->sweep->arg);
        if (run->sweep->fate == DLQ_FATE_RETRY && !remember(&run->sent, &job))
            return false;
    }
    return true;
}

/* As much of this read as may move now; the rest of it is read again. */
static bool consider_some(struct run *run)
{
    const struct dlq_sweep_task *task = run->sweep->task;
    size_t allowed = run->walk.count;

    if (task != NULL && task->allowance != NULL && !run->sweep->look_only)
        allowed = task->allowance(run->sweep->arg);
    run->sweep->stopped = allowed == 0;
    if (run->sweep->stopped)
        dlq_walk_cut(&run->walk, 0);
    for (size_t i = 0; i < run->walk.count && !is_enough(run); i++) {
        if (!consider(run, i))
            return false;
        if (run->batch.count >= allowed)
            dlq_walk_cut(&run->walk, i + 1);
    }
    return true;
}

static bool may_go_on(struct run *run)
{
    const struct dlq_sweep_task *task = run->sweep->task;
    size_t looked = dlq_walk_visited(&run->walk);

    if (task == NULL)
        progress_show(&run->progress, looked, run->sweep->moved);
    else if (!task->on_step(looked, run->walk.total, run->sweep->arg))
        run->sweep->stopped = true;
    return !run->sweep->stopped && !is_enough(run);
}

static enum dlq_step sweep_pass(struct run *run)
{
    enum dlq_step step;
    while ((step = dlq_walk_next(&run->walk)) == DLQ_STEP_SOME) {
        bool good = consider_some(run);
        good = good && dlq_batch_send(&run->batch, &run->walk);
        run->sweep->lost = run->batch.over;
        if (!account(run) || !good)
            return DLQ_STEP_FAILED;
        if (!may_go_on(run))
            return DLQ_STEP_END;
    }
    return step;
}

static bool sweep_all(struct run *run)
{
    for (int pass = 0; pass < SWEEP_PASSES_MAX; pass++) {
        if (sweep_pass(run) == DLQ_STEP_FAILED)
            return false;
        if (!run->walk.disturbed || is_enough(run) || run->sweep->look_only || run->sweep->stopped)
            return true;
        dlq_walk_again(&run->walk);
    }
    command_fault(COMMAND_OK, "others change this queue all the time; run it again to be sure");
    return true;
}

static void hold_task(struct run *run)
{
    const struct dlq_sweep_task *task = run->sweep->task;

    run->batch.task = task->key;
    run->batch.canary = task->canary;
    snprintf(run->batch.mark, sizeof(run->batch.mark), "%s", task->owner);
}

bool dlq_sweep_run(struct dlq_sweep *sweep)
{
    struct run run = {.sweep = sweep, .now_wall_ms = sweep->now_wall_ms};

    sweep->moved = sweep->unreadable = 0;
    sweep->stopped = sweep->lost = false;
    if (run.now_wall_ms == 0)
        run.now_wall_ms = clock_wall_ms();
    if (!dlq_walk_start(&run.walk, sweep->session->client, &sweep->session->keys, DLQ_OLDEST_FIRST))
        return false;
    dlq_batch_init(&run.batch, sweep->fate, run.walk.pace.rtt_us);
    if (sweep->task != NULL)
        hold_task(&run);
    progress_init(&run.progress, run.walk.total);
    bool whole = sweep_all(&run);
    progress_fini(&run.progress);
    dlq_walk_end(&run.walk);
    dlq_batch_fini(&run.batch);
    hash_set_free(&run.sent);
    hash_set_free(&run.unreadable);
    return whole;
}
