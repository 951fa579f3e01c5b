/*
 * bench_drain: how fast a full queue empties, and what that costs. Counted from the last look that
 * found no job done until the first that found them all done; looks are 2 ms apart.
 */
#ifndef ADMIN_BENCH_DRAIN_H
#define ADMIN_BENCH_DRAIN_H

#include "admin/bench_worker.h"

/* The keys are claimed; `worker` is started here, and the caller's to stop, whatever is returned.
 */
bool bench_drain_run(struct bench *bench, struct bench_worker *worker, bool fingerprints,
                     struct bench_drain *out) MUST_CHECK;

#endif
