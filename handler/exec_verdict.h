/*
 * exec_verdict: what becomes of a job whose program has ended: from what it answered, how it
 * exited, and the limits that it had. The table stands in exec.h.
 */
#ifndef HANDLER_EXEC_VERDICT_H
#define HANDLER_EXEC_VERDICT_H

#include <sys/resource.h>

#include "handler/exec_said.h"

struct ending {
    int status; /* as of waitpid(); -1: somebody else has taken it */
    struct rusage usage;
};

/* It ended by itself. */
void exec_judge(const struct task *task, const struct ending *ending, struct said *said);

/* It was told to go. */
void exec_judge_stopped(const struct task *task, enum job_stop why, struct said *said);

#endif
