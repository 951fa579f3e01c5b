/*
 * errand: one job, its queue's configuration and its stopper, as a pool thread would have them.
 */
#ifndef TESTS_UNIT_HANDLER_ERRAND_H
#define TESTS_UNIT_HANDLER_ERRAND_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "handler/handler.h"
#include "handler/registry.h"

struct errand {
    struct queue_conf queue;
    struct job job;
    struct stopper stopper;
};

static struct errand errand;
static char errand_queue[] = "email";

/* A job with that payload, without a deadline. */
static inline void errand_payload(const void *bytes, size_t len)
{
    errand.job.record.payload = (struct slice){bytes, len};
}

static inline void errand_timeout(int64_t timeout_ms)
{
    errand.job.timeout_ms = timeout_ms;
    errand.stopper.deadline_ms = clock_mono_ms() + timeout_ms;
}

/* What pool_stop_job() does; any thread. */
static inline void errand_stop(enum job_stop why)
{
    atomic_store(&errand.job.stop, (int)why);
    assert_int_equal(eventfd_write(errand.stopper.wake_fd, 1), 0);
}

/* Runs it as it is now; the result of an earlier run is forgotten. A handler that is not open is so
 * for this one run. */
static inline enum job_outcome errand_run(void)
{
    bool opens = errand.queue.handler.opened == NULL;
    struct buf errors = {0};

    job_result_clear(&errand.job);
    if (opens && !registry_open_queue(&errand.queue, &errors))
        fail_msg("%s", errors.data);
    handler_run(&errand.job, &errand.stopper);
    if (opens)
        registry_release_queue(&errand.queue);
    buf_free(&errors);
    return errand.job.result.outcome;
}

static int errand_setup(void **state)
{
    (void)state;
    memset(&errand, 0, sizeof(errand));
    signal(SIGPIPE, SIG_IGN); /* pool threads block it */
    errand.queue = (struct queue_conf){.name = errand_queue, .kill_grace_ms = 5000};
    errand.job.conf = &errand.queue;
    errand.job.queue = "email";
    strcpy(errand.job.claim, "web1-4711-9f:17");
    errand.stopper.job = &errand.job;
    errand.stopper.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    errand_payload("", 0);
    return errand.stopper.wake_fd < 0;
}

static int errand_teardown(void **state)
{
    (void)state;
    close(errand.stopper.wake_fd);
    job_result_clear(&errand.job);
    return 0;
}

#endif
