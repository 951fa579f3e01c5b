/*
 * builtin: handlers that need nothing, for tests, benches and a first look.
 *   noop   done
 *   echo   done, and returns the payload; logs its size (debug)
 *   sleep  done after handler.sleep
 *   fail   fails the first handler.times attempts, or all of them if that is 0
 */
#ifndef HANDLER_BUILTIN_H
#define HANDLER_BUILTIN_H

#include "handler/handler.h"

void builtin_run(const struct task *task);

#endif
