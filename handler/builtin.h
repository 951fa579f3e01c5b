/*
 * builtin: handlers that need nothing, for tests, benches and a first look.
 *   noop   done
 *   echo   done, and returns the payload; logs its size (debug)
 *   sleep  done after handler.sleep
 *   fail   fails the first handler.times attempts, or all of them if that is 0
 *   bench  done, and counts how late it began (stopwatch.h)
 */
#ifndef HANDLER_BUILTIN_H
#define HANDLER_BUILTIN_H

#include "handler/handler.h"

void *builtin_open(const char *queue, const struct handler_conf *conf,
                   char error[HANDLER_ERROR_MAX]);
void builtin_run(const struct task *task);
bool builtin_close(void *shared, bool now);

#endif
