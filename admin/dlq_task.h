/*
 * dlq_task: a bulk task run by a verb at a terminal: a bar, a Ctrl-C that stops it in good order,
 * and at the end what happened, what remains and how to go on.
 */
#ifndef ADMIN_DLQ_TASK_H
#define ADMIN_DLQ_TASK_H

#include "admin/task/task_run.h"
#include "base/check.h"

/* `on_job` as in task_hooks; may be NULL. Returns the verb's exit code; the task is the caller's.
 */
int dlq_task_run(struct session *session, struct task *task,
                 void (*on_job)(const struct dead_job *job, void *arg), void *arg) MUST_CHECK;

/* QUEUE ID, for the verbs that take one task. */
struct dlq_task_words {
    struct common common;
    const char *queue, *id;
};
/* Opens the session and loads the task; prints why not and leaves nothing open. */
int dlq_task_open(const char *doc, int argc, char **argv, struct session *session,
                  struct task *task) MUST_CHECK;

#endif
