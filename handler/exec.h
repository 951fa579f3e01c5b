/*
 * exec: a program per job, never through a shell.
 *
 * The payload is its stdin; its stdout goes nowhere; the last KiB of its stderr is the error. It
 * sees the worker's environment and NAVVY_* (exec_env.h), no other file descriptor, and leads a
 * process group of its own.
 *
 *   exit 0          done
 *   exit 65         permanent failure (EX_DATAERR)
 *   any other exit  retry, 75 (EX_TEMPFAIL) among them
 *   a signal        retry
 *
 * Out of time, or asked to stop: TERM to the group, KILL to the group after kill_grace. What a
 * program that has ended leaves behind in its group is left alone, unless it was asked to stop.
 */
#ifndef HANDLER_EXEC_H
#define HANDLER_EXEC_H

#include "handler/handler.h"

/* As of struct handler. */
void *exec_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
bool exec_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
bool exec_close(void *shared, bool now);
/* SIGPIPE must be blocked or ignored, as it is on pool threads. */
void exec_run(const struct task *task);

#endif
