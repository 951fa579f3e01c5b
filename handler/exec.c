#include "handler/exec.h"

void exec_run(const struct queue_conf *queue, struct job *job, const struct stopper *stopper)
{
    (void)queue;
    (void)stopper;
    job_fail(job, JOB_RETRY, "exec: not there yet");
}
