/*
 * job_table: every job of this process, in a table of fixed size, and the one mutator of its state.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "consumer/worker.h"

bool job_table_init(struct worker *worker)
{
    worker->slab = calloc(WORKER_JOBS_MAX, sizeof(*worker->slab));
    return worker->slab != NULL;
}

/* What was used last first, while it is in the caches; the rest of the table is real memory only
 * after so many jobs were here at once. */
static struct job *job_pop_free(struct worker *worker)
{
    struct job *job = worker->free_jobs;
    if (job != NULL)
        worker->free_jobs = job->next;
    else if (worker->slab_used < WORKER_JOBS_MAX)
        job = &worker->slab[worker->slab_used++];
    return job;
}

static void job_push_free(struct worker *worker, struct job *job)
{
    job->next = worker->free_jobs;
    worker->free_jobs = job;
}

static void job_clear(struct job *job)
{
    free(job->bytes);
    job->bytes = NULL;
    job_result_clear(job);
}

void job_table_free(struct worker *worker)
{
    for (size_t i = 0; i < worker->slab_used; i++)
        job_clear(&worker->slab[i]);
    free(worker->slab);
    worker->slab = NULL;
}

struct queue *job_queue(const struct job *job)
{
    return job->owner;
}

struct slice job_claim(const struct job *job)
{
    return slice_of(job->claim);
}

/* The bytes, and behind them the scratch that a header's quoted values are decoded into. */
static bool job_copy_element(struct job *job, struct slice element)
{
    size_t scratch = record_has_magic(element.ptr, element.len) ? RECORD_HEADER_MAX : 0;
    job->bytes = malloc(element.len + scratch + 1);
    if (job->bytes == NULL)
        return false;
    memcpy(job->bytes, element.ptr, element.len);
    job->bytes[element.len + scratch] = 0;
    job->len = element.len;
    return true;
}

static enum job_end job_read(struct job *job)
{
    enum record_fault fault =
        record_parse(job->bytes, job->len, job->bytes + job->len, &job->record);
    if (fault == RECORD_UNSUPPORTED)
        return JOB_END_UNSUPPORTED;
    if (fault != RECORD_OK)
        return JOB_END_MALFORMED;
    if (job->record.claim.len >= CLAIM_ID_MAX) {
        job->record.why = "the claim id is too long";
        return JOB_END_MALFORMED;
    }
    return JOB_END_RESULT;
}

static void job_identify(struct job *job, const struct queue *queue)
{
    struct slice claim = job->record.claim;
    if (claim.len == 0 || claim.len >= CLAIM_ID_MAX) {
        (void)claim_id_format(job->claim, queue->id, job->tag);
        return;
    }
    memcpy(job->claim, claim.ptr, claim.len);
    job->claim[claim.len] = 0;
}

bool job_sketch(struct queue *queue, struct job *job, uint64_t tag, struct slice element)
{
    if (!job_copy_element(job, element))
        return false;
    job->owner = queue;
    job->conf = queue->conf;
    job->queue = queue->name;
    job->log = queue->log;
    job->tag = tag;
    job->end = job_read(job);
    job_identify(job, queue);
    return true;
}

struct job *job_table_add(struct queue *queue, uint64_t tag, struct slice element)
{
    struct worker *worker = queue->worker;
    struct job *job = job_pop_free(worker);
    if (job == NULL)
        return NULL;
    if (!job_sketch(queue, job, tag, element)) {
        job_push_free(worker, job);
        return NULL;
    }

    job->next = NULL;
    job->state = JOB_STATE_TAKEN;
    job->told = job->logged = job->claim_sent = false;
    job->told_ms = job->since_wall_ms = job->cancelled_ms = 0;
    job->taken_ms = clock_mono_ms();
    job->started_ms = job->finished_ms = 0;
    job->timeout_ms = job->record.timeout_ms > 0 ? job->record.timeout_ms : queue->conf->timeout_ms;
    atomic_store_explicit(&job->stop, JOB_STOP_NONE, memory_order_relaxed);
    atomic_store_explicit(&job->percent, -1, memory_order_relaxed);
    job->result = (struct job_result){.outcome = JOB_UNKNOWN, .delay_ms = -1};
    job->traces = job->traced = false;
    if (worker->tracer != NULL)
        tracing_take(job);

    queue->config->refs++;
    queue->jobs++;
    worker->jobs++;
    worker->held_bytes += job->len;
    memory_held(worker);
    return job;
}

static struct config *job_config(const struct worker *worker, const struct job *job)
{
    const struct queue_conf *conf = job->conf;
    for (size_t i = 0; i < worker->config_count; i++) {
        struct config *config = worker->configs[i];
        if (conf >= config->queues && conf < config->queues + config->queue_count)
            return config;
    }
    CHECK(!"a job outlived its configuration");
    return NULL;
}

static void job_remove(struct job *job)
{
    struct worker *worker = job_queue(job)->worker;
    job_config(worker, job)->refs--;
    worker->jobs--;
    worker->held_bytes -= job->len + job->result.len;
    job_clear(job);
    job->state = JOB_STATE_NONE;
    job->owner = NULL;
    job_push_free(worker, job);
}

static bool state_is_ours(enum job_state state)
{
    return state != JOB_STATE_LOST && state != JOB_STATE_GONE;
}

void job_advance(struct job *job, enum job_event event)
{
    struct queue *queue = job_queue(job);
    enum job_state from = job->state;
    enum job_state to = lifecycle_next(from, event);
    CHECK(to != JOB_STATE_NONE);
    if (job->traced)
        tracing_note(job, from, event);

    job->state = to;
    queue->jobs -= state_is_ours(from) && !state_is_ours(to);
    queue->working += to == JOB_STATE_WORKING;
    queue->working -= from == JOB_STATE_WORKING;
    queue->settling += to == JOB_STATE_SETTLING;
    queue->settling -= from == JOB_STATE_SETTLING;
    if (to == JOB_STATE_GONE)
        job_remove(job);
}

static int tag_order_down(const void *a, const void *b)
{
    const struct job *x = *(struct job *const *)a;
    const struct job *y = *(struct job *const *)b;
    return (x->tag < y->tag) - (x->tag > y->tag);
}

void joblist_newest_first(struct joblist *list)
{
    struct job **jobs = calloc((size_t)list->count + 1, sizeof(*jobs));
    size_t count = 0;

    if (jobs == NULL)
        return; /* no memory: in any order */
    for (struct job *job; (job = joblist_pop(list)) != NULL;)
        jobs[count++] = job;
    qsort(jobs, count, sizeof(*jobs), tag_order_down);
    for (size_t i = 0; i < count; i++)
        joblist_push(list, jobs[i]);
    free(jobs);
}

struct job *job_table_each(const struct queue *queue, size_t *position)
{
    while (*position < queue->worker->slab_used) {
        struct job *job = &queue->worker->slab[(*position)++];
        if (job->owner == queue && state_is_ours(job->state))
            return job;
    }
    return NULL;
}
