/*
 * suspect: jobs that were running when a process died. One of them may have killed it, so each runs
 * alone until it proves good: should it kill again, nobody else is blamed for it.
 *
 *   waits   what runs goes on, nothing else is begun. After SUSPECT_WAIT_MS it begins all the same:
 *           a job of hours must not hold up everything
 *   alone   for SUSPECT_ALONE_MS; whoever lives for so long has proved good enough
 *
 * Meanwhile nothing is taken, either: others of the fleet are free to do it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "consumer/worker.h"

enum {
    SUSPECT_WAIT_MS = 5000,
    SUSPECT_ALONE_MS = 5000,
};

bool suspect_is(const struct job *job)
{
    return job->record.crashes > 0;
}

bool suspect_holds_up(const struct worker *worker)
{
    return worker->alone != NULL || worker->suspects.head != NULL;
}

void suspect_finished(struct worker *worker, const struct job *job)
{
    if (worker->alone != job)
        return;
    worker->alone = NULL;
    worker->suspect_ms = 0;
}

static void suspect_drop_lost(struct worker *worker)
{
    while (worker->suspects.head != NULL && worker->suspects.head->state == JOB_STATE_LOST)
        job_advance(joblist_pop(&worker->suspects), JOB_EV_FINISH);
}

static void suspect_begin(struct worker *worker, int64_t now_ms)
{
    struct job *job = joblist_pop(&worker->suspects); /* first: a job in the pool is not ours */

    if (!limit_has_room(job_queue(job))) {
        limit_wait(job); /* meanwhile others may begin */
        return;
    }
    if (!pool_push(worker->pool, job)) {
        joblist_push_front(&worker->suspects, job); /* until something finishes */
        return;
    }
    LOG_JOB(job, LOG_INFO, "suspect", LOG_I("crashes", job->record.crashes),
            LOG_I("beside", worker->pool_jobs), LOG_S("why", "it was running when a worker died"));
    worker->pool_jobs++;
    job_queue(job)->pool_jobs++;
    worker->alone = job;
    worker->suspect_ms = now_ms + SUSPECT_ALONE_MS;
    pool_kick(worker->pool);
}

void suspect_turn(struct worker *worker, int64_t now_ms)
{
    if (worker->alone != NULL && now_ms < worker->suspect_ms)
        return;
    if (worker->alone != NULL)
        suspect_finished(worker, worker->alone); /* or as good as that */
    suspect_drop_lost(worker);
    if (worker->suspects.head == NULL) {
        worker->suspect_ms = 0;
        return;
    }
    if (worker->suspect_ms == 0)
        worker->suspect_ms = now_ms + SUSPECT_WAIT_MS;
    if (worker->pool_jobs == 0 || now_ms >= worker->suspect_ms)
        suspect_begin(worker, now_ms);
}
