/*
 * trial: one measurement of one queue with so many consumers. The producer is the calling thread.
 */
#ifndef TESTS_BENCH_HANDOVER_TRIAL_H
#define TESTS_BENCH_HANDOVER_TRIAL_H

#include <stdint.h>

#include "tests/bench/handover/queues.h"

enum { CONSUMERS_MAX = 64 };

struct trial {
    double items_per_s;
    double p50_us, p99_us;  /* from push to pop; 0: not stamped */
    double sleeps_per_item; /* of all consumers: voluntary context switches */
};

/* As many as go through in ms, in batches. */
struct trial trial_flood(const struct queue_kind *kind, uint32_t consumers, int64_t ms);
/* One by one, evenly at that rate, for ms: an open loop, so what is late is not pushed later. The
 * producer, which looks at the clock all the time, has a processor to itself: else it would often
 * be measured how long the scheduler leaves a woken consumer behind it. */
struct trial trial_paced(const struct queue_kind *kind, uint32_t consumers, int64_t ms,
                         int64_t per_s);

#endif
