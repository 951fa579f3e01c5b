/*
 * child: programs that stay and handle one job after the other, or several at once, told of them on
 * their stdin by a line protocol (docs/handlers.md).
 */
#ifndef HANDLER_CHILD_H
#define HANDLER_CHILD_H

#include "handler/handler.h"

/* As of struct handler. */
void *child_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
bool child_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
void child_run(const struct task *task);
void child_tick(void *shared, int64_t now_ms);
bool child_close(void *shared, bool now);

#endif
