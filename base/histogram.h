/*
 * histogram: how often which amounts occurred, in constant memory and with a known precision, as
 * HdrHistogram does it (Gil Tene): buckets that double in width with every power of two, each power
 * cut into HISTOGRAM_STEPS. So an amount is known to 1 part in HISTOGRAM_STEPS (0.8 %), amounts
 * below HISTOGRAM_STEPS exactly, and the largest one exactly. What has more than
 * HISTOGRAM_MAX_BITS (in ns: 73 minutes) counts as the most that has not.
 *
 * Any number of threads and processes may add at the same time, without a lock; zeroed memory is an
 * empty histogram, so it may be in a shared file. Who reads while others add sees some of theirs.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_STEP_BITS = 7,
    HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS,
    HISTOGRAM_MAX_BITS = 42,
    HISTOGRAM_BUCKETS = (HISTOGRAM_MAX_BITS - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS,
};

struct histogram {
    _Atomic uint64_t max;
    _Atomic uint64_t count[HISTOGRAM_BUCKETS];
};

/* Any thread, any process. */
void histogram_add(struct histogram *histogram, uint64_t amount);

/* How many were added. */
uint64_t histogram_samples(const struct histogram *histogram);

/* How many of them were `amount` or less, as far as the precision tells. */
uint64_t histogram_up_to(const struct histogram *histogram, uint64_t amount);

/* The amount that so many of a thousand do not exceed, never rounded down; 1000: the largest. 0 if
 * there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, uint64_t permille);

/* Nobody adds meanwhile. */
void histogram_clear(struct histogram *histogram);

#endif
