/*
 * task_run: does what a task says, as the one who holds it: counts, sends the canaries ahead and
 * waits for them, moves the rest. Reports twice a second, so that all can see how far it is; ends
 * when it is done, told to stop, cancelled, or without Redis. Blocks; one thread.
 */
#ifndef ADMIN_TASK_TASK_RUN_H
#define ADMIN_TASK_TASK_RUN_H

#include "admin/task/task.h"

struct task_hooks {
    bool (*stops)(void *arg); /* is it told to end? Asked several times a second */
    void (*on_progress)(const struct task *task, void *arg);
    void (*on_job)(const struct dead_job *job, void *arg); /* moved, or cannot be retried */
    void *arg;
};

enum task_end {
    TASK_OVER = 1, /* task->state and words say how; written down */
    TASK_NOT_OURS, /* it was cancelled, or another goes on with it; task->state says which */
    TASK_BROKEN,   /* said why; it is orphaned before long, and can be resumed */
};

enum task_end task_run(struct session *session, struct task *task,
                       const struct task_hooks *hooks) MUST_CHECK;

#endif
