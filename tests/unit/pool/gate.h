/*
 * gate: jobs for tests of the pool. What a job does on its thread is said by job->owner, a struct
 * errand; those that hold wait until the test opens the gate.
 */
#ifndef TESTS_UNIT_POOL_GATE_H
#define TESTS_UNIT_POOL_GATE_H

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "pool/pool.h"
#include "tests/support/eventually.h"

enum { LIMIT_MS = 20000, JOBS_MAX = 64 };

enum errand {
    ERRAND_NOTHING, /* returns without a word */
    ERRAND_QUICK,   /* done */
    ERRAND_HOLD,    /* done when the gate opens; stopped when it is asked to */
    ERRAND_DEAF,    /* the same, but does not listen when asked to stop */
};

struct gate {
    struct pool *pool;
    int fd; /* eventfd: readable when open */
    struct job job[JOBS_MAX];
    enum errand errand[JOBS_MAX];
};

static struct gate gate;

static void run_errand(struct job *job, const struct stopper *stopper)
{
    enum errand errand = *(enum errand *)job->owner;

    while (errand == ERRAND_HOLD || errand == ERRAND_DEAF) {
        struct pollfd fds[] = {
            {.fd = gate.fd, .events = POLLIN},
            {.fd = errand == ERRAND_HOLD ? stopper->wake_fd : -1, .events = POLLIN},
        };
        poll(fds, 2, errand == ERRAND_HOLD ? stopper_poll_ms(stopper) : -1);
        if (errand == ERRAND_HOLD && stopper_reason(stopper) != JOB_STOP_NONE) {
            job->result.outcome = JOB_STOPPED;
            job->result.delay_ms = (int64_t)stopper_reason(stopper); /* for the test to see */
            return;
        }
        if (fds[0].revents != 0)
            break;
    }
    if (errand != ERRAND_NOTHING)
        job->result.outcome = JOB_DONE;
}

static inline void gate_open(void)
{
    assert_int_equal(eventfd_write(gate.fd, 1), 0);
}

/* Pushes jobs [from, from + count) with that errand; does not kick. */
static inline void push(int from, int count, enum errand errand)
{
    for (int i = from; i < from + count; i++) {
        gate.errand[i] = errand;
        gate.job[i].owner = &gate.errand[i];
        gate.job[i].queue = "email";
        atomic_store(&gate.job[i].stop, JOB_STOP_NONE);
        assert_true(pool_push(gate.pool, &gate.job[i]));
    }
}

/* Waits, as the loop does, until `count` jobs are back; they are linked in that order. */
static inline struct job *collect(int count)
{
    struct job *oldest = NULL, **end = &oldest;
    int64_t until_ms = clock_mono_ms() + LIMIT_MS;

    while (count > 0) {
        struct pollfd fd = {.fd = pool_fd(gate.pool), .events = POLLIN};
        assert_true(clock_mono_ms() < until_ms);
        poll(&fd, 1, LIMIT_MS);
        for (*end = pool_collect(gate.pool); *end != NULL; end = &(*end)->next)
            count--;
    }
    assert_int_equal(count, 0);
    return oldest;
}

/* The pool's figures, after giving it the turn that the loop would. */
static inline struct pool_stats turn(void)
{
    assert_null(pool_collect(gate.pool));
    return pool_stats(gate.pool);
}

static inline void start_pool(uint32_t min, uint32_t max, int64_t idle_ms)
{
    gate.pool = pool_new(&(struct pool_limits){min, max, idle_ms}, run_errand);
    assert_non_null(gate.pool);
}

static int gate_setup(void **state)
{
    (void)state;
    memset(&gate, 0, sizeof(gate));
    gate.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return gate.fd < 0;
}

static int gate_teardown(void **state)
{
    (void)state;
    gate_open();
    if (gate.pool != NULL)
        pool_take_back(gate.pool); /* a test that failed may leave some */
    bool all = pool_free(gate.pool, LIMIT_MS);
    close(gate.fd);
    return !all;
}

#endif
