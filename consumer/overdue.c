/*
 * overdue: a handler that does not come back, long after it should have stopped. A program would
 * have been killed; a thread cannot be, and its job would be held for ever. So the process is
 * replaced: the worker takes no more, finishes what it can, and ends without a goodbye. Its
 * successor finds the job, and that it was running: too many such ends, and it is poison.
 */
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "consumer/consumer.h"
#include "consumer/worker.h"

enum { OVERDUE_MS = 5000 }; /* on top of timeout and kill_grace, which bound every program */

struct overdue {
    struct worker *worker;
    uint32_t jobs;
};

static void look(const struct job *job, int64_t running_ms, void *arg)
{
    struct overdue *overdue = arg;
    const struct queue_conf *conf = job->conf;

    int64_t late_ms = running_ms - job->timeout_ms;
    if (job->cancelled_ms != 0)
        late_ms = clock_mono_ms() - job->cancelled_ms;
    else if (job->timeout_ms == 0)
        return;
    if (late_ms < conf->kill_grace_ms + OVERDUE_MS)
        return;
    overdue->jobs++;
    if (overdue->worker->stop == STOP_NO)
        LOG_JOB(
            job, LOG_ERROR, "overdue", LOG_I("running_ms", running_ms),
            LOG_S("err", "its handler does not stop, and a thread cannot be killed"),
            LOG_S("do", "the worker ends, and what it was running runs again; mend the handler"));
}

void overdue_turn(struct worker *worker)
{
    struct overdue overdue = {.worker = worker};

    pool_running(worker->pool, look, &overdue);
    if (overdue.jobs == 0)
        return;
    if (worker->stop == STOP_NO)
        drain_start(worker, SIGTERM);
    if (overdue.jobs < worker->jobs)
        return; /* others can still be finished, or given back */
    LOG(LOG_ERROR, "exit", LOG_I("jobs", worker->jobs), LOG_S("why", "a handler does not stop"),
        LOG_S("do", "nothing: another worker recovers the job"));
    _exit(CONSUMER_LEFT_JOBS);
}
