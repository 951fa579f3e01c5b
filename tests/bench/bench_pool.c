/*
 * bench_pool: how fast jobs go through the pool and back, with nothing to do on the way.
 *
 *   bench_pool [jobs] [min] [max] [in flight]
 *
 * Prints jobs per second, what one job costs the loop's thread and the whole process in CPU, and
 * how many threads were woken. The loop waits in poll() as libevent would.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "pool/pool.h"

static void done_at_once(struct job *job, const struct stopper *stopper)
{
    (void)stopper;
    job->result.outcome = JOB_DONE;
}

static double cpu_seconds(int who)
{
    struct rusage usage;

    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Keeps all of `spare` in flight until `jobs` have come back. */
static void hand_over(struct pool *pool, struct job *spare, uint64_t jobs)
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

static uint64_t argument(int argc, char **argv, int index, uint64_t otherwise)
{
    return argc > index ? strtoull(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    uint64_t jobs = argument(argc, argv, 1, 3000000);
    struct pool_limits limits = {(uint32_t)argument(argc, argv, 2, 4),
                                 (uint32_t)argument(argc, argv, 3, 4), 30000};
    uint64_t in_flight = argument(argc, argv, 4, 1024);
    struct job *table = calloc(in_flight, sizeof(*table)), *spare = NULL;
    struct pool *pool = pool_new(&limits, done_at_once);

    if (table == NULL || pool == NULL)
        return EXIT_FAILURE;
    for (uint64_t i = in_flight; i-- > 0; spare = &table[i])
        table[i].next = spare;

    int64_t start_ns = clock_mono_ns();
    double loop_cpu = cpu_seconds(RUSAGE_THREAD), all_cpu = cpu_seconds(RUSAGE_SELF);
    hand_over(pool, spare, jobs);
    double seconds = (double)(clock_mono_ns() - start_ns) / 1e9;
    loop_cpu = cpu_seconds(RUSAGE_THREAD) - loop_cpu;
    all_cpu = cpu_seconds(RUSAGE_SELF) - all_cpu;

    struct pool_stats stats = pool_stats(pool);
    printf("%.0f jobs/s, loop %.0f ns/job, process %.0f ns/job, %u threads, %llu woken\n",
           (double)jobs / seconds, loop_cpu * 1e9 / (double)jobs, all_cpu * 1e9 / (double)jobs,
           stats.threads, (unsigned long long)stats.wakeups);
    if (!pool_free(pool, 1000))
        return EXIT_FAILURE;
    free(table);
    return EXIT_SUCCESS;
}
