/*
 * resync: what Redis holds for us against what is in the table. After a lost connection, and
 * whenever a beat counted differently.
 *
 * HKEYS travels on the connection of takes and settles, so its answer stands at one point of their
 * order: every take before it has brought its jobs, every settle before it is answered. A tag that
 * only Redis knows came by a take whose answer was lost: its job is adopted. A tag that only we
 * know is one whose settle was executed and not answered, or is not ours any more.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "consumer/worker.h"

struct tags {
    size_t count;
    uint64_t tag[]; /* ascending */
};

static int tag_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool tags_have(const struct tags *tags, uint64_t tag)
{
    return bsearch(&tag, tags->tag, tags->count, sizeof(tag), tag_compare) != NULL;
}

static struct tags *tags_new(size_t room)
{
    struct tags *tags = malloc(sizeof(*tags) + room * sizeof(tags->tag[0]));
    if (tags != NULL)
        tags->count = 0;
    return tags;
}

static void tags_sort(struct tags *tags)
{
    qsort(tags->tag, tags->count, sizeof(tags->tag[0]), tag_compare);
}

static struct tags *tags_in_redis(const struct reply *reply)
{
    struct tags *tags = tags_new(reply_count(reply));
    for (size_t i = 0; tags != NULL && i < reply_count(reply); i++)
        tags->tag[tags->count++] = (uint64_t)reply_int(reply_at(reply, i));
    if (tags != NULL)
        tags_sort(tags);
    return tags;
}

static struct tags *tags_in_table(const struct queue *queue)
{
    struct tags *tags = tags_new(queue->jobs);
    size_t position = 0;
    for (struct job *job; tags != NULL && (job = job_table_each(queue, &position)) != NULL;)
        tags->tag[tags->count++] = job->tag;
    if (tags != NULL)
        tags_sort(tags);
    return tags;
}

/* Decided jobs that Redis does not hold: told and executed, or taken from us. */
static void resync_list(struct joblist *list, const struct tags *redis)
{
    struct joblist was = *list;

    *list = (struct joblist){0};
    for (struct job *job; (job = joblist_pop(&was)) != NULL;) {
        if (tags_have(redis, job->tag))
            joblist_push(list, job);
        else if (job->state == JOB_STATE_TAKEN)
            job_advance(job, JOB_EV_LEASE_LOST);
        else
            job_advance(job, job->told ? JOB_EV_SETTLED : JOB_EV_REFUSED);
    }
}

static void resync_running(struct queue *queue, const struct tags *redis)
{
    size_t position = 0;
    for (struct job *job; (job = job_table_each(queue, &position)) != NULL;) {
        bool out = job->state == JOB_STATE_WORKING || job->state == JOB_STATE_CLAIMING;
        if (!out || tags_have(redis, job->tag))
            continue;
        LOG_JOB(job, LOG_WARN, "job_lost",
                LOG_S("why", "Redis does not hold it for this worker any more"));
        if (job->state == JOB_STATE_WORKING)
            pool_stop_job(queue->worker->pool, job, JOB_STOP_LOST);
        job_advance(job, JOB_EV_LEASE_LOST);
    }
}

static void resync_end(struct queue *queue)
{
    if (queue->phase == QUEUE_SYNCING)
        queue->phase = QUEUE_OPEN;
    queue->hungry = true;
    worker_wake(queue->worker);
}

static void on_adopt(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;
    size_t adopted = 0;

    queue->asked = false;
    if (reply_error(reply) != ERROR_NONE) {
        resync_later(queue, QUEUE_RETRY_MS);
    } else {
        FAULT_POINT(after_adopt);
        for (size_t i = 0; i < queue->adopt_count; i++) {
            struct slice element = reply_text(reply_at(reply, i));
            if (element.ptr == NULL)
                continue;
            take_adopt(queue, queue->adopt_tag[i], element, false);
            measure(queue, METERS_adopted, 1);
            adopted++;
        }
        LOG_OF(queue->log, LOG_INFO, "adopt", LOG_I("jobs", adopted),
               LOG_S("why", "their take was not answered"));
    }
    queue->adopt_count = 0;
    resync_end(queue);
}

/* Fetch some of the tags that only Redis knows; a next resync fetches the rest. */
static void resync_adopt(struct queue *queue, const struct tags *redis, const struct tags *table)
{
    struct args *args = &queue->worker->args;

    args_start(args);
    args_text(args, "HMGET");
    args_text(args, queue->held);
    queue->adopt_count = 0;
    for (size_t i = 0; i < redis->count; i++) {
        if (tags_have(table, redis->tag[i]))
            continue;
        if (queue->adopt_count == QUEUE_ADOPT_MAX) {
            resync_later(queue, 0);
            break;
        }
        queue->adopt_tag[queue->adopt_count++] = redis->tag[i];
        args_int(args, (int64_t)redis->tag[i]);
    }
    if (queue->adopt_count == 0) {
        resync_end(queue);
    } else {
        FAULT_POINT(before_adopt);
        queue->asked =
            link_call(queue->worker->command, on_adopt, queue, 0, args->count, args->word);
    }
}

static void on_held_tags(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;
    struct tags *redis = NULL, *table = NULL;

    queue->asked = false;
    queue->resync_ms = 0;
    if (queue->phase != QUEUE_SYNCING && queue->phase != QUEUE_OPEN)
        return; /* it was lost meanwhile: those were another incarnation's */
    if (reply_error(reply) == ERROR_NONE) {
        redis = tags_in_redis(reply);
        table = tags_in_table(queue);
    }
    if (redis == NULL || table == NULL) {
        resync_later(queue, QUEUE_RETRY_MS);
    } else {
        resync_list(&queue->taken, redis);
        resync_list(&queue->done, redis);
        resync_list(&queue->duplicate, redis);
        resync_list(&queue->other, redis);
        resync_list(&queue->stopped, redis);
        resync_running(queue, redis);
        resync_adopt(queue, redis, table);
    }
    free(redis);
    free(table);
    worker_wake(queue->worker);
}

void resync_later(struct queue *queue, int64_t delay_ms)
{
    queue->resync_ms = clock_mono_ms() + delay_ms;
}

void resync_start(struct queue *queue)
{
    const struct slice words[] = {slice_of("HKEYS"), slice_of(queue->held)};
    if (queue->asked || queue->phase == QUEUE_AWAY || queue->phase == QUEUE_LEFT)
        return;
    queue->asked = link_call(queue->worker->command, on_held_tags, queue, 0, 2, words);
    if (!queue->asked)
        resync_later(queue, QUEUE_RETRY_MS);
}
