/*
 * child_care: what the loop does for children, once a second: hears those that are idle, pings
 * them, retires those that are old or large, reaps those that have ended; and ends them all.
 */
#ifndef HANDLER_CHILD_CARE_H
#define HANDLER_CHILD_CARE_H

#include "handler/child_pool.h"

void child_care(struct child_pool *pool, int64_t now_ms);

/* As close() of struct handler. */
bool child_care_end(struct child_pool *pool, bool now) MUST_CHECK;

#endif
