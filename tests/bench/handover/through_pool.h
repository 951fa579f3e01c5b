/*
 * through_pool: jobs through the whole pool and back, with nothing to do on the way. The loop waits
 * in poll() as libevent would.
 */
#ifndef TESTS_BENCH_HANDOVER_THROUGH_POOL_H
#define TESTS_BENCH_HANDOVER_THROUGH_POOL_H

#include <stdint.h>

struct through_pool {
    double jobs_per_s;
    double loop_ns, process_ns; /* CPU per job: of the loop's thread, of all */
    double wakeups_per_job;
};

/* in_flight: jobs in the pool at a time. 1: each finds an idle pool. */
struct through_pool through_pool(uint32_t threads, uint32_t in_flight, uint64_t jobs);

#endif
