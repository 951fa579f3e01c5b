/*
 * middleware: plugins that see every run of every handler, before and after it: an onion. The first
 * of the list is the outermost: its before() is called first, its after() last. They see facts and
 * verdict through const views, and can change neither.
 *
 * The list cannot be reloaded, so there is one for the process. Open and close: the loop thread,
 * while no job runs.
 */
#ifndef HANDLER_MIDDLEWARE_H
#define HANDLER_MIDDLEWARE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/check.h"
#include "config/config.h"
#include "handler/handler.h"

/* All of config->middleware, or none: false, and `errors` has a line for each that would not.
 * Open already: true, it stays as it is. */
bool middleware_open(const struct config *config, struct buf *errors) MUST_CHECK;
/* Loads them, to see whether they would do, and starts none. */
bool middleware_check(const struct config *config, struct buf *errors) MUST_CHECK;
void middleware_close(void); /* none is fine */

/* Any thread, many at the same time: */
bool middleware_present(void);
/* Calls run(task) with what is configured around it. */
void middleware_run(const struct task *task, void (*run)(const struct task *task));

#endif
