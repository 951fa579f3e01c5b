/*
 * result: what jobs returned and how far they are, for those who ask (`navvy result`), in queues
 * with a result_ttl.
 *
 * A result is written by the script that settles its job, so it is there exactly if the job is
 * settled. Progress is only news: it is sent once a second at most, and never again if it was not
 * answered. Both are guarded by the tag: who does not hold the job any more writes nothing.
 */
#include "base/log.h"
#include "consumer/settle.h"

enum {
    FINISH_ITEMS_MAX = 100,
    FINISH_BYTES_MAX = 1024 * 1024, /* of results in one call, about: one item may be over it */
    PROGRESS_ITEMS_MAX = 200,
};

static char keys[PROGRESS_ITEMS_MAX][KEY_MAX]; /* the loop thread builds one call at a time */

size_t result_key(const struct job *job, char key[KEY_MAX])
{
    return queue_key_result(&job_queue(job)->keys, job->record.id, job_claim(job), key);
}

static void args_finish(struct args *args, const struct job *batch)
{
    for (const struct job *job = batch; job != NULL; job = job->next) {
        bool ran = job->end == JOB_END_RESULT;
        args_int(args, (int64_t)job->tag);
        args_text(args, job->claim);
        args_int(args, (int64_t)job->record.attempt + ran);
        args_text(args, job->result.error != NULL ? job->result.error : "");
        args_bytes(args, job->result.bytes, job->result.len);
    }
}

bool finish_send(struct queue *queue, struct joblist *list, const char *counter)
{
    struct worker *worker = queue->worker;
    struct args *args = &worker->args;
    struct joblist batch = {0};
    size_t bytes = 0;

    args_start(args);
    args_text(args, queue->held);
    args_key(args, &queue->keys, KEY_META);
    while (list->head != NULL && batch.count < FINISH_ITEMS_MAX && bytes < FINISH_BYTES_MAX) {
        struct job *job = joblist_pop(list);
        args_bytes(args, keys[batch.count], result_key(job, keys[batch.count]));
        bytes += job->result.len;
        joblist_push(&batch, job);
    }
    args_text(args, counter);
    args_int(args, queue->conf->result_ttl_ms);
    args_finish(args, batch.head);
    bool sent = link_script(worker->command, SCRIPT_FINISH, on_settle, batch.head, 2 + batch.count,
                            args->count, args->word);
    return settle_sent(&batch, list, sent);
}

/* --- progress ----------------------------------------------------------------------------- */

/* Not executed, so not told: the next one goes with the script's text. */
static void progress_again(struct worker *worker)
{
    for (size_t i = 0; i < worker->queue_count; i++) {
        size_t position = 0;
        for (struct job *job; (job = job_table_each(worker->queues[i], &position)) != NULL;)
            job->percent_told = -1;
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

/* Running jobs that said something new, at most PROGRESS_ITEMS_MAX. */
static size_t progress_collect(struct queue *queue, struct job *jobs[PROGRESS_ITEMS_MAX],
                               size_t *position)
{
    size_t count = 0;

    for (struct job *job; count < PROGRESS_ITEMS_MAX;) {
        job = job_table_each(queue, position);
        if (job == NULL)
            break;
        int percent = atomic_load_explicit(&job->percent, memory_order_relaxed);
        if (job->state != JOB_STATE_WORKING || percent == job->percent_told)
            continue;
        job->percent_told = percent;
        jobs[count++] = job;
    }
    return count;
}

static bool progress_send(struct queue *queue, struct job *const *jobs, size_t count)
{
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
        args_int(args, jobs[i]->percent_told);
    }
    return link_script(queue->worker->command, SCRIPT_PROGRESS, on_progress, queue->worker,
                       1 + count, args->count, args->word);
}

void progress_tell(struct queue *queue)
{
    struct job *jobs[PROGRESS_ITEMS_MAX];
    size_t position = 0, count;

    if (queue->conf->result_ttl_ms == 0 || queue->phase != QUEUE_OPEN || queue->working == 0)
        return;
    while ((count = progress_collect(queue, jobs, &position)) > 0)
        if (!progress_send(queue, jobs, count))
            return;
}
