#include "admin/bench_latency.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>

#include "admin/bench_queue.h"
#include "admin/interrupt.h"
#include "base/clock.h"

enum {
    BURSTS_PER_S = 4000, /* above so many pushes a second, several are meant for one moment */
    WARM_UP_JOBS = 50,
    LOOK_MS = 5,
    START_MS = 30000,
    DRAIN_MS = 60000,
    HEAD_START_NS = 5000000, /* the first push, after the schedule was made */
};

static const int64_t second_ns = 1000000000;

/* When each job is meant to be pushed. */
struct schedule {
    int64_t began_ns;
    uint64_t jobs, rate, bursts_per_s;
};

/* ---- the worker, ready and warm ---- */

static bool wait_until_served(struct bench *bench, struct bench_worker *worker)
{
    int64_t until_ms = clock_mono_ms() + START_MS;
    bool served = false;

    while (bench_worker_lives(worker) && !bench_stopped() && bench_queue_served(bench, &served)) {
        if (served)
            return true;
        if (clock_mono_ms() > until_ms) {
            command_fault(COMMAND_FAILED, "the worker took no lease within %d s", START_MS / 1000);
            return false;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    return false;
}

/* Until the handler has seen so many jobs. */
static bool wait_for_samples(struct bench_worker *worker, uint64_t jobs)
{
    int64_t until_ms = clock_mono_ms() + DRAIN_MS;

    while (histogram_samples(worker->histogram) < jobs) {
        if (!bench_worker_lives(worker) || bench_stopped())
            return false;
        if (clock_mono_ms() > until_ms) {
            command_fault(COMMAND_FAILED,
                          "%" PRIu64 " of %" PRIu64 " jobs had not begun %d s after the last push",
                          jobs - histogram_samples(worker->histogram), jobs, DRAIN_MS / 1000);
            return false;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    return true;
}

static bool warm_up(struct bench *bench, struct bench_worker *worker)
{
    for (uint64_t i = 0; i < WARM_UP_JOBS; i++)
        if (!bench_queue_push(bench, i, clock_mono_ns()) || !wait_for_samples(worker, i + 1))
            return false;
    histogram_clear(worker->histogram);
    return true;
}

/* ---- pushes ---- */

static int64_t meant_ns(const struct schedule *schedule, uint64_t job)
{
    uint64_t burst = job * schedule->bursts_per_s / schedule->rate;

    return schedule->began_ns + (int64_t)(burst * (uint64_t)second_ns / schedule->bursts_per_s);
}

static void wait_until(int64_t at_ns)
{
    struct timespec at = {.tv_sec = at_ns / second_ns, .tv_nsec = at_ns % second_ns};

    while (clock_mono_ns() < at_ns && interrupt_signal() == 0)
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* All that are due by now, or as many as one push takes. */
static bool push_due(struct bench_pusher *pusher, const struct schedule *schedule,
                     struct bench_latency *out)
{
    int64_t now_ns = clock_mono_ns(), late_ns = now_ns - meant_ns(schedule, out->jobs);

    if (late_ns > out->push_late_max_ns)
        out->push_late_max_ns = late_ns;
    for (size_t i = 0; i < BENCH_PUSH_MAX && out->jobs < schedule->jobs; i++, out->jobs++) {
        int64_t at_ns = meant_ns(schedule, out->jobs);
        if (at_ns > now_ns)
            break;
        if (!bench_pusher_add(pusher, out->jobs, at_ns))
            return false;
    }
    return bench_pusher_flush(pusher);
}

static void show(struct progress *progress, const struct bench_latency *out, uint64_t jobs)
{
    char what[64];

    (void)snprintf(what, sizeof what, "latency at %" PRIu64 " jobs/s", out->rate);
    progress_show_percent(progress, (int)(out->jobs * 100 / jobs), what);
}

/* The kernel wakes us 50 us late, or, where that counts, at once. A worker would inherit it. */
static void wake_at_once(bool yes)
{
    (void)prctl(PR_SET_TIMERSLACK, yes ? 1UL : 0UL, 0UL, 0UL, 0UL);
}

static bool push_all(struct bench *bench, struct bench_worker *worker,
                     const struct schedule *schedule, struct bench_latency *out)
{
    struct bench_pusher pusher = {.bench = bench};
    struct progress progress;
    int64_t look_ns = 0;
    bool fine = true;

    progress_init(&progress, schedule->jobs);
    wake_at_once(true);
    while (fine && out->jobs < schedule->jobs) {
        int64_t at_ns = meant_ns(schedule, out->jobs);
        wait_until(at_ns);
        fine = !bench_stopped() && push_due(&pusher, schedule, out);
        if (!fine || at_ns < look_ns)
            continue;
        look_ns = at_ns + LOOK_MS * 1000000;
        fine = bench_worker_lives(worker);
        show(&progress, out, schedule->jobs);
    }
    wake_at_once(false);
    progress_fini(&progress);
    return bench_pusher_finish(&pusher) && fine;
}

bool bench_latency_run(struct bench *bench, struct bench_worker *worker, bool fingerprints,
                       struct bench_latency *out)
{
    struct schedule schedule = {
        .jobs = out->rate * bench->plan->seconds,
        .rate = out->rate,
        .bursts_per_s = out->rate < BURSTS_PER_S ? out->rate : BURSTS_PER_S,
    };

    if (!bench_worker_start(worker, bench, fingerprints, true) ||
        !wait_until_served(bench, worker) || !warm_up(bench, worker))
        return false;
    schedule.began_ns = clock_mono_ns() + HEAD_START_NS;
    if (!push_all(bench, worker, &schedule, out) || !wait_for_samples(worker, out->jobs))
        return false;
    out->ns = *worker->histogram;
    return true;
}
