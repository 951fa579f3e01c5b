/*
 * child_starter: a thread that starts programs and does nothing else. The kernel ends a program
 * together with the thread that started it (program.h), and threads of the pool come and go; this
 * one stays until all children have gone. So not even a kill -9 of the worker leaves one behind.
 */
#ifndef HANDLER_CHILD_STARTER_H
#define HANDLER_CHILD_STARTER_H

#include "handler/program.h"

struct child_starter;

struct child_starter *child_starter_new(void) MUST_CHECK; /* NULL: no memory; no thread yet */

/* program_start(), by that thread. Any thread; one after the other. */
bool child_starter_start(struct child_starter *starter, struct program *program,
                         const struct program_spec *spec, char why[PROGRAM_WHY_MAX]) MUST_CHECK;

/* Kills what it started and still runs. NULL is allowed. */
void child_starter_free(struct child_starter *starter);

#endif
