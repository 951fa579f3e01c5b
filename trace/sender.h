/*
 * sender: the thread that takes visits from the ring, makes requests of them, and sends these one
 * at a time. A batch goes out when it is full or a second old. It is tried five times at most, with
 * growing waits; what comes meanwhile is kept as far as the ring reaches. Nothing of it is ever on
 * a job's path: the thread is nicer than the others, so a busy machine drops spans, not jobs.
 */
#ifndef TRACE_SENDER_H
#define TRACE_SENDER_H

#include "trace/otlp.h"
#include "trace/post.h"
#include "trace/trace_ring.h"

struct sender;

/* Visits, not spans. Each that was recorded ends as one of the other three. */
struct sender_stats {
    uint64_t sent;
    uint64_t lost; /* the collector would not have them, or was away too long */
};

/* Takes `post`; borrows the ring and the source until sender_stop(). NULL: no memory or thread;
 * `post` is the caller's still. */
struct sender *sender_start(struct trace_ring *ring, struct post *post,
                            const struct trace_source *source, int64_t timeout_ms) MUST_CHECK;

/* Sends what there is, for limit_ms at most, and ends. False: it does not end (a name is being
 * looked up), so everything it was given must stay. NULL is fine, and true. */
bool sender_stop(struct sender *sender, int64_t limit_ms);

/* Any thread. */
struct sender_stats sender_stats(const struct sender *sender);

#endif
