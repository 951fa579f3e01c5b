/*
 * bench_json: a bench as one JSON object, whose keys stay.
 */
#include <jansson.h>
#include <stdio.h>

#include "admin/bench_print.h"

static json_t *redis_json(const struct bench *bench)
{
    const struct bench_server *server = &bench->server;

    return json_pack("{s:s, s:s, s:s, s:b, s:I, s:I}", "where", server->where, "product",
                     server->facts.product, "version", server->facts.version, "append_only",
                     server->append_only, "other_clients", (json_int_t)server->clients,
                     "other_commands_per_s", (json_int_t)server->others_per_s);
}

static json_t *drain_json(const struct bench_drain *drain)
{
    return json_pack("{s:b, s:I, s:f, s:f, s:f, s:f, s:f, s:I}", "fingerprints",
                     drain->fingerprints, "jobs", (json_int_t)drain->jobs, "seconds",
                     drain->seconds, "jobs_per_s", drain->jobs_per_s, "redis_us_per_job",
                     drain->redis_us_per_job, "navvy_us_per_job", drain->navvy_us_per_job,
                     "redis_busy_percent", drain->redis_busy_percent, "navvy_peak_kib",
                     (json_int_t)drain->peak_kib);
}

static double us(const struct bench_latency *latency, uint64_t permille)
{
    return (double)histogram_quantile(&latency->ns, permille) / 1e3;
}

static json_t *latency_json(const struct bench_latency *latency)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f}", "load", latency->load,
                     "jobs_per_s", (json_int_t)latency->rate, "jobs", (json_int_t)latency->jobs,
                     "samples", (json_int_t)histogram_samples(&latency->ns), "p50_us",
                     us(latency, 500), "p99_us", us(latency, 990), "p99_9_us", us(latency, 999),
                     "max_us", us(latency, 1000), "late_push_max_us",
                     (double)latency->push_late_max_ns / 1e3);
}

static json_t *warnings_json(const struct bench *bench)
{
    json_t *warnings = json_array();
    char text[BENCH_WARNING_MAX];

    for (size_t i = 0; bench_warning(bench, i, text) != NULL; i++)
        (void)json_array_append_new(warnings, json_string(text));
    return warnings;
}

void bench_print_json(const struct bench *bench)
{
    json_t *drains = json_array(), *latencies = json_array();

    for (size_t i = 0; i < bench->drain_count; i++)
        (void)json_array_append_new(drains, drain_json(&bench->drains[i]));
    for (size_t i = 0; i < bench->latency_count; i++)
        (void)json_array_append_new(latencies, latency_json(&bench->latencies[i]));
    json_t *all = json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "queue", bench->plan->queue,
                            "threads", (json_int_t)bench->plan->threads, "bytes",
                            (json_int_t)bench->plan->bytes, "redis", redis_json(bench), "drain",
                            drains, "latency", latencies, "warnings", warnings_json(bench));
    (void)json_dumpf(all, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(all);
}
