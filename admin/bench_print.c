#include "admin/bench_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/bench_plot.h"
#include "base/terminal.h"

enum { COLUMNS_OTHERWISE = 80, GROUPED_MAX = 32 };

/* 1234567 -> "1,234,567" */
static const char *grouped(double number, char out[GROUPED_MAX])
{
    char digits[GROUPED_MAX];
    int len = snprintf(digits, sizeof digits, "%.0f", number < 1e15 ? number : 1e15), at = 0;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

static void print_warnings(struct bench *bench)
{
    char warning[BENCH_WARNING_MAX];

    for (; bench_warning(bench, bench->warned, warning) != NULL; bench->warned++)
        printf("warning: %s\n", warning);
}

void bench_print_head(struct bench *bench)
{
    const struct bench_server *server = &bench->server;
    const struct bench_plan *plan = bench->plan;
    char others[GROUPED_MAX];

    printf("%s %s at %s, append-only file %s; others: %" PRIu64 " clients, %s commands/s\n",
           server->facts.product, server->facts.version, server->where,
           server->append_only ? "on" : "off", server->clients,
           grouped((double)server->others_per_s, others));
    printf("queue %s, payloads of %" PRIu64 " bytes, a worker with %" PRIu64 " threads\n",
           plan->queue, plan->bytes, plan->threads);
    print_warnings(bench);
    (void)fflush(stdout);
}

static void print_drain(const struct bench_drain *drain)
{
    char jobs[GROUPED_MAX], rate[GROUPED_MAX];

    printf("%-21s %11s %11s %9.2f us %9.2f us %8.0f %% %8.1f MiB\n",
           drain->fingerprints ? "with fingerprints" : "without",
           grouped((double)drain->jobs, jobs), grouped(drain->jobs_per_s, rate),
           drain->redis_us_per_job, drain->navvy_us_per_job, drain->redis_busy_percent,
           (double)drain->peak_kib / 1024);
}

static void print_drains(const struct bench *bench)
{
    if (bench->drain_count > 0)
        printf("\n%-21s %11s %11s %12s %12s %10s %12s\n", "drain", "jobs", "jobs/s", "redis/job",
               "navvy/job", "redis busy", "navvy memory");
    for (size_t i = 0; i < bench->drain_count; i++)
        print_drain(&bench->drains[i]);
}

static const char *load_text(const struct bench_latency *latency)
{
    return latency->load[0] == 'q' ? "quiet" : "half of the drain";
}

static void print_latency(const struct bench_latency *latency)
{
    static const uint64_t permille[] = {500, 990, 999, 1000};
    char jobs[GROUPED_MAX], rate[GROUPED_MAX], time[BENCH_TIME_MAX];

    printf("%-21s %11s %11s", load_text(latency), grouped((double)latency->jobs, jobs),
           grouped((double)latency->rate, rate));
    for (size_t i = 0; i < sizeof(permille) / sizeof(permille[0]); i++)
        printf(" %9s", bench_time(histogram_quantile(&latency->ns, permille[i]), time));
    printf(" %9s\n", bench_time((uint64_t)latency->push_late_max_ns, time));
}

static void print_latencies(const struct bench *bench)
{
    if (bench->latency_count > 0)
        printf("\n%-21s %11s %11s %9s %9s %9s %9s %9s\n", "push to handler", "jobs", "jobs/s",
               "p50", "p99", "p99.9", "max", "late push");
    for (size_t i = 0; i < bench->latency_count; i++)
        print_latency(&bench->latencies[i]);
}

static void print_plots(const struct bench *bench)
{
    int columns = terminal_columns(COLUMNS_OTHERWISE);

    for (size_t i = 0; i < bench->latency_count; i++) {
        const struct bench_latency *latency = &bench->latencies[i];
        struct buf plot = {0};
        char rate[GROUPED_MAX];
        bench_plot(&latency->ns, columns, &plot);
        printf("\n%s, %s jobs/s\n%s", load_text(latency), grouped((double)latency->rate, rate),
               plot.len > 0 ? plot.data : "");
        buf_free(&plot);
    }
}

void bench_print_results(struct bench *bench)
{
    print_drains(bench);
    print_latencies(bench);
    print_plots(bench);
    print_warnings(bench);
}
