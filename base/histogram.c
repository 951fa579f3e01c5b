#include "base/histogram.h"

static const uint64_t amount_max = (UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1;

/* Bucket n of the power 2^(STEP_BITS + k) begins at (STEPS + n) << k; those below STEPS are one
 * apart. */
static size_t bucket_of(uint64_t amount)
{
    if (amount < HISTOGRAM_STEPS)
        return (size_t)amount;
    if (amount > amount_max)
        amount = amount_max;
    unsigned shift = 63u - (unsigned)__builtin_clzll(amount) - HISTOGRAM_STEP_BITS;
    return (size_t)shift * HISTOGRAM_STEPS + (size_t)(amount >> shift);
}

/* The largest amount that belongs there. */
static uint64_t bucket_end(size_t bucket)
{
    if (bucket < HISTOGRAM_STEPS)
        return bucket;
    size_t shift = bucket / HISTOGRAM_STEPS - 1;
    uint64_t step = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
    return ((step + 1) << shift) - 1;
}

static uint64_t count_at(const struct histogram *histogram, size_t bucket)
{
    return atomic_load_explicit(&histogram->count[bucket], memory_order_relaxed);
}

void histogram_add(struct histogram *histogram, uint64_t amount)
{
    uint64_t max = atomic_load_explicit(&histogram->max, memory_order_relaxed);

    while (amount > max &&
           !atomic_compare_exchange_weak_explicit(&histogram->max, &max, amount,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    atomic_fetch_add_explicit(&histogram->count[bucket_of(amount)], 1, memory_order_release);
}

uint64_t histogram_samples(const struct histogram *histogram)
{
    uint64_t samples = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        samples += count_at(histogram, i);
    atomic_thread_fence(memory_order_acquire); /* with the release of who added: its max, too */
    return samples;
}

uint64_t histogram_up_to(const struct histogram *histogram, uint64_t amount)
{
    uint64_t samples = 0;

    for (size_t i = 0, last = bucket_of(amount); i <= last; i++)
        samples += count_at(histogram, i);
    return samples;
}

uint64_t histogram_quantile(const struct histogram *histogram, uint64_t permille)
{
    uint64_t samples = histogram_samples(histogram);
    uint64_t max = atomic_load_explicit(&histogram->max, memory_order_relaxed);
    uint64_t wanted = (samples * permille + 999) / 1000, seen = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS && wanted < samples; i++) {
        seen += count_at(histogram, i);
        if (seen >= wanted && seen > 0)
            return bucket_end(i) < max ? bucket_end(i) : max;
    }
    return max;
}

void histogram_clear(struct histogram *histogram)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        atomic_store_explicit(&histogram->count[i], 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->max, 0, memory_order_relaxed);
}
