#include "handler/child.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "handler/child_care.h"
#include "handler/child_start.h"
#include "handler/child_visit.h"

/* Children that end between two jobs cost the next one nothing but the way to another child. */
enum { TRIES_MAX = 3 };

static void stopped(const struct child_pool *pool, struct visit *visit, enum job_stop stop)
{
    struct job *job = visit->task->job;
    char what[CHILD_WHY_MAX];

    handler_stopped(job, stop);
    if (job->result.error != NULL) {
        (void)snprintf(what, sizeof(what), "%s", job->result.error);
        job_fail(job, job->result.outcome, "%s while it waited for a child of %s", what,
                 pool->conf->child[0]);
    }
}

static void wait_for_bell(const struct visit *visit, int wait_ms)
{
    const struct stopper *stopper = visit->task->stopper;
    int stop_ms = stopper_poll_ms(stopper);
    struct pollfd fds[] = {
        {.fd = visit->seat->bell_fd, .events = POLLIN},
        {.fd = stopper->wake_fd, .events = POLLIN},
    };
    eventfd_t rings;

    if (wait_ms < 0 || (stop_ms >= 0 && stop_ms < wait_ms))
        wait_ms = stop_ms;
    poll(fds, 2, wait_ms);
    if (fds[0].revents != 0)
        (void)eventfd_read(visit->seat->bell_fd, &rings);
}

static bool refuse(const struct child_pool *pool, struct visit *visit)
{
    job_fail(visit->task->job, JOB_RETRY, "%s: %s", pool->conf->child[0], visit->refused);
    free(visit->refused);
    visit->refused = NULL;
    return false;
}

/* A child for the visit. False: the job has its result. */
static bool find_child(struct child_pool *pool, struct visit *visit)
{
    int wait_ms;

    for (;;) {
        enum place place = child_pool_seek(pool, visit, &wait_ms);
        if (place == PLACE_FOUND)
            return true;
        if (place == PLACE_REFUSED)
            return refuse(pool, visit);
        if (place == PLACE_START || place == PLACE_ATTEND)
            return child_start(pool, visit, place == PLACE_START);
        wait_for_bell(visit, wait_ms);
        enum job_stop stop = stopper_reason(visit->task->stopper);
        if (stop != JOB_STOP_NONE) {
            child_pool_forgo(pool, visit);
            stopped(pool, visit, stop);
            return false;
        }
    }
}

void child_run(const struct task *task)
{
    struct child_pool *pool = task->shared;
    struct visit visit = {.task = task, .claim = slice_of(task->job->claim)};
    char why[CHILD_WHY_MAX];
    int tries = 0;

    if (!child_pool_sit(pool, &visit)) {
        job_fail(task->job, JOB_RETRY, "no memory or file descriptor for its child");
        return;
    }
    while (find_child(pool, &visit) && !child_visit(pool, &visit, why)) {
        if (++tries == TRIES_MAX) {
            job_fail(task->job, JOB_RETRY, "%s: %s", pool->conf->child[0], why);
            break;
        }
    }
    free(visit.refused); /* it found a child all the same */
    child_pool_rise(pool, &visit);
}

void *child_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    return child_pool_new(queue, conf, error);
}

bool child_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    return limits_check(&conf->limits, error);
}

void child_tick(void *shared, int64_t now_ms)
{
    child_care(shared, now_ms);
}

bool child_close(void *shared, bool now)
{
    return child_care_end(shared, now);
}
