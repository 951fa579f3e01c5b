/*
 * bench_warning: what makes the figures of a bench worth less.
 */
#include <inttypes.h>
#include <stdio.h>

#include "admin/bench_plot.h"
#include "admin/bench_print.h"

enum { OTHERS_PER_S = 50, LATE_SHARE = 2 };

static bool is_busy(const struct bench *bench, char out[BENCH_WARNING_MAX])
{
    (void)snprintf(out, BENCH_WARNING_MAX,
                   "other clients ask for %" PRIu64 " commands/s: Redis's time is theirs, too, and "
                   "jobs wait behind them",
                   bench->server.others_per_s);
    return bench->server.others_per_s >= OTHERS_PER_S;
}

/* Was it bench that was slow? */
static bool pushed_late(const struct bench *bench, char out[BENCH_WARNING_MAX])
{
    for (size_t i = 0; i < bench->latency_count; i++) {
        const struct bench_latency *latency = &bench->latencies[i];
        uint64_t late_ns = (uint64_t)latency->push_late_max_ns;
        char text[BENCH_TIME_MAX];
        if (late_ns * LATE_SHARE < histogram_quantile(&latency->ns, 1000) || late_ns < 1000000)
            continue;
        (void)snprintf(out, BENCH_WARNING_MAX,
                       "at %" PRIu64 " jobs/s a push came %s late, which explains half of the "
                       "maximum or more: bench had no processor, or Redis did not answer it",
                       latency->rate, bench_time(late_ns, text));
        return true;
    }
    return false;
}

const char *bench_warning(const struct bench *bench, size_t i, char out[BENCH_WARNING_MAX])
{
    bool (*const all[])(const struct bench *, char[BENCH_WARNING_MAX]) = {is_busy, pushed_late};
    size_t found = 0;

    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
        if (all[k](bench, out) && found++ == i)
            return out;
    return NULL;
}
