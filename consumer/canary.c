/*
 * canary: a job that an operator's bulk task sent ahead of the rest carries that task's id, and the
 * task hears how its delivery ended (redis/lua/canary.lua). It is only news: sent with the settle,
 * not waited for and not sent again; a task that hears nothing gives up after a while.
 */
#include <stdio.h>

#include "base/log.h"
#include "consumer/settle.h"
#include "dlq/verdict.h"

enum { CANARY_ERROR_MAX = 200 }; /* bytes of the error that are told */

static const char *after_run(const struct job *job)
{
    const struct queue_conf *conf = job->conf;
    if (job->result.outcome == JOB_DONE)
        return "done";
    if (job->result.outcome == JOB_SNOOZE || job->result.outcome == JOB_STOPPED)
        return NULL;
    if (job->result.outcome == JOB_PERMANENT)
        return "dead";
    return job->record.attempt + 1 >= verdict_attempts_max(conf, &job->record) ? "dead" : "failed";
}

/* NULL: this is no end, it will be delivered again. */
static const char *canary_end(const struct job *job)
{
    if (job->end == JOB_END_RESULT)
        return after_run(job);
    if (job->end == JOB_END_RELEASED)
        return NULL;
    if (job->end == JOB_END_DUPLICATE)
        return "duplicate";
    return job->end == JOB_END_EXPIRED ? "expired" : "dead"; /* buried without a run */
}

static void on_canary(const struct reply *reply, void *arg)
{
    (void)arg;
    if (reply_error(reply) != ERROR_NONE && reply_error(reply) != ERROR_UNANSWERED)
        LOG_SPARSE(LOG_WARN, "canary", LOG_B("err", reply_error_text(reply)));
}

/* False: somebody made it up. */
static bool task_of(struct slice canary, char id[KEY_TASK_ID_MAX + 1])
{
    if (canary.len > KEY_TASK_ID_MAX)
        return false;
    memcpy(id, canary.ptr, canary.len);
    id[canary.len] = 0;
    return strspn(id, "0123456789abcdef") == canary.len;
}

void canary_say(struct queue *queue, struct slice canary, struct slice claim, const char *end,
                const char *error)
{
    char id[KEY_TASK_ID_MAX + 1], key[KEY_MAX], told[16 + CANARY_ERROR_MAX];
    struct args *args = &queue->worker->args;

    if (!task_of(canary, id))
        return;
    (void)snprintf(told, sizeof told, "%s %.*s", end, CANARY_ERROR_MAX, error != NULL ? error : "");
    args_start(args);
    args_bytes(args, key, queue_key_task(&queue->keys, id, key));
    args_slice(args, claim);
    args_text(args, told);
    if (!link_script(queue->worker->command, SCRIPT_CANARY, on_canary, NULL, 1, args->count,
                     args->word))
        LOG_SPARSE_OF(queue->log, LOG_WARN, "canary", LOG_B("id", claim),
                      LOG_S("why", "its task could not be told"));
}

void canary_tell(const struct job *job)
{
    const char *end = canary_end(job);
    bool failed = job->end == JOB_END_RESULT && job->result.outcome != JOB_DONE;

    if (end != NULL)
        canary_say(job_queue(job), job->record.canary, job_claim(job), end,
                   failed ? job->result.error : NULL);
}
