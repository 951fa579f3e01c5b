#include "handler/handler.h"

#include "base/fault.h"
#include "base/units.h"
#include "handler/builtin.h"
#include "handler/child.h"
#include "handler/exec.h"
#include "handler/http.h"
#include "handler/middleware.h"
#include "handler/plugin.h"
#include "handler/registry.h"

const struct handler handler_table[HANDLER_KIND_COUNT] = {
    [HANDLER_BUILTIN] = {.name = "builtin",
                         .run = builtin_run,
                         .open = builtin_open,
                         .close = builtin_close},
    [HANDLER_EXEC] = {.name = "exec",
                      .run = exec_run,
                      .open = exec_open,
                      .check = exec_check,
                      .close = exec_close},
    [HANDLER_CHILD] = {.name = "child",
                       .run = child_run,
                       .open = child_open,
                       .check = child_check,
                       .tick = child_tick,
                       .close = child_close},
    [HANDLER_HTTP] = {.name = "http",
                      .run = http_run,
                      .open = http_open,
                      .check = http_check,
                      .tick = http_tick,
                      .close = http_close},
    [HANDLER_PLUGIN] = {.name = "plugin",
                        .run = plugin_run,
                        .open = plugin_open,
                        .close = plugin_close,
                        .check = plugin_check,
                        .keep = plugin_keep},
};

void handler_run(struct job *job, const struct stopper *stopper)
{
    const struct queue_conf *queue = job->conf;
    const struct handler_conf *conf = config_handler(queue, job->record.type);

    CHECK(conf != NULL); /* a job without a handler never gets here */
    const struct task task = {job, queue, conf, stopper, registry_shared(conf)};
    FAULT_POINT(before_run);
    if (middleware_present())
        middleware_run(&task, handler_table[conf->kind].run);
    else
        handler_table[conf->kind].run(&task);
    FAULT_POINT(end_of_run);
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
