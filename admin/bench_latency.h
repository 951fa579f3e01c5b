/*
 * bench_latency: from a push until the handler begins. An open loop: pushes follow a schedule that
 * waits for no job, and a push that comes late (this process, the network or Redis stood still) is
 * counted from the moment at which it was meant, as wrk2 does it.
 */
#ifndef ADMIN_BENCH_LATENCY_H
#define ADMIN_BENCH_LATENCY_H

#include "admin/bench_worker.h"

/* The keys are claimed; `out` has rate and load; `worker` as for bench_drain_run(). */
bool bench_latency_run(struct bench *bench, struct bench_worker *worker, bool fingerprints,
                       struct bench_latency *out) MUST_CHECK;

#endif
