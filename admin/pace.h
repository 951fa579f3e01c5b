/*
 * pace: how many items the next call to Redis may carry, so that no call holds Redis longer than
 * 2 ms and no answer is large. Halved when a call was slow, doubled when there is room. Pure.
 */
#ifndef ADMIN_PACE_H
#define ADMIN_PACE_H

#include <stddef.h>
#include <stdint.h>

enum {
    PACE_ITEMS_START = 16,
    PACE_ITEMS_MAX = 100,          /* what dlq_move, dlq_drop and dlq_add take */
    PACE_HELD_US_MAX = 2000,       /* Redis serves nobody else meanwhile */
    PACE_CALL_BYTES_MAX = 1 << 20, /* about: judged by the mean of the last call */
};

struct pace {
    size_t items;   /* of the next call, at least 1 */
    int64_t rtt_us; /* of a call that does nothing: the network's share of every round trip */
};

struct pace pace_start(int64_t rtt_us);

/* A call with `items` items of `bytes` in all took so long. */
void pace_note(struct pace *pace, int64_t took_us, size_t items, size_t bytes);

#endif
