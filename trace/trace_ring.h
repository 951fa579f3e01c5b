/*
 * trace_ring: visits on their way from the loop to the sender: one thread puts, one takes. Of a
 * fixed size; when it is full what comes is dropped and counted, so the loop never waits.
 */
#ifndef TRACE_TRACE_RING_H
#define TRACE_TRACE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "trace/visit.h"

struct trace_ring;

/* NULL: no memory, or no descriptor. */
struct trace_ring *trace_ring_new(uint32_t slots) MUST_CHECK;
void trace_ring_free(struct trace_ring *ring); /* NULL is fine */

/* The loop: the next free slot, to be written and then put; NULL: none, and one more is dropped. */
struct trace_visit *trace_ring_claim(struct trace_ring *ring);
void trace_ring_put(struct trace_ring *ring);

/* The sender: how many there are; the nth of them; so many are done with. */
uint32_t trace_ring_count(const struct trace_ring *ring);
const struct trace_visit *trace_ring_peek(const struct trace_ring *ring, uint32_t nth);
void trace_ring_drop(struct trace_ring *ring, uint32_t count);

/* The sender: waits for so many, at most limit_ms (-1: for ever), or until trace_ring_ring(). */
void trace_ring_wait(struct trace_ring *ring, uint32_t wanted, int limit_ms);
/* Any thread: whoever waits looks again. Its descriptor is readable then, until the next wait. */
void trace_ring_ring(struct trace_ring *ring);
int trace_ring_fd(const struct trace_ring *ring);

/* Any thread: dropped so far. */
uint64_t trace_ring_dropped(const struct trace_ring *ring);

#endif
