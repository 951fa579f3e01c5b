/*
 * meters: the figures of one worker process, in its black box, so that anybody who shares that
 * memory can read them at any time and nobody has to ask a worker: /metrics, /readyz, the watchdog.
 *
 * The worker's loop alone writes, with plain relaxed stores: no lock, no atomic addition. Readers
 * see each figure whole, and several of them perhaps of different instants. A process that dies
 * leaves its figures: the supervisor adds them to those of the dead (meters_sum.h), so that a sum
 * never goes back.
 *
 * What jobs do is counted by queue and type. The types of the configuration's routes have places of
 * their own, others as they come, METERS_TYPES_MAX for each queue: producers can invent types
 * without end, so all beyond that count as `other`.
 */
#ifndef SUPERVISOR_METERS_H
#define SUPERVISOR_METERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"
#include "job/job.h"
#include "job/queue_name.h"

enum {
    METERS_QUEUES_MAX = 256, /* of one process, removed ones included */
    METERS_TYPES_MAX = 32,   /* of one queue; jobs without a type are one */
    METERS_ROWS_MAX = 512,   /* of all queues of one process */
    METERS_TYPE_BYTES = 65,  /* with terminator; longer ones are `other` */
    METERS_REASONS_MAX = 16, /* why jobs are dead: enum dlq_reason */
    METERS_BUCKETS = 16,
};

/* Why work does not go on, one bit each: of the process, or of one queue. */
#define METERS_TROUBLES(X)                                                                         \
    X(DISCONNECTED, "disconnected") /* process: no connection to Redis */                          \
    X(DENIED, "denied")             /* process: wrong password, or no right */                     \
    X(POLICY, "policy")             /* process: this Redis may lose jobs, or is too old */         \
    X(QUIET, "quiet")               /* process: takes nothing, as it was told */                   \
    X(PAUSED, "paused")             /* queue: by an operator */                                    \
    X(DLQ_FULL, "dlq_full")         /* queue: stands still until somebody looks */                 \
    X(QUARANTINED, "quarantined")   /* queue: one of its keys has a wrong type */                  \
    X(REFUSED, "refused")           /* queue: Redis refuses takes for now */                       \
    X(NO_LEASE, "no_lease")         /* queue: not joined yet, or lost and not joined again */      \
    X(OTHER_STORE, "other_store")   /* queue: others keep its fingerprints another way */          \
    X(SILENT, "silent")             /* queue: no beat was answered for so long: handlers stopped */

#define METERS_TROUBLE_ENUM(id, name) METERS_##id,
enum meters_trouble { METERS_TROUBLES(METERS_TROUBLE_ENUM) METERS_TROUBLE_COUNT };

const char *meters_trouble_name(enum meters_trouble trouble);

/* What is counted of a queue, besides its jobs. */
#define METERS_COUNTERS(X)                                                                         \
    X(takes)            /* answered, and brought jobs */                                           \
    X(takes_empty)      /* answered, and brought none */                                           \
    X(takes_refused)    /* refused by Redis or by a script: an error, paused, full, lost */        \
    X(takes_unanswered) /* nobody knows */                                                         \
    X(settles_resent)   /* jobs whose settle was not answered, or refused for now */               \
    X(settles_stale)    /* jobs that were not ours any more when they were settled */              \
    X(leases_lost)                                                                                 \
    X(timeouts)  /* jobs stopped because their time was up */                                      \
    X(recovered) /* jobs of dead workers that this process gave back */                            \
    X(adopted)   /* jobs found in Redis after an answer was lost */

#define METERS_COUNTER_ENUM(name) METERS_##name,
enum meters_counter { METERS_COUNTERS(METERS_COUNTER_ENUM) METERS_COUNTER_COUNT };

/* Upper ends of the buckets, ms; what is over the last one has a place behind them. */
extern const int64_t meters_bucket_ms[METERS_BUCKETS];

struct meters_histogram {
    _Atomic uint64_t count[METERS_BUCKETS + 1];
    _Atomic uint64_t sum_ms;
};

/* The jobs of one type in one queue. */
struct meters_row {
    uint32_t queue;    /* its place */
    uint32_t type_len; /* of `type` */
    char type[METERS_TYPE_BYTES];
    _Atomic uint64_t outcome[JOB_OUTCOME_COUNT]; /* how often a handler ended so */
    struct meters_histogram
        wait; /* enqueued_at to the handler's start; first attempts that say it */
    struct meters_histogram run; /* the handler's time */
};

struct meters_queue {
    char name[QUEUE_NAME_MAX + 1];
    _Atomic bool served;         /* false: not in the configuration any more, and left */
    _Atomic uint32_t trouble;    /* bits */
    _Atomic int64_t answered_ms; /* monotonic: a take was last answered; 0: never */
    _Atomic int64_t busy_ms;  /* monotonic: it last wanted to take nothing: all hands full, quiet */
    _Atomic uint64_t held;    /* jobs in this process; once a second, as the next */
    _Atomic uint64_t control; /* version of the orders that are obeyed */
    _Atomic uint64_t counter[METERS_COUNTER_COUNT];
    _Atomic uint64_t dead[METERS_REASONS_MAX]; /* sent to the DLQ, by enum dlq_reason */
    struct meters_histogram local;             /* from the take to the handler's start */
    struct meters_row other;
    uint16_t row[METERS_TYPES_MAX]; /* the loop's: where its types are; the last found is first */
    uint16_t rows;
};

struct meters {
    _Atomic int64_t turn_ms; /* monotonic: the loop last turned; 0: there is no loop */
    _Atomic int64_t started_wall_ms;
    _Atomic uint32_t trouble;
    _Atomic uint64_t running, idle, waiting, capacity, threads; /* the pool's; once a second */
    _Atomic uint64_t held_bytes;
    _Atomic uint64_t rtt_us, beat_rtt_us; /* the last answer's, on either connection; 0: none yet */
    _Atomic uint64_t reconnects;          /* connections that came back */
    _Atomic uint64_t connects_failed;     /* losses, and tries in vain */
    _Atomic uint64_t config_hash;         /* 48 bits of the configuration's digest; 0: none yet */
    _Atomic int64_t config_wall_ms;       /* when that was loaded */
    _Atomic uint64_t reloads, reloads_failed;
    _Atomic bool reload_failed;   /* the last one */
    _Atomic uint32_t queue_count; /* places in use; they stay */
    _Atomic uint32_t row_count;
    struct meters_queue queue[METERS_QUEUES_MAX];
    struct meters_row row[METERS_ROWS_MAX];
};

/* --- the worker's loop --- */

static inline void meter_add(_Atomic uint64_t *meter, uint64_t amount)
{
    /* One writer, so two steps will do, and cost no locked instruction. */
    uint64_t now = atomic_load_explicit(meter, memory_order_relaxed);
    atomic_store_explicit(meter, now + amount, memory_order_relaxed);
}

#define meter_set(meter, value) atomic_store_explicit((meter), (value), memory_order_relaxed)
#define meter_get(meter) atomic_load_explicit((meter), memory_order_relaxed)

static inline void meters_trouble_set(_Atomic uint32_t *bits, enum meters_trouble trouble, bool on)
{
    uint32_t bit = 1u << trouble, was = meter_get(bits), is = on ? was | bit : was & ~bit;
    if (is != was)
        meter_set(bits, is);
}

/* The place of that queue, found or made. Never NULL: if all are taken, one that nobody reads. */
struct meters_queue *meters_queue(struct meters *meters, const char *name);
/* The place of that type (ptr NULL: jobs without), looked for, made, or `other`. */
struct meters_row *meters_row_find(struct meters *meters, struct meters_queue *queue,
                                   struct slice type);

/* The same, quick where it is the type of the job before. */
static inline struct meters_row *meters_row(struct meters *meters, struct meters_queue *queue,
                                            struct slice type)
{
    struct meters_row *last = &meters->row[queue->row[0]];
    bool is_last = queue->rows > 0 && last->type_len == type.len &&
                   (type.len == 0 || memcmp(last->type, type.ptr, type.len) == 0);
    return is_last ? last : meters_row_find(meters, queue, type);
}

static inline void meters_histogram_add(struct meters_histogram *histogram, int64_t amount_ms)
{
    int bucket = 0;

    while (bucket < METERS_BUCKETS && amount_ms > meters_bucket_ms[bucket])
        bucket++;
    meter_add(&histogram->count[bucket], 1);
    meter_add(&histogram->sum_ms, amount_ms > 0 ? (uint64_t)amount_ms : 0);
}

/* As it was before anything was written to it. Nobody reads or writes meanwhile. */
void meters_clear(struct meters *meters);

#endif
