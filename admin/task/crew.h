/*
 * crew: the threads of the admin process that run bulk tasks, CREW_THREADS at a time, each with a
 * connection of its own. One crew for the process; it begins with the first task. More tasks are
 * refused: whoever has many runs them with `navvy dlq`, in processes of their own.
 */
#ifndef ADMIN_TASK_CREW_H
#define ADMIN_TASK_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/task/task.h"
#include "base/check.h"

enum { CREW_THREADS = 2 };

/* Is one free? Keeps it for the caller, who gives it a task by crew_run(), or back by crew_leave().
 * Any thread. */
bool crew_enter(void) MUST_CHECK;
void crew_leave(void);

/* Takes the task, which was begun or taken and is run from now on. False: no thread could be had;
 * the task is still the caller's, and the place is given back. Any thread. */
bool crew_run(const struct config *config, struct task *task) MUST_CHECK;

/* They stop their tasks in good order; whoever has not within limit_ms is left alone, and his task
 * is orphaned when this process ends. */
void crew_stop(int64_t limit_ms);

#endif
