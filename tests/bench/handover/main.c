/*
 * bench_handover: how jobs get from the loop to the threads, measured alone. The pool's ring and
 * wake-up beside a mutex with a condition variable, Concurrency Kit's ck_ring and GLib's
 * GAsyncQueue; one producer, 1, 4 and 16 consumers; all in one run and in turns. And jobs through
 * the whole pool and back, with the wake-ups of each.
 *
 *   bench_handover [--turns N] [--ms N] [--json]
 *
 * Prints medians of the turns:
 *   items/s      as many as go through, pushed in batches of 512, 8192 waiting at most
 *   busy p50 p99 one by one, 500,000 a second: from push to pop
 *   idle p50 p99 one by one, 5,000 a second: everybody sleeps before each push
 *   least        p99 of the best turn: a virtual machine's p99 is often its host's
 *   sleeps       how often consumers went to sleep, for each item, in the three
 *
 * ck_ring and GAsyncQueue are measured where the build found them: apt-get install libck-dev
 * libglib2.0-dev, and cmake --preset release again. navvy itself uses neither.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/handover/queues.h"
#include "tests/bench/handover/through_pool.h"
#include "tests/bench/handover/trial.h"

enum {
    TURNS_MAX = 99,
    BUSY_PER_S = 500000,
    IDLE_PER_S = 5000,
    LOAD_JOBS = 1000000, /* through the pool, LOAD_IN_FLIGHT at a time */
    LOAD_IN_FLIGHT = 4096,
    SINGLE_JOBS = 10000, /* one at a time */
    POOL_THREADS = 4,
};

static const struct queue_kind *const kinds[] = {
    &queue_ring,
    &queue_locked,
#ifdef HAVE_CK
    &queue_ck,
#endif
#ifdef HAVE_GLIB
    &queue_glib,
#endif
};
static const uint32_t consumers[] = {1, 4, 16};
enum { KINDS = sizeof kinds / sizeof kinds[0], CROWDS = sizeof consumers / sizeof consumers[0] };

enum load { FLOOD, BUSY, IDLE, LOAD_COUNT };
static struct trial trials[KINDS][CROWDS][LOAD_COUNT][TURNS_MAX];
static struct through_pool under_load[TURNS_MAX], single[TURNS_MAX];

static size_t turns = 5;
static int64_t ms = 200;
static bool json;

/* --- measure -------------------------------------------------------------------------------- */

static void take_turn(size_t turn)
{
    for (size_t crowd = 0; crowd < CROWDS; crowd++) {
        for (size_t i = 0; i < KINDS; i++) {
            struct trial(*here)[TURNS_MAX] = trials[i][crowd];
            here[FLOOD][turn] = trial_flood(kinds[i], consumers[crowd], ms);
            here[BUSY][turn] = trial_paced(kinds[i], consumers[crowd], ms, BUSY_PER_S);
            here[IDLE][turn] = trial_paced(kinds[i], consumers[crowd], ms, IDLE_PER_S);
        }
    }
    under_load[turn] = through_pool(POOL_THREADS, LOAD_IN_FLIGHT, LOAD_JOBS);
    single[turn] = through_pool(POOL_THREADS, 1, SINGLE_JOBS);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of one field, the least first: `first` is that of the first turn, the next turn's is `bytes`
 * further. */
static void sort_turns(const double *first, size_t bytes, double value[TURNS_MAX])
{
    for (size_t i = 0; i < turns; i++)
        memcpy(&value[i], (const char *)first + i * bytes, sizeof value[i]);
    qsort(value, turns, sizeof value[0], compare);
}

static double median(const double *first, size_t bytes)
{
    double value[TURNS_MAX];
    sort_turns(first, bytes, value);
    return value[turns / 2];
}

static double least(const double *first, size_t bytes)
{
    double value[TURNS_MAX];
    sort_turns(first, bytes, value);
    return value[0];
}
#define MEDIAN(of, field) median(&(of)[0].field, sizeof((of)[0]))
#define LEAST(of, field) least(&(of)[0].field, sizeof((of)[0]))

/* --- print ---------------------------------------------------------------------------------- */

static void print_queue(const char *name, uint32_t crowd, struct trial of[LOAD_COUNT][TURNS_MAX])
{
    printf(json ? "{\"queue\": \"%s\", \"consumers\": %u, \"million_items_per_s\": %.3f, "
                  "\"busy_p50_us\": %.3f, \"busy_p99_us\": %.3f, \"busy_p99_least_us\": %.3f, "
                  "\"idle_p50_us\": %.2f, \"idle_p99_us\": %.2f, \"idle_p99_least_us\": %.2f, "
                  "\"flood_sleeps_per_item\": %.4f, \"busy_sleeps_per_item\": %.4f, "
                  "\"idle_sleeps_per_item\": %.4f}\n"
                : "%-13s %2u %8.2f M/s %8.2f %7.1f %7.1f %8.1f %7.1f %7.1f %7.3f %5.3f %5.3f\n",
           name, crowd, MEDIAN(of[FLOOD], items_per_s) / 1e6, MEDIAN(of[BUSY], p50_us),
           MEDIAN(of[BUSY], p99_us), LEAST(of[BUSY], p99_us), MEDIAN(of[IDLE], p50_us),
           MEDIAN(of[IDLE], p99_us), LEAST(of[IDLE], p99_us), MEDIAN(of[FLOOD], sleeps_per_item),
           MEDIAN(of[BUSY], sleeps_per_item), MEDIAN(of[IDLE], sleeps_per_item));
}

static void print_head(void)
{
    printf("%16s %12s %24s %24s %19s\n", "", "", "busy, us", "idle, us", "sleeps/item");
    printf("%-13s %2s %12s %8s %7s %7s %8s %7s %7s %7s %5s %5s\n", "queue", "c", "items", "p50",
           "p99", "least", "p50", "p99", "least", "flood", "busy", "idle");
}

static void print_pool(const char *what, const struct through_pool *of)
{
    printf(json ? "{\"pool\": \"%s\", \"threads\": %d, \"jobs_per_s\": %.0f, \"loop_ns_per_job\": "
                  "%.0f, \"process_ns_per_job\": %.0f, \"wakeups_per_job\": %.5f}\n"
                : "pool, %-16s %d threads %9.0f jobs/s, loop %.0f ns/job, process %.0f ns/job, "
                  "%.5f wake-ups/job\n",
           what, POOL_THREADS, MEDIAN(of, jobs_per_s), MEDIAN(of, loop_ns), MEDIAN(of, process_ns),
           MEDIAN(of, wakeups_per_job));
}

static void print_results(void)
{
    if (!json)
        print_head();
    for (size_t crowd = 0; crowd < CROWDS; crowd++) {
        for (size_t i = 0; i < KINDS; i++)
            print_queue(kinds[i]->name, consumers[crowd], trials[i][crowd]);
    }
    print_pool("under load", under_load);
    print_pool("one at a time", single);
#ifndef HAVE_CK
    fprintf(stderr, "not measured: ck_ring (libck-dev was not there)\n");
#endif
#ifndef HAVE_GLIB
    fprintf(stderr, "not measured: GAsyncQueue (libglib2.0-dev was not there)\n");
#endif
}

static bool number_option(const char *name, char **argument, int64_t most, int64_t *number)
{
    if (strcmp(argument[0], name) != 0 || argument[1] == NULL)
        return false;
    *number = strtoll(argument[1], NULL, 10);
    return *number >= 1 && *number <= most;
}

int main(int argc, char **argv)
{
    (void)argc;
    for (char **argument = argv + 1; *argument != NULL; argument++) {
        int64_t number;
        if (strcmp(*argument, "--json") == 0) {
            json = true;
        } else if (number_option("--turns", argument, TURNS_MAX, &number)) {
            turns = (size_t)number;
            argument++;
        } else if (number_option("--ms", argument, 60000, &number)) {
            ms = number;
            argument++;
        } else {
            fprintf(stderr, "usage: bench_handover [--turns N] [--ms N] [--json]\n");
            return 2;
        }
    }
    for (size_t turn = 0; turn < turns; turn++)
        take_turn(turn);
    print_results();
    return 0;
}
