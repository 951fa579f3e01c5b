#include "admin/bench_drain.h"

#include <inttypes.h>
#include <poll.h>

#include "admin/bench_queue.h"
#include "admin/bench_server.h"
#include "base/clock.h"

enum { LOOK_MS = 2, STANDSTILL_MS = 30000 };

static bool look_at_costs(struct bench *bench, const struct bench_worker *worker,
                          struct bench_spent *out)
{
    out->redis_us = bench_server_cpu_us(bench);
    out->worker_ns = bench_worker_cpu_ns(worker);
    out->at_ns = clock_mono_ns();
    return out->redis_us >= 0;
}

/* Is it still of use to wait? `at_ms` is when a job was done last. */
static bool goes_on(struct bench_worker *worker, int64_t done, int64_t at_ms)
{
    if (!bench_worker_lives(worker) || bench_stopped())
        return false;
    if (clock_mono_ms() - at_ms < STANDSTILL_MS)
        return true;
    command_fault(COMMAND_FAILED, "no job was done for %d s, after %" PRId64, STANDSTILL_MS / 1000,
                  done);
    return false;
}

/* Until all are done; *begin is what had been spent when none was. */
static bool wait_until_empty(struct bench *bench, struct bench_worker *worker,
                             struct progress *progress, struct bench_spent *begin)
{
    int64_t jobs = (int64_t)bench->plan->jobs, done = 0, before = 0, at_ms = clock_mono_ms();
    struct bench_spent spent = *begin;

    while (done < jobs) {
        if (done == 0 && !look_at_costs(bench, worker, &spent))
            return false;
        done = bench_queue_done(bench);
        if (done == 0)
            *begin = spent;
        if (done > before)
            at_ms = clock_mono_ms();
        before = done;
        if (done < 0 || !goes_on(worker, done, at_ms))
            return false;
        progress_show(progress, (uint64_t)done, (uint64_t)done);
        if (done < jobs)
            (void)poll(NULL, 0, LOOK_MS);
    }
    return true;
}

static void compute(struct bench_drain *out, const struct bench_spent *begin,
                    const struct bench_spent *end)
{
    double jobs = (double)out->jobs, redis_us = (double)(end->redis_us - begin->redis_us);
    double ns = (double)(end->at_ns - begin->at_ns);

    out->seconds = ns / 1e9;
    out->jobs_per_s = jobs / out->seconds;
    out->redis_us_per_job = redis_us / jobs;
    out->redis_busy_percent = redis_us * 1e3 / ns * 100;
    out->navvy_us_per_job = (double)(end->worker_ns - begin->worker_ns) / 1e3 / jobs;
}

bool bench_drain_run(struct bench *bench, struct bench_worker *worker, bool fingerprints,
                     struct bench_drain *out)
{
    struct bench_spent begin = {0}, end = {0};
    struct progress progress;

    *out = (struct bench_drain){.fingerprints = fingerprints, .jobs = bench->plan->jobs};
    if (!bench_queue_fill(bench, out->jobs) ||
        !bench_worker_start(worker, bench, fingerprints, false) ||
        !look_at_costs(bench, worker, &begin))
        return false;
    progress_init(&progress, out->jobs);
    bool fine =
        wait_until_empty(bench, worker, &progress, &begin) && look_at_costs(bench, worker, &end);
    progress_fini(&progress);
    if (!fine || !bench_queue_balances(bench, out->jobs))
        return false;
    compute(out, &begin, &end);
    out->peak_kib = bench_worker_peak_kib(worker);
    return true;
}
