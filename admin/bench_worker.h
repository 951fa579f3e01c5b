/*
 * bench_worker: a `navvy run` of our own, as a process: the program that we are, one worker, one
 * queue, a handler that does nothing. Its configuration and its histogram are files in memory
 * without a name, which it opens by our process's number; how Redis is reached it learns from its
 * environment. So there is nothing on disk to remove, and no password. It dies with us.
 */
#ifndef ADMIN_BENCH_WORKER_H
#define ADMIN_BENCH_WORKER_H

#include "admin/bench.h"
#include "base/tail.h"
#include "handler/program.h"

struct bench_worker {
    struct program program;
    bool runs;
    int config_fd, histogram_fd;
    struct histogram *histogram; /* of the handler; NULL: it does not measure */
    struct tail said;            /* on stderr */
};

/* `measures`: its handler is builtin bench, else noop. */
bool bench_worker_start(struct bench_worker *worker, const struct bench *bench, bool fingerprints,
                        bool measures) MUST_CHECK;

/* False: it has ended, and we have said how. Ask now and then: its stderr is read here. */
bool bench_worker_lives(struct bench_worker *worker) MUST_CHECK;

int64_t bench_worker_cpu_ns(const struct bench_worker *worker);
/* The most that was resident so far; 0: the kernel does not say. */
uint64_t bench_worker_peak_kib(const struct bench_worker *worker);

/* In order, or killed if that takes too long; at once if `now`. Frees what it had; also after a
 * start that failed. */
void bench_worker_stop(struct bench_worker *worker, bool now);

#endif
