/*
 * drain: how a worker goes.
 *
 *   DRAIN --all settled--> LEAVE --every queue left--> EXIT 0
 *     | shutdown_timeout, or a second signal            ^
 *     '--> GIVE BACK: what waits goes back in order, uncounted; what runs is stopped, and goes
 *          back with its delivery counted --> LEAVE    (exit 128 + signal after a second one)
 *
 * It ends in any case: what Redis could not be told is named, and comes back when the lease is
 * over.
 */
#include "base/clock.h"
#include "base/log.h"
#include "consumer/consumer.h"
#include "consumer/worker.h"

enum {
    DRAIN_NAMED_MAX = 100, /* jobs named in the log when they could not be given back */
};

/* A supervised worker may get the same signal twice: from its supervisor, and from a terminal or
 * service manager that tells the whole group. */
static bool drain_may_hurry(const struct worker *worker)
{
    return !worker->supervised || atomic_load(&worker->box->hurry);
}

void drain_start(struct worker *worker, int signal)
{
    int64_t now_ms = clock_mono_ms();

    worker->quiet = true;
    if (worker->stop == STOP_NO) {
        worker->stop = STOP_DRAIN;
        worker->stop_ms = now_ms + worker->config->shutdown_timeout_ms;
        LOG(LOG_INFO, "drain", LOG_I("jobs", worker->jobs),
            LOG_I("limit_ms", worker->config->shutdown_timeout_ms),
            LOG_S("do", "once more to give everything back at once"));
    } else if (worker->stop == STOP_DRAIN && drain_may_hurry(worker)) {
        worker->stop_signal = signal;
        worker->stop_ms = now_ms;
    }
    worker_wake(worker);
}

static bool drain_under_way(const struct worker *worker)
{
    for (size_t i = 0; i < worker->queue_count; i++) {
        if (worker->queues[i]->takes > 0)
            return true;
    }
    return worker->jobs > 0;
}

/* What has not begun goes back, and keeps the fingerprint that it may have: see shift.c. */
static void drain_release(struct joblist *list)
{
    joblist_newest_first(list);
    for (struct job *job; (job = joblist_pop(list)) != NULL;) {
        if (job->state == JOB_STATE_LOST)
            job_advance(job, JOB_EV_FINISH);
        else
            settle_later(job, job_is_cancelled(job) ? JOB_END_CANCELLED : JOB_END_RELEASED,
                         JOB_EV_DECIDE);
    }
}

/* Everything that has not begun: in the pool's ring, before it, and not yet claimed. */
static void drain_release_waiting(struct worker *worker)
{
    struct joblist waiting = {0};

    for (struct job *job = pool_take_back(worker->pool), *next; job != NULL; job = next) {
        next = job->next;
        worker->pool_jobs--;
        job_queue(job)->pool_jobs--;
        joblist_push(&waiting, job);
    }
    for (struct job *job; (job = joblist_pop(&worker->suspects)) != NULL;)
        joblist_push(&waiting, job);
    for (struct job *job; (job = joblist_pop(&worker->dispatch)) != NULL;)
        joblist_push(&waiting, job);
    for (size_t i = 0; i < worker->queue_count; i++) {
        struct queue *queue = worker->queues[i];
        for (struct job *job; (job = joblist_pop(&queue->limited)) != NULL; worker->limited--)
            joblist_push(&waiting, job);
        for (struct job *job; (job = joblist_pop(&queue->taken)) != NULL;)
            joblist_push(&waiting, job);
    }
    drain_release(&waiting);
}

static int64_t drain_stop_running(struct worker *worker)
{
    int64_t grace_ms = 0;
    for (size_t i = 0; i < worker->queue_count; i++) {
        size_t position = 0;
        for (struct job *job; (job = job_table_each(worker->queues[i], &position)) != NULL;) {
            const struct queue_conf *conf = job->conf;
            if (job->state != JOB_STATE_WORKING)
                continue;
            pool_stop_job(worker->pool, job, JOB_STOP_SHUTDOWN);
            grace_ms = conf->kill_grace_ms > grace_ms ? conf->kill_grace_ms : grace_ms;
        }
    }
    return grace_ms;
}

static void drain_give_back(struct worker *worker, int64_t now_ms)
{
    LOG(LOG_WARN, "give_back", LOG_I("jobs", worker->jobs));
    worker->stop = STOP_GIVE_BACK;
    drain_release_waiting(worker);
    worker->stop_ms = now_ms + drain_stop_running(worker) + DRAIN_ANSWER_MS;
}

static void drain_leave(struct worker *worker, int64_t now_ms)
{
    worker->stop = STOP_LEAVE;
    worker->stop_ms = now_ms + DRAIN_ANSWER_MS;
}

static void drain_exit(struct worker *worker, int code)
{
    worker->stop = STOP_EXIT;
    worker->exit_code = code;
    CHECK(event_base_loopbreak(worker->base) == 0);
}

static void drain_exit_with_jobs(struct worker *worker)
{
    size_t named = 0;
    for (size_t i = 0; i < worker->queue_count; i++) {
        const struct queue *queue = worker->queues[i];
        size_t position = 0;
        for (struct job *job;
             named < DRAIN_NAMED_MAX && (job = job_table_each(queue, &position)) != NULL; named++)
            LOG_JOB(job, LOG_ERROR, "not_given_back",
                    LOG_S("state", lifecycle_state_name(job->state)));
    }
    LOG(LOG_ERROR, "exit", LOG_I("jobs", worker->jobs),
        LOG_S("why", "Redis did not confirm in time that everything was settled or given back"),
        LOG_S("do", "nothing: another worker recovers what is left when the lease is over"));
    drain_exit(worker, CONSUMER_LEFT_JOBS);
}

static bool drain_everyone_left(const struct worker *worker)
{
    for (size_t i = 0; i < worker->queue_count; i++) {
        if (worker->queues[i]->phase != QUEUE_LEFT)
            return false;
    }
    return true;
}

void drain_turn(struct worker *worker, int64_t now_ms)
{
    switch (worker->stop) {
    case STOP_DRAIN:
        if (!drain_under_way(worker))
            drain_leave(worker, now_ms);
        else if (now_ms >= worker->stop_ms)
            drain_give_back(worker, now_ms);
        return;
    case STOP_GIVE_BACK:
        drain_release_waiting(worker);
        if (!drain_under_way(worker))
            drain_leave(worker, now_ms);
        else if (now_ms >= worker->stop_ms)
            drain_exit_with_jobs(worker);
        return;
    case STOP_LEAVE:
        drain_release_waiting(worker); /* what a last look found held for us */
        if (drain_everyone_left(worker))
            drain_exit(worker, worker->stop_signal != 0 ? 128 + worker->stop_signal : CONSUMER_OK);
        else if (now_ms >= worker->stop_ms)
            drain_exit_with_jobs(worker);
        return;
    case STOP_NO:
    case STOP_EXIT:
        return;
    }
}
