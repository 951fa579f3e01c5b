/*
 * builtin: handlers that need nothing, for tests, benches and a first look.
 *   noop   done
 *   echo   done; logs the payload's size (debug), never the payload
 *   sleep  done after handler.sleep
 *   fail   fails the first handler.times attempts, or all of them if that is 0
 */
#ifndef HANDLER_BUILTIN_H
#define HANDLER_BUILTIN_H

#include "handler/handler.h"

void builtin_run(const struct task *task);

#endif
