/*
 * turn: what the worker decides. Callbacks only record; then one turn follows, which walks the way
 * of a job backwards, so that places are free before new jobs come: settle, claim, hand over, take.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "consumer/worker.h"
#include "handler/registry.h"

static void turn_log_result(const struct job *job)
{
    LOG_JOB(job, LOG_DEBUG, "ran", LOG_S("outcome", job_outcome_name(job->result.outcome)),
            LOG_I("attempt", job->record.attempt + 1),
            LOG_I("took_ms", job->finished_ms - job->started_ms), LOG_S("err", job->result.error));
}

/* Back from the pool: a verdict to settle; nothing, if the job is not ours any more. */
static void turn_collect(struct worker *worker)
{
    for (struct job *job = pool_collect(worker->pool), *next; job != NULL; job = next) {
        next = job->next;
        FAULT_POINT(after_run);
        job_queue(job)->finished++;
        worker->held_bytes += job->result.len; /* until it is settled */
        worker->pool_jobs--;
        job_queue(job)->pool_jobs--;
        suspect_finished(worker, job);
        if (job->state == JOB_STATE_LOST)
            job_advance(job, JOB_EV_FINISH);
        else if (job->started_ms == 0)
            settle_later(job, job_is_cancelled(job) ? JOB_END_CANCELLED : JOB_END_RELEASED,
                         JOB_EV_FINISH); /* stopped before it began */
        else {
            turn_log_result(job);
            measure_ran(job);
            settle_later(job, JOB_END_RESULT, JOB_EV_FINISH);
        }
    }
}

static void turn_dispatch(struct worker *worker, int64_t now_ms)
{
    bool pushed = false;

    limit_turn(worker);
    suspect_turn(worker, now_ms);
    if (suspect_holds_up(worker))
        return;
    for (struct job *job; (job = joblist_pop(&worker->dispatch)) != NULL; pushed = true) {
        if (job->state == JOB_STATE_LOST) {
            job_advance(job, JOB_EV_FINISH);
        } else if (!limit_has_room(job_queue(job))) {
            limit_wait(job);
        } else if (!pool_push(worker->pool, job)) {
            joblist_push_front(&worker->dispatch, job); /* until something finishes */
            break;
        } else {
            worker->pool_jobs++;
            job_queue(job)->pool_jobs++;
        }
    }
    if (pushed)
        pool_kick(worker->pool);
}

static int64_t sooner(int64_t at_ms, int64_t other_ms, bool counts)
{
    return counts && other_ms < at_ms ? other_ms : at_ms;
}

/* When time alone will bring something to do. */
static int64_t turn_next_ms(const struct worker *worker, int64_t now_ms)
{
    int64_t at_ms = now_ms + 1000;
    for (size_t i = 0; i < worker->queue_count; i++) {
        const struct queue *queue = worker->queues[i];
        bool unsettled = queue->done.head != NULL || queue->duplicate.head != NULL ||
                         queue->other.head != NULL || queue->stopped.head != NULL ||
                         queue->taken.head != NULL;
        at_ms = sooner(at_ms, queue->beat_due_ms, queue->beat_due_ms > now_ms);
        at_ms = sooner(at_ms, queue->not_before_ms, queue->hungry && queue->not_before_ms > now_ms);
        at_ms = sooner(at_ms, queue->look_ms, !idle_is_up(queue->idle) && queue->look_ms > now_ms);
        at_ms = sooner(at_ms, queue->due_ms, queue->due_ms > now_ms);
        at_ms = sooner(at_ms, queue->resync_ms, queue->resync_ms > now_ms);
        at_ms = sooner(at_ms, queue->settle_not_before_ms,
                       unsettled && queue->settle_not_before_ms > now_ms);
    }
    at_ms = sooner(at_ms, control_next_ms(worker), control_next_ms(worker) > now_ms);
    at_ms = sooner(at_ms, worker->suspect_ms, worker->suspect_ms > now_ms);
    int64_t answer_ms = worker->stop_ms - DRAIN_ANSWER_MS;
    at_ms = sooner(at_ms, answer_ms, worker->stop == STOP_GIVE_BACK && answer_ms > now_ms);
    return sooner(at_ms, worker->stop_ms, worker->stop != STOP_NO && worker->stop_ms > now_ms);
}

static void turn_arm_timer(struct worker *worker, int64_t now_ms)
{
    int64_t wait_ms = turn_next_ms(worker, now_ms) - now_ms;
    struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
    CHECK(evtimer_add(worker->timer, &wait) == 0);
}

/* Each in its turn. Not the next one each time: how many turns a job takes would choose. */
static void turn_take(struct worker *worker, int64_t now_ms)
{
    size_t first = worker->first_queue;

    take_survey(worker, now_ms);
    for (size_t i = 0; i < worker->queue_count; i++) {
        size_t which = (first + i) % worker->queue_count;
        if (take_turn(worker->queues[which], now_ms))
            worker->first_queue = which + 1;
    }
}

/* A turn comes at least once a second. */
static void turn_tick(struct worker *worker, int64_t now_ms)
{
    if (now_ms < worker->tick_ms)
        return;
    worker->tick_ms = now_ms + 1000;
    registry_tick(now_ms);
    log_tick();
    overdue_turn(worker);
    memory_turn(worker);
    measure_tick(worker);
    for (size_t i = 0; i < worker->queue_count; i++)
        progress_tell(worker->queues[i], now_ms);
}

void consumer_turn(struct worker *worker)
{
    int64_t now_ms = clock_mono_ms();

    meter_set(&worker->box->meters.turn_ms, now_ms);
    if (!worker->gathering || worker->stop != STOP_NO)
        turn_collect(worker);
    drain_turn(worker, now_ms);
    for (size_t i = 0; i < worker->queue_count; i++) {
        struct queue *queue = worker->queues[i];
        lease_turn(queue, now_ms);
        if (queue->resync_ms != 0 && now_ms >= queue->resync_ms)
            resync_start(queue);
        settle_turn(queue, now_ms);
        claim_turn(queue, now_ms);
    }
    turn_dispatch(worker, now_ms);
    turn_take(worker, now_ms);
    reload_sweep(worker);
    turn_tick(worker, now_ms);
    control_turn(worker, now_ms);
    turn_arm_timer(worker, now_ms);
    gather_rest(worker);
}
