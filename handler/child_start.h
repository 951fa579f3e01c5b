/*
 * child_start: from a program to a child that has said hello.
 */
#ifndef HANDLER_CHILD_START_H
#define HANDLER_CHILD_START_H

#include "handler/child_pool.h"

/* Starts visit->child (or attends it, if somebody else did) and waits for its hello. True: the
 * visit is its first. False: the job has its result, and visit->child is nobody's. */
bool child_start(struct child_pool *pool, struct visit *visit, bool starts) MUST_CHECK;

/* Looks whether a child that nobody attends has said hello, or never will. The caller has made it
 * attended. Does not wait, but as child_hear() does. */
void child_start_look(struct child_pool *pool, struct child *child);

#endif
