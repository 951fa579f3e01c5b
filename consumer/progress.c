/*
 * progress: which jobs run, and how far they are, for those who wait for their results. A job that
 * ends within a second is not told of, so the many quick ones cost nothing.
 *
 * It is only news: sent once a second at most for each job, and not again if there was no answer.
 * The tag guards it: who does not hold the job any more writes nothing.
 */
#include "base/log.h"
#include "consumer/settle.h"

enum {
    PROGRESS_ITEMS_MAX = 200,
    PROGRESS_AFTER_MS = 1000, /* in the handler, without a word from it */
};

/* Not executed, so not told: the next one goes with the script's text. */
static void progress_again(struct worker *worker)
{
    for (size_t i = 0; i < worker->queue_count; i++) {
        size_t position = 0;
        for (struct job *job; (job = job_table_each(worker->queues[i], &position)) != NULL;)
            job->told_ms = 0;
    }
}

static void on_progress(const struct reply *reply, void *arg)
{
    enum error_class class_ = reply_error(reply);

    if (class_ == ERROR_NO_SCRIPT)
        progress_again(arg);
    else if (class_ != ERROR_NONE && class_ != ERROR_UNANSWERED)
        LOG_SPARSE(LOG_WARN, "progress", LOG_B("err", reply_error_text(reply)));
}

/* Something new; or what was told would be forgotten before the job ends. */
static bool is_news(const struct job *job, int percent, int64_t ttl_ms, int64_t now_ms)
{
    if (job->state != JOB_STATE_WORKING)
        return false;
    if (job->told_ms == 0)
        return percent >= 0 || now_ms - job->taken_ms >= PROGRESS_AFTER_MS;
    return percent != job->percent_told || now_ms - job->told_ms >= ttl_ms / 2;
}

/* From *position on, at most PROGRESS_ITEMS_MAX. */
static size_t progress_collect(const struct queue *queue, struct job *jobs[PROGRESS_ITEMS_MAX],
                               size_t *position, int64_t now_ms)
{
    size_t count = 0;

    while (count < PROGRESS_ITEMS_MAX) {
        struct job *job = job_table_each(queue, position);
        if (job == NULL)
            break;
        int percent = atomic_load_explicit(&job->percent, memory_order_relaxed);
        if (!is_news(job, percent, queue->conf->result_ttl_ms, now_ms))
            continue;
        job->percent_told = percent;
        job->told_ms = now_ms;
        jobs[count++] = job;
    }
    return count;
}

static bool progress_send(struct queue *queue, struct job *const *jobs, size_t count)
{
    static char keys[PROGRESS_ITEMS_MAX][KEY_MAX]; /* the loop thread builds one call at a time */
    struct args *args = &queue->worker->args;

    args_start(args);
    args_text(args, queue->held);
    for (size_t i = 0; i < count; i++)
        args_bytes(args, keys[i], result_key(jobs[i], keys[i]));
    args_int(args, queue->conf->result_ttl_ms);
    for (size_t i = 0; i < count; i++) {
        args_int(args, (int64_t)jobs[i]->tag);
        args_text(args, jobs[i]->claim);
        args_int(args, (int64_t)jobs[i]->record.attempt + 1);
        if (jobs[i]->percent_told >= 0)
            args_int(args, jobs[i]->percent_told);
        else
            args_text(args, "");
    }
    return link_script(queue->worker->command, SCRIPT_PROGRESS, on_progress, queue->worker,
                       1 + count, args->count, args->word);
}

void progress_tell(struct queue *queue, int64_t now_ms)
{
    struct job *jobs[PROGRESS_ITEMS_MAX];
    size_t position = 0, count;

    if (queue->conf->result_ttl_ms == 0 || queue->phase != QUEUE_OPEN || queue->working == 0)
        return;
    while ((count = progress_collect(queue, jobs, &position, now_ms)) > 0)
        if (!progress_send(queue, jobs, count))
            return;
}
