#include "supervisor/meters_sum.h"

#include <sched.h>

enum { SUM_TRIES_MAX = 100 };

static void add(_Atomic uint64_t *into, const _Atomic uint64_t *from)
{
    meter_add(into, meter_get(from));
}

static void add_all(_Atomic uint64_t *into, const _Atomic uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(&into[i], &from[i]);
}

/* 0: not known. */
static void oldest(_Atomic int64_t *into, int64_t ms)
{
    int64_t so_far = meter_get(into);
    if (ms != 0 && (so_far == 0 || ms < so_far))
        meter_set(into, ms);
}

static void largest(_Atomic uint64_t *into, const _Atomic uint64_t *from)
{
    uint64_t amount = meter_get(from);
    if (amount > meter_get(into))
        meter_set(into, amount);
}

/* --- counters --- */

static void add_histogram(struct meters_histogram *into, const struct meters_histogram *from)
{
    add_all(into->count, from->count, METERS_BUCKETS + 1);
    add(&into->sum_ms, &from->sum_ms);
}

static void add_row(struct meters_row *into, const struct meters_row *from)
{
    add_all(into->outcome, from->outcome, JOB_OUTCOME_COUNT);
    add_histogram(&into->wait, &from->wait);
    add_histogram(&into->run, &from->run);
}

static void add_queue(struct meters_queue *into, const struct meters_queue *from)
{
    add_all(into->counter, from->counter, METERS_COUNTER_COUNT);
    add_all(into->dead, from->dead, METERS_REASONS_MAX);
    add_histogram(&into->local, &from->local);
    add_row(&into->other, &from->other);
}

void meters_add_counters(struct meters *into, const struct meters *from)
{
    uint32_t queues = atomic_load_explicit(&from->queue_count, memory_order_acquire);
    uint32_t rows = atomic_load_explicit(&from->row_count, memory_order_acquire);

    add(&into->reconnects, &from->reconnects);
    add(&into->connects_failed, &from->connects_failed);
    add(&into->reloads, &from->reloads);
    add(&into->reloads_failed, &from->reloads_failed);
    for (uint32_t i = 0; i < queues; i++)
        add_queue(meters_queue(into, from->queue[i].name), &from->queue[i]);
    for (uint32_t i = 0; i < rows; i++) {
        const struct meters_row *row = &from->row[i];
        struct meters_queue *queue = meters_queue(into, from->queue[row->queue].name);
        add_row(meters_row(into, queue, slice_of(row->type)), row);
    }
}

/* --- gauges --- */

/* A queue that wants nothing is as good as one that was answered. */
static int64_t queue_content_ms(const struct meters_queue *queue)
{
    int64_t answered_ms = meter_get(&queue->answered_ms), busy_ms = meter_get(&queue->busy_ms);
    return answered_ms > busy_ms ? answered_ms : busy_ms;
}

static void add_queue_gauges(struct meters_queue *into, const struct meters_queue *from)
{
    if (!meter_get(&from->served))
        return;
    if (!meter_get(&into->served) || meter_get(&from->control) < meter_get(&into->control))
        meter_set(&into->control, meter_get(&from->control));
    meter_set(&into->served, true);
    meter_set(&into->trouble, meter_get(&into->trouble) | meter_get(&from->trouble));
    oldest(&into->answered_ms, queue_content_ms(from));
    add(&into->held, &from->held);
}

void meters_add_gauges(struct meters *into, const struct meters *from)
{
    uint32_t queues = atomic_load_explicit(&from->queue_count, memory_order_acquire);

    oldest(&into->turn_ms, meter_get(&from->turn_ms));
    oldest(&into->started_wall_ms, meter_get(&from->started_wall_ms));
    oldest(&into->config_wall_ms, meter_get(&from->config_wall_ms));
    meter_set(&into->trouble, meter_get(&into->trouble) | meter_get(&from->trouble));
    add(&into->running, &from->running);
    add(&into->idle, &from->idle);
    add(&into->waiting, &from->waiting);
    add(&into->capacity, &from->capacity);
    add(&into->threads, &from->threads);
    add(&into->held_bytes, &from->held_bytes);
    largest(&into->rtt_us, &from->rtt_us);
    largest(&into->beat_rtt_us, &from->beat_rtt_us);
    largest(&into->config_hash, &from->config_hash);
    meter_set(&into->reload_failed,
              meter_get(&into->reload_failed) || meter_get(&from->reload_failed));
    for (uint32_t i = 0; i < queues; i++)
        add_queue_gauges(meters_queue(into, from->queue[i].name), &from->queue[i]);
}

/* --- all of them --- */

static void sum_box(struct meters_sum *out, const struct blackbox *box)
{
    const struct meters *meters = &box->meters;
    uint64_t hash = meter_get(&meters->config_hash);

    if (atomic_load(&box->phase) != BLACKBOX_LIVE || meter_get(&meters->turn_ms) == 0)
        return;
    out->same_config &= out->workers == 0 || hash == meter_get(&out->meters.config_hash);
    out->workers++;
    out->ready += atomic_load(&box->ready);
    meters_add_counters(&out->meters, meters);
    meters_add_gauges(&out->meters, meters);
}

static void sum_once(const struct blackboxes *boxes, struct meters_sum *out)
{
    meters_clear(&out->meters);
    out->workers = out->ready = 0;
    out->same_config = true;
    out->deaths = meter_get(&boxes->deaths);
    meters_add_counters(&out->meters, &boxes->past);
    for (int i = 0; i < boxes->opened; i++)
        sum_box(out, &boxes->box[i]);
}

/* Again if the supervisor was about to bury somebody: then he counted twice, or not at all. */
void meters_sum_read(const struct blackboxes *boxes, struct meters_sum *out)
{
    for (int tries = 0; tries < SUM_TRIES_MAX; tries++) {
        uint32_t before = atomic_load_explicit(&boxes->burials, memory_order_acquire);
        sum_once(boxes, out);
        atomic_thread_fence(memory_order_acquire);
        if (before % 2 == 0 &&
            before == atomic_load_explicit(&boxes->burials, memory_order_relaxed))
            return;
        (void)sched_yield();
    }
}
