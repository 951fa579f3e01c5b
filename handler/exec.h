/*
 * exec: a program per job, never through a shell.
 *
 * The whole payload is its stdin, complete before it begins; the last KiB of its stderr is the
 * error. It sees its part of the worker's environment and NAVVY_* (exec_env.h), is held to its
 * limits (limits.h), has no other file descriptor than those named here, and leads a process group
 * of its own. If the worker dies, it is killed.
 *
 *   exit 0          done; where results are kept, its stdout is the result, up to answer_max
 *   exit 65         permanent failure (EX_DATAERR)
 *   any other exit  retry, 75 (EX_TEMPFAIL) among them
 *   a signal        retry
 *
 * It may say more on file descriptor 3 (answer.h): progress, as often as it likes, and one outcome.
 *
 *   done, snooze      that, after exit 0; any other end contradicts it: retry, and both are named
 *   retry, permanent  that, whatever the exit
 *   no answer, one that is too long, two outcomes, or of another job: retry, with a word about it
 *
 * Out of time, or asked to stop: TERM to the group, KILL to the group after kill_grace. What a
 * program that has ended leaves behind in its group is left alone, unless it was asked to stop, and
 * is not waited for, whatever it holds open.
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
