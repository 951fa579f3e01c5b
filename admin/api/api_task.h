/*
 * api_task: what routes of tasks and of the dead-letter queue share.
 */
#ifndef ADMIN_API_API_TASK_H
#define ADMIN_API_API_TASK_H

#include "admin/api/api.h"
#include "admin/task/task.h"

/* There may be tasks of this queue: they are found without being told its name. */
void api_task_touch(const char *queue);

/* by and where are those of the request. */
void api_task_sign(const struct api_request *request, struct task *task);

/* No thread is free. */
void api_task_busy(struct api_answer *answer);

/* One that is begun, for which crew_enter() kept a place: a thread goes on with it. 202. */
void api_task_hand_over(struct session *session, struct api_answer *answer, struct task *task);

#endif
