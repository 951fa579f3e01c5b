/*
 * child_hearing: what the reader of a child does with each line that the child says.
 */
#ifndef HANDLER_CHILD_HEARING_H
#define HANDLER_CHILD_HEARING_H

#include "handler/child_pool.h"

struct hearing {
    struct child_pool *pool;
    struct child *child;
    const struct visit *reader; /* needs no bell */
};

/* For child_hear(), `arg` is a struct hearing: an answer goes to the job that it is about, progress
 * and pongs are noted, anything else is the end of the child. */
bool child_hearing_take(void *arg, struct slice line, char why[CHILD_WHY_MAX]) MUST_CHECK;

#endif
