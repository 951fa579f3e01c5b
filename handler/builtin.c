#include "handler/builtin.h"

#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "base/log.h"

static void run_echo(const struct queue_conf *queue, struct job *job)
{
    LOG(LOG_DEBUG, "echo", LOG_S("queue", queue->name), LOG_S("id", job->claim),
        LOG_I("payload_bytes", job->record.payload.len));
    job->result.outcome = JOB_DONE;
}

static void run_sleep(const struct queue_conf *queue, struct job *job,
                      const struct stopper *stopper)
{
    int64_t until_ms = clock_mono_ms() + queue->handler.sleep_ms;
    enum job_stop why;

    while ((why = stopper_reason(stopper)) == JOB_STOP_NONE) {
        struct pollfd wake = {.fd = stopper->wake_fd, .events = POLLIN};
        int64_t left_ms = until_ms - clock_mono_ms();
        int limit_ms = stopper_poll_ms(stopper);

        if (left_ms <= 0) {
            job->result.outcome = JOB_DONE;
            return;
        }
        if (limit_ms < 0)
            limit_ms = INT_MAX;
        poll(&wake, 1, left_ms < limit_ms ? (int)left_ms : limit_ms);
    }
    handler_stopped(job, why);
}

static void run_fail(const struct queue_conf *queue, struct job *job)
{
    uint32_t attempt = job->record.attempt + 1;
    uint32_t times = queue->handler.fail_times;

    if (times == 0 || attempt <= times)
        job_fail(job, JOB_RETRY, "failed on purpose, attempt %u", attempt);
    else
        job->result.outcome = JOB_DONE;
}

void builtin_run(const struct queue_conf *queue, struct job *job, const struct stopper *stopper)
{
    switch (queue->handler.builtin) {
    case BUILTIN_NOOP:
        job->result.outcome = JOB_DONE;
        return;
    case BUILTIN_ECHO:
        run_echo(queue, job);
        return;
    case BUILTIN_SLEEP:
        run_sleep(queue, job, stopper);
        return;
    case BUILTIN_FAIL:
        run_fail(queue, job);
        return;
    case BUILTIN_COUNT:
        break;
    }
    CHECK(!"a builtin that is in the table");
}
