/*
 * pending: the calls of one link that wait for their answer, oldest first: a ring that grows.
 * Redis answers in order, so the oldest call owns the next reply. Loop thread.
 */
#ifndef REDIS_PENDING_H
#define REDIS_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "redis/link.h"

struct pending_call {
    link_on_reply *on_reply;
    void *arg;
    int64_t sent_ns;
    int64_t deadline_ms;
    enum script_id script; /* SCRIPT_COUNT: not a script */
};

struct pending { /* zeroed: empty */
    struct pending_call *calls;
    size_t first;
    size_t count;
    size_t cap; /* 0 or a power of two */
};

/* Makes room for one more push. False: no memory, or LINK_PENDING_MAX are waiting. */
bool pending_reserve(struct pending *pending) MUST_CHECK;
void pending_push(struct pending *pending, const struct pending_call *call); /* after a reserve */
struct pending_call pending_pop(struct pending *pending);                    /* not when empty */

/* The call whose deadline comes first; NULL if none waits. Looks at all of them. */
const struct pending_call *pending_most_urgent(const struct pending *pending);

/* The i-th from the end, 0 the newest; there must be one. */
const struct pending_call *pending_last(const struct pending *pending, size_t i);

void pending_free(struct pending *pending);

#endif
