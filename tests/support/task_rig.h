/*
 * task_rig: what tests of bulk tasks (`navvy dlq retry` and its like) ask and do, of the queue `q`.
 */
#ifndef SUPPORT_TASK_RIG_H
#define SUPPORT_TASK_RIG_H

#include <jansson.h>

#include "tests/support/process.h"
#include "tests/support/redis_server.h"

/* The newest task, yours. */
json_t *task_rig_newest(struct redis_server *server);
/* Fails the test unless the newest task is in this state and has moved so many. */
void assert_task(struct redis_server *server, const char *state, json_int_t moved);
/* Its process is dead for so long that nobody waits for it any more. */
void task_rig_orphan(struct redis_server *server, const char *id);
/* A verb with its words, NULL at the end, that dies at this point (NAVVY_FAULT, base/fault.h). */
struct process *task_rig_start(struct redis_server *server, const char *fault,
                               const char *const words[]);

#endif
