/*
 * finish_list: finished jobs on their way back to the loop. Any thread puts, the loop takes all at
 * once.
 *
 * A lock-free stack that is only ever taken whole, so nothing can be put back under a thread's
 * hands (no ABA). Its eventfd is written only by the put that found it empty: once per batch, not
 * once per job.
 */
#ifndef POOL_FINISH_LIST_H
#define POOL_FINISH_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "job/job.h"

struct finish_list {
    _Alignas(64) _Atomic(struct job *) newest;
    int fd; /* eventfd, readable when there may be something to take */
};

/* False: no more file descriptors. */
bool finish_list_init(struct finish_list *list) MUST_CHECK;
/* What is still in it stays its owner's to free. */
void finish_list_fini(struct finish_list *list);

/* Any thread. The job is the loop's from here on: do not touch it again. */
void finish_list_put(struct finish_list *list, struct job *job);
/* Any thread. Makes the fd readable although nothing was put. */
void finish_list_ring(struct finish_list *list);

/* The loop. Waits until it rings, at most limit_ms, and clears the fd; takes nothing. */
void finish_list_wait(struct finish_list *list, int64_t limit_ms);

/* The loop. Clears the fd; all that was put, oldest first, linked by `next`; counts them. */
struct job *finish_list_take(struct finish_list *list, uint32_t *count);

#endif
