/*
 * outbox: finished jobs on their way back to the loop. Any thread puts, the loop takes all at once.
 *
 * A lock-free stack that is only ever taken whole, so nothing can be put back under a thread's
 * hands (no ABA). Its eventfd is written only by the put that found it empty: once per batch, not
 * once per job.
 */
#ifndef POOL_OUTBOX_H
#define POOL_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "job/job.h"

struct outbox {
    _Alignas(64) _Atomic(struct job *) newest;
    int fd; /* eventfd, readable when there may be something to take */
};

/* False: no more file descriptors. */
bool outbox_init(struct outbox *outbox) MUST_CHECK;
/* What is still in it stays its owner's to free. */
void outbox_fini(struct outbox *outbox);

/* Any thread. The job is the loop's from here on: do not touch it again. */
void outbox_put(struct outbox *outbox, struct job *job);
/* Any thread. Makes the fd readable although nothing was put. */
void outbox_ring(struct outbox *outbox);

/* The loop. Clears the fd; all that was put, oldest first, linked by `next`; counts them. */
struct job *outbox_take(struct outbox *outbox, uint32_t *count);

#endif
