#include "handler/handler.h"

#include "base/units.h"
#include "handler/builtin.h"
#include "handler/exec.h"

const struct handler handler_table[HANDLER_KIND_COUNT] = {
    [HANDLER_BUILTIN] = {"builtin", builtin_run},
    [HANDLER_EXEC] = {"exec", exec_run},
};

void handler_run(struct job *job, const struct stopper *stopper)
{
    const struct queue_conf *queue = job->conf;
    const struct handler *handler = &handler_table[queue->handler.kind];

    CHECK(handler->run != NULL); /* a configuration without a handler does not load */
    handler->run(queue, job, stopper);
}

void handler_stopped(struct job *job, enum job_stop why)
{
    char limit[UNITS_TEXT_MAX];

    CHECK(why != JOB_STOP_NONE);
    if (why == JOB_STOP_TIMEOUT)
        job_fail(job, JOB_RETRY, "timed out after %s",
                 units_format_duration(job->timeout_ms, limit));
    else
        job->result.outcome = JOB_STOPPED;
}
