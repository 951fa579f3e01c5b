/*
 * plan: how many jobs to take. Pure.
 *
 * As much as the pool can finish soon: the free threads, and what this queue has lately completed
 * in PLAN_AHEAD_MS. So slow jobs are left to the rest of the fleet, and fast ones are thousands in
 * flight. A job on its way from Redis keeps nobody busy, so those come on top; and more of them
 * than it finishes meanwhile, or a queue that once was slow would stay so. A fast queue never
 * leaves a thread free, so one that has nothing here may have one job behind it: it grows from
 * there.
 */
#ifndef CONSUMER_PLAN_H
#define CONSUMER_PLAN_H

#include <stdint.h>

enum {
    PLAN_AHEAD_MS = 20,
    PLAN_FETCHES = 3, /* on top: what it completes in so many times fetch_ms */
    PLAN_FETCH_MS_MAX = 250,
    PLAN_TAKE_MAX = 512, /* jobs in one take: about 1 ms of Redis with their fingerprints */
};

struct plan_view {
    uint32_t threads;    /* pool.max */
    uint32_t pool_jobs;  /* of all queues: held or asked for, not finished yet, and may run */
    uint32_t queue_jobs; /* of this queue: the same */
    uint32_t queue_max;  /* of this queue: so many may run at once; UINT32_MAX: all threads */
    uint32_t hungry;     /* queues that want to take, this one included; at least 1 */
    uint32_t table_free; /* jobs that still fit into the process */
    double done_per_ms;  /* of this queue, lately */
    double fetch_ms;     /* what it takes lately from asking for a job until it may run */
    double pool_per_ms;  /* of all queues, lately */
};

/* How far ahead is taken, with that fetch_ms. */
double plan_ahead_ms(double fetch_ms);

/* 0 to PLAN_TAKE_MAX. */
uint32_t plan_take(const struct plan_view *view);

/*
 * The moving average after `finished` jobs in `elapsed_ms` (> 0): half of what is new for each
 * `ahead_ms`, so that a change of the jobs' nature shows within a few of them, and jobs that come
 * in bursts, a round trip apart, have one speed.
 */
double plan_rate(double done_per_ms, uint32_t finished, int64_t elapsed_ms, double ahead_ms);

/* The moving average of fetch_ms after one more: a quarter of what is new, of which a Redis that
 * stood still is at most PLAN_FETCH_MS_MAX. */
double plan_fetch(double fetch_ms, double now_ms);

#endif
