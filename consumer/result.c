/*
 * result: what jobs returned, for those who ask (`navvy result`), in queues with a result_ttl. It
 * is written by the script that settles the job, so it is there exactly if the job is settled; the
 * tag guards both.
 */
#include "consumer/settle.h"

enum {
    FINISH_ITEMS_MAX = 100,
    FINISH_BYTES_MAX = 1024 * 1024, /* of results in one call, about: one item may be over it */
};

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
    static char keys[FINISH_ITEMS_MAX][KEY_MAX]; /* the loop thread builds one call at a time */
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
