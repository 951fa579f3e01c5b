#include "handler/plugin.h"

#include <stdio.h>

void *plugin_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    (void)queue, (void)conf;
    (void)snprintf(error, HANDLER_ERROR_MAX, "plugin handlers are not built yet");
    return NULL;
}

void plugin_run(const struct task *task)
{
    job_fail(task->job, JOB_RETRY, "plugin handlers are not built yet");
}

bool plugin_close(void *shared, bool now)
{
    (void)shared, (void)now;
    return true;
}
