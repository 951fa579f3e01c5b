/*
 * ring: bounded lock-free queue of pointers; one producer, any number of consumers.
 *
 * The loop pushes jobs, every pool thread pops, so no job waits behind a slow one. Each slot
 * carries a sequence number (D. Vyukov's bounded queue, single-producer form). Nothing here blocks,
 * allocates after ring_new(), or wakes anybody.
 *
 * Ownership: a pushed item belongs to the ring, and to whoever pops it next. Everything written to
 * the item before ring_push() is visible after the matching ring_pop().
 */
#ifndef POOL_RING_H
#define POOL_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

enum { RING_CAPACITY_MAX = 1 << 16 };

struct ring;

/* `capacity`: a power of two, 2 to RING_CAPACITY_MAX. NULL if memory is short. */
struct ring *ring_new(uint32_t capacity) MUST_CHECK;

/* Free an empty ring that no thread uses any more. NULL is allowed. */
void ring_free(struct ring *ring);

/*
 * Producer only. Takes `item` (not NULL), or returns false: then it is still the caller's. That is
 * when the ring is full, and while a consumer that was interrupted has not quite taken the item of
 * one lap ago; so false means "later", not "ring_len() is the capacity".
 */
bool ring_push(struct ring *ring, void *item) MUST_CHECK;

/* Any thread. The oldest item, now the caller's, or NULL if empty. */
void *ring_pop(struct ring *ring) MUST_CHECK;

/* Any thread; a snapshot. */
uint32_t ring_len(const struct ring *ring);

#endif
