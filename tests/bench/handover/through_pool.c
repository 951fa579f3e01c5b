#include "tests/bench/handover/through_pool.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "pool/pool.h"

static void done_at_once(struct job *job, const struct stopper *stopper)
{
    (void)stopper;
    job->result.outcome = JOB_DONE;
}

static double cpu_ns(int who)
{
    struct rusage usage;

    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

/* Keeps all of `spare` in flight until `jobs` have come back. */
static void keep_in_flight(struct pool *pool, struct job *spare, uint64_t jobs)
{
    struct pollfd fd = {.fd = pool_fd(pool), .events = POLLIN};

    for (uint64_t pushed = 0, back = 0; back < jobs;) {
        for (struct job *next; spare != NULL && pushed < jobs; spare = next, pushed++) {
            next = spare->next;
            if (!pool_push(pool, spare))
                break;
        }
        pool_kick(pool);
        poll(&fd, 1, -1);
        for (struct job *job = pool_collect(pool), *next; job != NULL; job = next, back++) {
            next = job->next;
            job->next = spare;
            spare = job;
        }
    }
}

struct through_pool through_pool(uint32_t threads, uint32_t in_flight, uint64_t jobs)
{
    struct pool *pool = pool_new(&(struct pool_limits){threads, threads, 30000}, done_at_once);
    struct job *table = calloc(in_flight, sizeof(*table)), *spare = NULL;

    CHECK(pool != NULL && table != NULL);
    for (uint32_t i = in_flight; i-- > 0; spare = &table[i])
        table[i].next = spare;
    while (pool_stats(pool).idle < threads) /* all have begun, and sleep */
        poll(NULL, 0, 1);

    int64_t began_ns = clock_mono_ns();
    double loop_ns = cpu_ns(RUSAGE_THREAD), process_ns = cpu_ns(RUSAGE_SELF);
    keep_in_flight(pool, spare, jobs);
    double took_ns = (double)(clock_mono_ns() - began_ns), count = (double)jobs;
    struct through_pool result = {
        .jobs_per_s = count / took_ns * 1e9,
        .loop_ns = (cpu_ns(RUSAGE_THREAD) - loop_ns) / count,
        .process_ns = (cpu_ns(RUSAGE_SELF) - process_ns) / count,
        .wakeups_per_job = (double)pool_stats(pool).wakeups / count,
    };
    CHECK(pool_free(pool, 1000));
    free(table);
    return result;
}
