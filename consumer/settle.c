#include "consumer/settle.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/random.h"

static struct joblist *settle_list(struct job *job)
{
    struct queue *queue = job_queue(job);
    if (job->end == JOB_END_DUPLICATE)
        return &queue->duplicate;
    if (job->end == JOB_END_RESULT && job->result.outcome == JOB_STOPPED && !job_is_cancelled(job))
        return &queue->stopped;
    if (job->end == JOB_END_RESULT && job->result.outcome == JOB_DONE)
        return &queue->done;
    return &queue->other;
}

void settle_later(struct job *job, enum job_end end, enum job_event event)
{
    job->end = end;
    job_advance(job, event);
    joblist_push(settle_list(job), job);
}

void settle_again(struct job *batch, const struct reply *reply)
{
    struct queue *queue = job_queue(batch);
    enum error_class class_ = reply_error(reply);

    if (class_ != ERROR_NONE && class_ != ERROR_UNANSWERED && class_ != ERROR_NO_SCRIPT) {
        queue->settle_not_before_ms =
            clock_mono_ms() + QUEUE_RETRY_MS + (int64_t)(random_u64() % QUEUE_RETRY_MS);
        LOG_SPARSE_OF(queue->log, LOG_WARN, "settle", LOG_B("err", reply_error_text(reply)),
                      LOG_S("do", "kept, and sent again"));
    }
    for (struct job *job = batch, *next; job != NULL; job = next) {
        next = job->next;
        measure(queue, METERS_settles_resent, 1);
        job->told |= class_ == ERROR_UNANSWERED;
        job_advance(job, JOB_EV_NO_ANSWER);
        joblist_push(settle_list(job), job);
    }
}

void settle_log_stale(const struct queue *queue, int64_t refused)
{
    if (refused <= 0)
        return;
    measure(queue, METERS_settles_stale, (uint64_t)refused);
    LOG_SPARSE_OF(queue->log, LOG_WARN, "stale_settle", LOG_I("jobs", refused),
                  LOG_S("why", "no longer held by this worker; another one has them"));
}

void on_settle(const struct reply *reply, void *arg)
{
    struct job *batch = arg;
    struct queue *queue = job_queue(batch);
    int64_t count = 0;

    if (reply_error(reply) != ERROR_NONE) {
        settle_again(batch, reply);
    } else {
        FAULT_POINT(after_settle);
        for (struct job *job = batch, *next; job != NULL; job = next, count++) {
            next = job->next;
            job_advance(job, JOB_EV_SETTLED);
        }
        settle_log_stale(queue, count - reply_int(reply));
    }
    worker_wake(queue->worker);
}

bool settle_sent(struct joblist *batch, struct joblist *from, bool sent)
{
    for (struct job *job = batch->head, *next; job != NULL; job = next) {
        next = job->next;
        if (sent)
            job_advance(job, JOB_EV_SEND);
        else
            joblist_push(from, job);
        if (sent && job->record.canary.len > 0)
            canary_tell(job);
    }
    return sent;
}

static bool settle_send(struct queue *queue, struct joblist *list, const char *counter)
{
    struct worker *worker = queue->worker;
    struct args *args = &worker->args;
    struct joblist batch = {0};

    FAULT_POINT(before_settle);
    if (queue->conf->result_ttl_ms > 0)
        return finish_send(queue, list, counter);
    args_start(args);
    args_text(args, queue->held);
    args_key(args, &queue->keys, KEY_META);
    args_text(args, counter);
    while (list->head != NULL && batch.count < SCRIPT_ITEMS_MAX) {
        struct job *job = joblist_pop(list);
        args_int(args, (int64_t)job->tag);
        joblist_push(&batch, job);
    }
    bool sent = link_script(worker->command, SCRIPT_SETTLE, on_settle, batch.head, 2, args->count,
                            args->word);
    return settle_sent(&batch, list, sent);
}

/* Not one by one as they stop, which would turn their order round; but not too late to be answered.
 */
static bool settle_stopped_now(const struct queue *queue, int64_t now_ms)
{
    const struct worker *worker = queue->worker;
    return queue->working == 0 || worker->stop != STOP_GIVE_BACK ||
           now_ms >= worker->stop_ms - DRAIN_ANSWER_MS;
}

void settle_turn(struct queue *queue, int64_t now_ms)
{
    if (queue->phase != QUEUE_OPEN || now_ms < queue->settle_not_before_ms)
        return;
    while (queue->done.head != NULL && settle_send(queue, &queue->done, "done"))
        continue;
    while (queue->duplicate.head != NULL && settle_send(queue, &queue->duplicate, "duplicate"))
        continue;
    while (queue->other.head != NULL && shift_send(queue, &queue->other))
        continue;
    if (queue->stopped.head == NULL || !settle_stopped_now(queue, now_ms))
        return;
    joblist_newest_first(&queue->stopped);
    while (queue->stopped.head != NULL && shift_send(queue, &queue->stopped))
        continue;
}
