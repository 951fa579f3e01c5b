#include "handler/builtin.h"

#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "handler/stopwatch.h"

/* What the others share. */
static char nothing;

void *builtin_open(const char *queue, const struct handler_conf *conf,
                   char error[HANDLER_ERROR_MAX])
{
    (void)queue;
    if (conf->builtin == BUILTIN_BENCH)
        return stopwatch_open(conf->histogram, error);
    return &nothing;
}

bool builtin_close(void *shared, bool now)
{
    (void)now;
    if (shared != &nothing)
        stopwatch_close(shared);
    return true;
}

static void run_echo(const struct task *task)
{
    struct job *job = task->job;

    LOG_JOB(job, LOG_DEBUG, "echo", LOG_I("payload_bytes", job->record.payload.len));
    job_done(job, job->record.payload, task->conf->answer_bytes_max);
}

static void run_sleep(const struct task *task)
{
    const struct stopper *stopper = task->stopper;
    int64_t until_ms = clock_mono_ms() + task->conf->sleep_ms;
    enum job_stop why;

    while ((why = stopper_reason(stopper)) == JOB_STOP_NONE) {
        struct pollfd wake = {.fd = stopper->wake_fd, .events = POLLIN};
        int left_ms = clock_left_ms(until_ms), limit_ms = stopper_poll_ms(stopper);

        if (left_ms == 0) {
            task->job->result.outcome = JOB_DONE;
            return;
        }
        poll(&wake, 1, limit_ms >= 0 && limit_ms < left_ms ? limit_ms : left_ms);
    }
    handler_stopped(task->job, why);
}

static void run_fail(const struct task *task)
{
    struct job *job = task->job;
    uint32_t attempt = job->record.attempt + 1;
    uint32_t times = task->conf->fail_times;

    if (times == 0 || attempt <= times)
        job_fail(job, JOB_RETRY, "failed on purpose, attempt %u", attempt);
    else
        job->result.outcome = JOB_DONE;
}

void builtin_run(const struct task *task)
{
    switch (task->conf->builtin) {
    case BUILTIN_NOOP:
        task->job->result.outcome = JOB_DONE;
        return;
    case BUILTIN_ECHO:
        run_echo(task);
        return;
    case BUILTIN_SLEEP:
        run_sleep(task);
        return;
    case BUILTIN_FAIL:
        run_fail(task);
        return;
    case BUILTIN_BENCH:
        stopwatch_run(task->shared, task->job);
        return;
    case BUILTIN_COUNT:
        break;
    }
    CHECK(!"a builtin that is in the table");
}
