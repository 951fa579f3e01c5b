/*
 * measure: what this process tells of itself, into its black box (supervisor/meters.h).
 *
 * What happens often is counted where it happens, with plain stores: once a batch, or, for a job
 * that has run, a look at its type and four of them. What has a state is looked at once a second.
 */
#include "base/clock.h"
#include "consumer/worker.h"
#include "dlq/verdict.h"

_Static_assert((int)DLQ_REASON_COUNT <= (int)METERS_REASONS_MAX, "each reason has a place");

void measure_start(struct worker *worker)
{
    meter_set(&worker->box->meters.started_wall_ms, clock_wall_ms());
    measure_config(worker);
}

/* FNV-1a (Fowler, Noll, Vo), folded to what a double holds exactly. */
static uint64_t hash48(const struct buf *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text->len; i++)
        hash = (hash ^ (unsigned char)text->data[i]) * 0x100000001b3u;
    return (hash >> 48 ^ hash) & 0xffffffffffffu;
}

void measure_config(struct worker *worker)
{
    struct meters *meters = &worker->box->meters;
    struct buf text = {0};

    config_render(worker->config, &text);
    meter_set(&meters->config_hash, text.failed ? 0 : hash48(&text));
    meter_set(&meters->config_wall_ms, clock_wall_ms());
    buf_free(&text);
}

void measure_reload(struct worker *worker, bool loaded)
{
    struct meters *meters = &worker->box->meters;

    meter_add(&meters->reloads, 1);
    meter_add(&meters->reloads_failed, !loaded);
    meter_set(&meters->reload_failed, !loaded);
    if (loaded)
        measure_config(worker);
}

/* Again, unless it is the first time. */
void measure_connected(struct worker *worker)
{
    struct meters *meters = &worker->box->meters;

    meter_add(&meters->reconnects, worker->checked);
    meters_trouble_set(&meters->trouble, METERS_DENIED, false);
    meters_trouble_set(&meters->trouble, METERS_DISCONNECTED, false);
}

void measure_queue(struct queue *queue)
{
    struct meters *meters = &queue->worker->box->meters;

    queue->meters = meters_queue(meters, queue->name);
    meter_set(&queue->meters->served, true);
}

/* Types that people wrote down come before those that producers think of. */
void measure_routes(struct queue *queue)
{
    struct meters *meters = &queue->worker->box->meters;

    for (size_t i = 0; i < queue->conf->route_count; i++)
        (void)meters_row(meters, queue->meters, slice_of(queue->conf->routes[i].type));
}

void measure_queue_gone(struct queue *queue)
{
    if (queue->meters == NULL)
        return;
    meter_set(&queue->meters->held, 0);
    meter_set(&queue->meters->trouble, 0);
    meter_set(&queue->meters->served, false);
}

/* --- jobs ----------------------------------------------------------------------------------- */

/* From the push to the start, if it is a job's first, and its producer said when that was. */
static void measure_wait(const struct worker *worker, struct meters_row *row, const struct job *job)
{
    const struct record *record = &job->record;

    if (record->enqueued_at_wall_ms > 0 && record->attempt == 0 && record->recoveries == 0)
        meters_histogram_add(&row->wait, job->started_ms + worker->redis_offset_ms -
                                             record->enqueued_at_wall_ms);
}

void measure_ran(const struct job *job)
{
    const struct queue *queue = job_queue(job);
    struct meters_row *row =
        meters_row(&queue->worker->box->meters, queue->meters, job->record.type);
    int64_t ran_ms = job->finished_ms - job->started_ms;

    meter_add(&row->outcome[job->result.outcome], 1);
    meters_histogram_add(&row->run, ran_ms);
    meters_histogram_add(&queue->meters->local, job->started_ms - job->taken_ms);
    measure_wait(queue->worker, row, job);
    if (job->timeout_ms > 0 && ran_ms >= job->timeout_ms && job->result.outcome != JOB_DONE)
        meter_add(&queue->meters->counter[METERS_timeouts], 1);
}

void measure_dead(struct queue *queue, unsigned reason, uint64_t jobs)
{
    meter_add(&queue->meters->dead[reason], jobs);
}

/* --- takes ---------------------------------------------------------------------------------- */

static void measure_trouble_of_take(struct queue *queue, enum meters_trouble trouble)
{
    static const uint32_t of_takes = 1u << METERS_PAUSED | 1u << METERS_DLQ_FULL |
                                     1u << METERS_QUARANTINED | 1u << METERS_REFUSED;
    uint32_t others = meter_get(&queue->meters->trouble) & ~of_takes;
    uint32_t bit = trouble < METERS_TROUBLE_COUNT ? 1u << trouble : 0;

    meter_set(&queue->meters->trouble, others | bit);
}

void measure_take(struct queue *queue, enum measure_take take)
{
    static const struct {
        enum meters_counter counter;
        enum meters_trouble trouble; /* COUNT: none */
        bool answered;
    } rows[] = {
        [MEASURE_TAKE_NONE] = {METERS_takes_empty, METERS_TROUBLE_COUNT, true},
        [MEASURE_TAKE_JOBS] = {METERS_takes, METERS_TROUBLE_COUNT, true},
        [MEASURE_TAKE_PAUSED] = {METERS_takes_refused, METERS_PAUSED, true},
        [MEASURE_TAKE_FULL] = {METERS_takes_refused, METERS_DLQ_FULL, true},
        [MEASURE_TAKE_WRONG_TYPE] = {METERS_takes_refused, METERS_QUARANTINED, false},
        [MEASURE_TAKE_ERROR] = {METERS_takes_refused, METERS_REFUSED, false},
        [MEASURE_TAKE_UNANSWERED] = {METERS_takes_unanswered, METERS_TROUBLE_COUNT, false},
    };

    measure(queue, rows[take].counter, 1);
    if (take != MEASURE_TAKE_UNANSWERED)
        measure_trouble_of_take(queue, rows[take].trouble);
    if (rows[take].answered)
        meter_set(&queue->meters->answered_ms, clock_mono_ms());
}

/* --- once a second -------------------------------------------------------------------------- */

static void measure_pool(struct meters *meters, const struct pool *pool)
{
    struct pool_stats stats = pool_stats(pool);

    meter_set(&meters->running, stats.running);
    meter_set(&meters->idle, stats.idle);
    meter_set(&meters->waiting, stats.waiting);
    meter_set(&meters->capacity, stats.capacity);
    meter_set(&meters->threads, stats.threads);
}

void measure_tick(struct worker *worker)
{
    struct meters *meters = &worker->box->meters;

    measure_pool(meters, worker->pool);
    meter_set(&meters->held_bytes, worker->held_bytes);
    meter_set(&meters->rtt_us, (uint64_t)link_rtt_us(worker->command));
    meter_set(&meters->beat_rtt_us, (uint64_t)link_rtt_us(worker->beat));
    meters_trouble_set(&meters->trouble, METERS_DISCONNECTED, !link_is_up(worker->command));
    meters_trouble_set(&meters->trouble, METERS_QUIET, worker->quiet || worker->stop != STOP_NO);
    for (size_t i = 0; i < worker->queue_count; i++) {
        struct queue *queue = worker->queues[i];
        meter_set(&queue->meters->held, queue->jobs);
        meters_trouble_set(&queue->meters->trouble, METERS_NO_LEASE, queue->phase == QUEUE_AWAY);
        meters_trouble_set(&queue->meters->trouble, METERS_SILENT, queue->silent);
    }
}
