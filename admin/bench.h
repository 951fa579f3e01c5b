/*
 * bench: what `navvy bench` is about to do, what it has at hand, and what it found out.
 *
 *   cmd_bench      the runs one after the other, and what they leave
 *   bench_words    the command line
 *   bench_queue    the keys: claimed, filled, counted, removed
 *   bench_worker   a `navvy run` of our own
 *   bench_server   what Redis says of itself
 *   bench_drain    a full queue, emptied        -> struct bench_drain
 *   bench_latency  pushes on a schedule         -> struct bench_latency
 *   bench_print    for people; bench_json: for programs; bench_plot: a histogram as text
 *
 * One thread. Functions that return bool have said why on stderr if it is false.
 */
#ifndef ADMIN_BENCH_H
#define ADMIN_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/progress.h"
#include "admin/session.h"
#include "base/histogram.h"
#include "redis/server.h"

enum {
    BENCH_BYTES_MIN = 40, /* of a payload: a moment and a number */
    BENCH_BYTES_MAX = 1024 * 1024,
    BENCH_NAME_MAX = 64,
    BENCH_DRAINS_MAX = 2,
    BENCH_LATENCIES_MAX = 2,
};

#define BENCH_QUEUE_PREFIX "navvy-bench"

struct bench_plan {
    struct common common; /* first: common_argp's input */
    char queue[BENCH_NAME_MAX];
    bool named;         /* the queue, by the user */
    uint64_t jobs;      /* of a drain; 0: none is run */
    uint64_t bytes;     /* of a payload */
    uint64_t threads;   /* of the worker */
    uint64_t rate;      /* pushes a second when it is quiet; 0: not run */
    uint64_t seconds;   /* of each latency run; 0: none is run */
    int64_t ttl_ms;     /* of fingerprints */
    bool with, without; /* drains, with and without fingerprints */
    bool remove;        /* nothing else */
    bool json;
};

/* What Redis and we have spent, at one moment. */
struct bench_spent {
    int64_t at_ns;
    int64_t redis_us; /* its main thread */
    int64_t worker_ns;
};

struct bench_drain {
    bool fingerprints;
    uint64_t jobs;
    double seconds, jobs_per_s, redis_us_per_job, navvy_us_per_job;
    double redis_busy_percent; /* of one core */
    uint64_t peak_kib;         /* resident, of the worker */
};

struct bench_latency {
    const char *load; /* "quiet", "half" */
    uint64_t rate, jobs;
    int64_t push_late_max_ns; /* the latest push, after it was meant */
    struct histogram ns;
};

struct bench_server {
    struct server_facts facts;
    char where[ENDPOINT_TEXT_MAX];
    bool append_only;
    uint64_t others_per_s; /* commands of other clients, before the first run */
    uint64_t clients;      /* connected, without us */
};

struct bench {
    const struct bench_plan *plan;
    struct session session;
    bool claimed;  /* the keys are ours to remove */
    size_t warned; /* so many warnings have been printed */
    struct bench_server server;
    struct bench_drain drains[BENCH_DRAINS_MAX];
    struct bench_latency latencies[BENCH_LATENCIES_MAX];
    size_t drain_count, latency_count;
};

/* True, and said, if a signal asked us to stop. */
bool bench_stopped(void) MUST_CHECK;

#endif
