#include "handler/child.h"

#include <stdio.h>

void *child_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    (void)queue, (void)conf;
    (void)snprintf(error, HANDLER_ERROR_MAX, "child handlers are not built yet");
    return NULL;
}

void child_run(const struct task *task)
{
    job_fail(task->job, JOB_RETRY, "child handlers are not built yet");
}

void child_tick(void *shared, int64_t now_ms)
{
    (void)shared, (void)now_ms;
}

bool child_close(void *shared, bool now)
{
    (void)shared, (void)now;
    return true;
}
