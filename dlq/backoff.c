#include "dlq/backoff.h"

#include "base/check.h"

enum { BACKOFF_STEPS_MAX = 1000 }; /* a header may claim any number of failures */

/* Before jitter. The product grows past cap long before it could overflow a double. */
static int64_t exponential_ms(const struct retry_conf *policy, uint32_t attempt)
{
    double delay_ms = (double)policy->base_ms;

    if (attempt > BACKOFF_STEPS_MAX)
        attempt = BACKOFF_STEPS_MAX;
    for (uint32_t i = 1; i < attempt && delay_ms < (double)policy->cap_ms; i++)
        delay_ms *= policy->factor > 1 ? policy->factor : 1;
    return delay_ms < (double)policy->cap_ms ? (int64_t)delay_ms : policy->cap_ms;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t plain_ms(const struct retry_conf *policy, uint32_t attempt)
{
    switch (policy->backoff) {
    case BACKOFF_LIST:
        CHECK(policy->delays_count > 0);
        return policy->delays_ms[least(attempt, policy->delays_count) - 1];
    case BACKOFF_FIXED:
        return least(policy->base_ms, policy->cap_ms);
    case BACKOFF_EXPONENTIAL:
    case BACKOFF_KIND_COUNT:
        break;
    }
    return exponential_ms(policy, attempt);
}

/* Uniform in [low, low + width]. */
static int64_t spread(int64_t low, int64_t width, uint64_t random)
{
    return low + (int64_t)(random % ((uint64_t)width + 1));
}

static int64_t percent_of(int64_t ms, uint32_t percent)
{
    return (int64_t)((double)ms * percent / 100);
}

int64_t backoff_delay_ms(const struct retry_conf *policy, uint32_t attempt, uint64_t random)
{
    CHECK(attempt >= 1);
    int64_t delay_ms = plain_ms(policy, attempt);
    int64_t cap_ms = policy->backoff == BACKOFF_LIST ? INT64_MAX : policy->cap_ms;

    if (policy->jitter_full)
        return spread(0, delay_ms, random);
    int64_t part_ms = percent_of(delay_ms, policy->jitter_percent);
    return least(spread(delay_ms - part_ms, 2 * part_ms, random), cap_ms);
}

int64_t backoff_asked_ms(const struct retry_conf *policy, int64_t asked_ms, uint64_t random)
{
    CHECK(asked_ms >= 0);
    asked_ms = least(asked_ms, BACKOFF_ASKED_MS_MAX);
    uint32_t percent = policy->jitter_full ? 100 : policy->jitter_percent;
    return spread(asked_ms, percent_of(asked_ms, percent), random);
}
