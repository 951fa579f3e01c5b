/*
 * gather: what comes back waits a little for more of it, and is dealt with together. A settle costs
 * Redis about as much for ten jobs as for one, and the loop a round trip.
 *
 * Jobs of a millisecond come from the pool one by one, and would each have a settle of its own.
 * They wait GATHER_MS, while every thread has its next job waiting in the pool, so no thread ever
 * waits for this; and never while the worker stops.
 *
 * Fast jobs come many at a time, and faster than a timer can tell. There the loop itself rests
 * after each turn, for REST_US_MAX or REST_JOBS, as a network card moderates its interrupts:
 * answers wait in the socket, so that Redis, which is the bottleneck then, need not wake anybody
 * for each of them. Only while Redis and the pool have REST_AHEAD_MS of work, so neither ever waits
 * for us; and while so many jobs wait in Redis that nobody is waiting for the next one.
 */
#include <time.h>

#include "consumer/worker.h"

enum {
    GATHER_MS = 2,
    FAST_PER_MS = 32, /* above that jobs are fast */
    REST_US_MAX = 300,
    REST_JOBS = 64,
    REST_AHEAD_MS = 4,
    REST_BACKLOG_MS = 100,
};

static bool gather_wanted(const struct worker *worker)
{
    return worker->stop == STOP_NO && worker->load.done_per_ms < FAST_PER_MS &&
           pool_waiting(worker->pool) >= worker->config->pool_max;
}

void gather_finished(struct worker *worker)
{
    static const struct timeval wait = {0, GATHER_MS * 1000};

    if (!gather_wanted(worker)) {
        consumer_turn(worker);
        return;
    }
    /* Its eventfd stays readable, so that those who finish meanwhile need not write to it. */
    worker->gathering = event_del(worker->finished) == 0 && evtimer_add(worker->gather, &wait) == 0;
    CHECK(worker->gathering);
}

void gather_over(struct worker *worker)
{
    worker->gathering = false;
    CHECK(event_add(worker->finished, NULL) == 0);
    consumer_turn(worker);
}

void gather_rest(const struct worker *worker)
{
    double per_ms = worker->load.done_per_ms;
    if (worker->stop != STOP_NO || per_ms < FAST_PER_MS ||
        worker->load.unfinished < REST_AHEAD_MS * per_ms ||
        (double)worker->load.backlog < REST_BACKLOG_MS * per_ms)
        return;
    double us = 1000.0 * REST_JOBS / per_ms;
    struct timespec rest = {0, 1000 * (long)(us < REST_US_MAX ? us : REST_US_MAX)};
    (void)nanosleep(&rest, NULL); /* a signal ends it: so much the better */
}
