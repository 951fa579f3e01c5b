/* Judgements of what Redis can bear: memory and time. */
#include <inttypes.h>
#include <string.h>

#include "admin/doctor/checks.h"
#include "base/units.h"

enum {
    MEMORY_PERCENT_MAX = 80,
    MEMORY_PERCENT_CRITICAL = 95,
    TREND_MS_MIN = 500,              /* a shorter look says nothing */
    TREND_FULL_MS_MAX = 3600 * 1000, /* full within this time */
    TREND_NOISE_BYTES = 512 << 10,
    ROUND_TRIP_US_MAX = 10000,
    EVENT_MS_MAX = 100,
    FORK_US_MAX = 500000,
};

void judge_eviction(const struct facts *facts, struct findings *out)
{
    struct slice policy = facts_info(facts, "maxmemory_policy");

    if (policy.ptr == NULL || facts_is(policy, "noeviction"))
        return;
    bool accepted = facts->config->redis_allow_eviction;
    finding_add(out, accepted ? SEVERITY_WARNING : SEVERITY_CRITICAL, NULL,
                "maxmemory-policy is %.*s%s", (int)policy.len, policy.ptr,
                accepted ? ", which redis.allow_eviction accepts" : "; workers refuse to start");
    finding_mend(out, "%s CONFIG SET maxmemory-policy noeviction", facts->cli);
    finding_mend(out, "%s CONFIG REWRITE", facts->cli);
}

void judge_evicted(const struct facts *facts, struct findings *out)
{
    int64_t keys = facts_number(facts, "evicted_keys");

    if (keys <= 0)
        return;
    finding_add(out, SEVERITY_WARNING, NULL, "%" PRId64 " keys were evicted since Redis began",
                keys);
    finding_mend(out, "navvy queues --all%s  # then navvy audit of each", facts->options);
    finding_mend(out, "%s CONFIG RESETSTAT  # begins to count anew", facts->cli);
}

void judge_memory(const struct facts *facts, struct findings *out)
{
    char used_text[UNITS_TEXT_MAX], most_text[UNITS_TEXT_MAX];
    int64_t used = facts_number(facts, "used_memory"), most = facts_number(facts, "maxmemory");
    bool limited = most > 0;

    if (!limited)
        most = facts_number(facts, "total_system_memory");
    if (used < 0 || most <= 0)
        return;
    int64_t percent = (int64_t)((double)used * 100 / (double)most);
    if (percent < MEMORY_PERCENT_MAX)
        return;
    units_format_bytes((uint64_t)used >> 20 << 20, used_text);
    units_format_bytes((uint64_t)most, most_text);
    finding_add(out, percent >= MEMORY_PERCENT_CRITICAL ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                NULL, "%" PRId64 " %% of the memory is used: %s of %s%s", percent, used_text,
                most_text, limited ? " (maxmemory)" : " of the machine, and there is no maxmemory");
    if (limited)
        finding_mend(out, "%s CONFIG SET maxmemory %" PRId64, facts->cli, 2 * most);
    finding_mend(out, "navvy queues --all%s  # which queue is it? More workers drain it",
                 facts->options);
}

void judge_trend(const struct facts *facts, struct findings *out)
{
    int64_t most = facts_number(facts, "maxmemory");

    if (facts->look_ms < TREND_MS_MIN || most <= 0 || facts->grown_bytes < TREND_NOISE_BYTES)
        return;
    double grown_per_ms = (double)facts->grown_bytes / (double)facts->look_ms;
    double full_ms = (double)(most - facts->used_bytes) / grown_per_ms;
    if (full_ms > TREND_FULL_MS_MAX)
        return;
    finding_add(out, SEVERITY_WARNING, NULL,
                "memory grows by %.0f KiB/s; at this rate maxmemory is reached in %.0f s",
                grown_per_ms * 1000 / 1024, full_ms > 0 ? full_ms / 1000 : 0);
    finding_mend(out, "navvy top%s  # which queue grows? More workers, or fewer producers",
                 facts->options);
}

void judge_round_trip(const struct facts *facts, struct findings *out)
{
    if (facts->rtt_us <= ROUND_TRIP_US_MAX)
        return;
    finding_add(out, SEVERITY_WARNING, NULL,
                "a round trip takes %.1f ms (the median of 21; the slowest took %.1f ms)",
                (double)facts->rtt_us / 1000, (double)facts->rtt_us_worst / 1000);
    finding_mend(out, "%s --latency  # near Redis and here: is it Redis, or the way to it?",
                 facts->cli);
}

/* These are Redis's own words for what only a person or a script of others would call. */
static bool looks_at_everything(const char *command)
{
    static const char *const names[] = {"keys",     "smembers", "hgetall",
                                        "flushall", "flushdb",  "sort"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(command, names[i]) == 0)
            return true;
    return false;
}

void judge_slow_commands(const struct facts *facts, struct findings *out)
{
    const struct slow_facts *slow = &facts->slow;

    if (slow->commands <= 0)
        return;
    finding_add(out, SEVERITY_WARNING, NULL,
                "%" PRId64 " slow commands within the last hour, the worst %s, %.1f ms%s",
                slow->commands, slow->worst, (double)slow->worst_us / 1000,
                looks_at_everything(slow->worst) ? "; that is nothing of navvy's" : "");
    finding_mend(out, "%s SLOWLOG GET 10  # what, and from whom", facts->cli);
    finding_mend(out, "%s SLOWLOG RESET  # when it is understood", facts->cli);
}

void judge_stalls(const struct facts *facts, struct findings *out)
{
    if (facts->slow.event_ms < EVENT_MS_MAX)
        return;
    finding_add(out, SEVERITY_WARNING, NULL,
                "Redis stood still for %" PRId64 " ms within the last hour: %s",
                facts->slow.event_ms, facts->slow.event);
    finding_mend(out, "%s LATENCY DOCTOR", facts->cli);
    finding_mend(out, "%s LATENCY RESET  # when it is understood", facts->cli);
}

void judge_fork_time(const struct facts *facts, struct findings *out)
{
    int64_t fork_us = facts_number(facts, "latest_fork_usec");

    if (fork_us <= FORK_US_MAX)
        return;
    finding_add(out, SEVERITY_WARNING, NULL, "the last fork took %.0f ms", (double)fork_us / 1000);
    finding_mend(out, "echo never > /sys/kernel/mm/transparent_hugepage/enabled  # there");
}
