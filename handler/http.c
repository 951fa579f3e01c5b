#include "handler/http.h"

#include <stdio.h>

void *http_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    (void)queue, (void)conf;
    (void)snprintf(error, HANDLER_ERROR_MAX, "http handlers are not built yet");
    return NULL;
}

void http_run(const struct task *task)
{
    job_fail(task->job, JOB_RETRY, "http handlers are not built yet");
}

bool http_close(void *shared, bool now)
{
    (void)shared, (void)now;
    return true;
}
