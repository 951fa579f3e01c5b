/*
 * gather: jobs that come back from the pool wait GATHER_MS for others, and are settled together.
 *
 * A settle costs Redis about as much for ten jobs as for one, and the loop a round trip. Fast jobs
 * come back many at a time anyway; jobs of a millisecond come one by one, and would each have a
 * settle of its own. They wait only while every thread has its next job waiting in the pool, so no
 * thread ever waits for this; and never while the worker stops.
 */
#include "consumer/worker.h"

enum {
    GATHER_MS = 2,
    GATHER_PER_MS_MAX = 32, /* above that they come together by themselves */
};

static bool gather_wanted(const struct worker *worker)
{
    return worker->stop == STOP_NO && worker->load.done_per_ms < GATHER_PER_MS_MAX &&
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
