/*
 * cancel: jobs that an operator wants no more. One that runs is stopped as by a timeout; one that
 * waits in this process does not begin; one that comes within CONTROL_CANCEL_OLD_MS does not,
 * either. Each goes to the DLQ with reason `cancelled`, where the same script takes the order away.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "consumer/worker.h"

bool job_is_cancelled(const struct job *job)
{
    return atomic_load_explicit(&job->stop, memory_order_relaxed) == JOB_STOP_CANCELLED;
}

/* --- which ----------------------------------------------------------------------------------- */

static int by_claim(const void *a, const void *b)
{
    return strcmp(((const struct cancel *)a)->claim, ((const struct cancel *)b)->claim);
}

static int by_id(const void *id, const void *cancel)
{
    return strcmp(id, ((const struct cancel *)cancel)->claim);
}

static bool cancel_copy(struct cancel *cancel, const struct reply *reply, size_t i)
{
    struct slice claim = reply_text(reply_at(reply, i));

    if (claim.len == 0 || claim.len >= sizeof cancel->claim)
        return false; /* no job of ours has such an id */
    memcpy(cancel->claim, claim.ptr, claim.len);
    cancel->claim[claim.len] = 0;
    cancel->ordered_wall_ms = reply_int(reply_at(reply, i + 1));
    return true;
}

void cancel_read(struct queue *queue, const struct reply *reply, size_t i)
{
    struct orders *orders = &queue->orders;
    size_t room = reply_count(reply) > i ? (reply_count(reply) - i) / 2 : 0;

    free(orders->cancels);
    orders->cancel_count = 0;
    orders->cancels = room > 0 ? calloc(room, sizeof *orders->cancels) : NULL;
    for (; orders->cancels != NULL && i + 1 < reply_count(reply); i += 2)
        orders->cancel_count +=
            cancel_copy(&orders->cancels[orders->cancel_count], reply, i) ? 1 : 0;
    if (orders->cancel_count > 0)
        qsort(orders->cancels, orders->cancel_count, sizeof *orders->cancels, by_claim);
}

static bool cancel_wants(const struct queue *queue, const struct job *job)
{
    const struct orders *orders = &queue->orders;

    if (orders->cancel_count == 0)
        return false;
    const struct cancel *found =
        bsearch(job->claim, orders->cancels, orders->cancel_count, sizeof *orders->cancels, by_id);
    return found != NULL &&
           worker_redis_now_ms(queue->worker) - found->ordered_wall_ms < CONTROL_CANCEL_OLD_MS;
}

/* One that somebody has sent back from the DLQ since took the order along as it went there, and we
 * may not have heard of that: it begins, and is stopped if the order is there all the same. */
bool cancel_meets(struct queue *queue, const struct job *job)
{
    if (!cancel_wants(queue, job))
        return false;
    if (!job->record.force)
        return true;
    queue->orders.version = CONTROL_UNKNOWN;
    queue->worker->control_ms = 0;
    return false;
}

/* --- out of their lists ---------------------------------------------------------------------- */

/* Those that were asked to stop leave the list. Returns how many. */
static uint32_t cancel_from(struct joblist *list)
{
    struct joblist was = *list;
    uint32_t count = 0;

    *list = (struct joblist){0};
    for (struct job *job; (job = joblist_pop(&was)) != NULL;) {
        if (job->state == JOB_STATE_LOST || !job_is_cancelled(job)) {
            joblist_push(list, job);
            continue;
        }
        settle_later(job, JOB_END_CANCELLED, JOB_EV_DECIDE);
        count++;
    }
    return count;
}

void cancel_turn(struct queue *queue)
{
    struct worker *worker = queue->worker;
    bool some = false;
    size_t position = 0;

    if (queue->orders.cancel_count == 0)
        return;
    for (struct job *job; (job = job_table_each(queue, &position)) != NULL;) {
        bool early = job->state == JOB_STATE_TAKEN || job->state == JOB_STATE_CLAIMING ||
                     job->state == JOB_STATE_WORKING;
        if (!early || job_is_cancelled(job) || !cancel_wants(queue, job))
            continue;
        LOG_JOB(job, LOG_WARN, "cancel", LOG_S("state", lifecycle_state_name(job->state)));
        pool_stop_job(worker->pool, job, JOB_STOP_CANCELLED);
        job->cancelled_ms = job->state == JOB_STATE_WORKING ? clock_mono_ms() : 0;
        some = true;
    }
    if (!some)
        return;
    cancel_from(&queue->taken);
    worker->limited -= cancel_from(&queue->limited);
    cancel_from(&worker->dispatch);
    cancel_from(&worker->suspects);
    worker_wake(worker);
}
