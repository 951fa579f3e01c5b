#include "admin/dlq_sweep.h"

#include "admin/dlq_walk.h"
#include "admin/hash.h"
#include "admin/progress.h"
#include "base/clock.h"

struct run {
    struct dlq_sweep *sweep;
    struct dlq_walk walk;
    struct dlq_batch batch;
    struct hash_set sent; /* ids of what was retried */
    struct progress progress;
    int64_t now_wall_ms; /* when the sweep began */
    bool no_memory;
};

static bool is_enough(const struct dlq_sweep *sweep)
{
    return sweep->limit > 0 && sweep->meant - sweep->unreadable >= sweep->limit;
}

/* Did this sweep send it back before? */
static bool is_back(struct run *run, const struct dead_job *job)
{
    if (run->sweep->fate != DLQ_FATE_RETRY || !job->readable)
        return false;
    enum hash_added added = hash_set_add(&run->sent, hash_of(job->id));
    run->no_memory |= added == HASH_NO_MEMORY;
    return added != HASH_NEW;
}

static void sweep_job(struct run *run, size_t i)
{
    struct dlq_sweep *sweep = run->sweep;
    struct dead_job job;

    dead_job_read(&job, dlq_walk_at(&run->walk, i));
    if (!dlq_select_takes(sweep->select, &job, run->now_wall_ms) || is_back(run, &job))
        return;
    sweep->meant++;
    if (sweep->on_job != NULL)
        sweep->on_job(&job, sweep->arg);
    if (!job.readable && sweep->fate == DLQ_FATE_RETRY)
        sweep->unreadable++;
    else if (!sweep->look_only && !dlq_batch_add(&run->batch, job.bytes))
        sweep->unreadable++;
    else if (!sweep->look_only)
        dlq_walk_gone(&run->walk, i);
}

static bool send_batch(struct run *run)
{
    struct dlq_sweep *sweep = run->sweep;
    if (run->no_memory)
        return command_fault(false, "no memory to remember what was retried");
    int64_t moved = dlq_batch_send(&run->batch, sweep->session->client, &sweep->session->keys,
                                   dlq_walk_side(&run->walk), &run->walk.pace);
    if (moved < 0)
        return false;
    sweep->moved += (uint64_t)moved;
    progress_show(&run->progress, dlq_walk_visited(&run->walk),
                  sweep->look_only ? sweep->meant : sweep->moved);
    return true;
}

static enum dlq_step sweep_pass(struct run *run)
{
    enum dlq_step step;
    while ((step = dlq_walk_next(&run->walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < run->walk.count && !is_enough(run->sweep); i++)
            sweep_job(run, i);
        if (!send_batch(run))
            return DLQ_STEP_FAILED;
        if (is_enough(run->sweep))
            return DLQ_STEP_END;
    }
    return step;
}

static bool sweep_all(struct run *run)
{
    for (int pass = 0; pass < SWEEP_PASSES_MAX; pass++) {
        if (sweep_pass(run) == DLQ_STEP_FAILED)
            return false;
        if (!run->walk.disturbed || is_enough(run->sweep) || run->sweep->look_only)
            return true;
        dlq_walk_again(&run->walk);
    }
    command_fault(COMMAND_OK,
                  "others are changing this queue all the time; run it again to be sure");
    return true;
}

bool dlq_sweep_run(struct dlq_sweep *sweep)
{
    struct run run = {
        .sweep = sweep,
        .batch = {.fate = sweep->fate},
        .now_wall_ms = clock_wall_ms(),
    };
    sweep->meant = sweep->moved = sweep->unreadable = 0;
    if (!dlq_walk_start(&run.walk, sweep->session->client, &sweep->session->keys, DLQ_OLDEST_FIRST))
        return false;
    progress_init(&run.progress, run.walk.total);
    bool whole = sweep_all(&run);
    progress_fini(&run.progress);
    dlq_walk_end(&run.walk);
    dlq_batch_free(&run.batch);
    hash_set_free(&run.sent);
    return whole;
}
