/*
 * enqueue: payloads into a queue, in batches of one command each, several under way at once, in
 * constant memory. Every payload is accounted for: it is in, refused, unknown (sent, and the
 * connection went before the answer), or it was not sent, and that is said by number.
 */
#ifndef ADMIN_ENQUEUE_H
#define ADMIN_ENQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "job/record.h"
#include "redis/client.h"
#include "redis/keys.h"

enum {
    ENQUEUE_BATCH_JOBS = 500,
    ENQUEUE_BATCH_BYTES = 1024 * 1024, /* a batch that has them is sent */
    ENQUEUE_UNDER_WAY = 8,             /* batches */
};

/* What all payloads of one run have in common. */
struct enqueue_plan {
    struct queue_keys keys;
    struct record header;       /* the producer's fields */
    bool with_header;           /* at least one was asked for */
    bool scheduled;             /* into the ZSET, due at due_wall_ms; always with a header */
    int64_t due_wall_ms;        /* by the clock of Redis */
    int64_t wall_offset_ms;     /* Redis's wall clock - our monotonic one */
    uint64_t payload_bytes_max; /* the queue's max_payload */
    const char *noun;           /* what the numbers count: "line", "payload" */
};

struct enqueue_count {
    uint64_t taken;            /* given to enqueue_add and not refused by it */
    uint64_t in;               /* Redis said so */
    uint64_t refused;          /* Redis said so */
    uint64_t unknown;          /* sent, not answered */
    uint64_t scheduled_before; /* equal bytes were scheduled already: not a second time */
    uint64_t unsent_from; /* after enqueue_finish(): the number of the first that was not sent */
};

struct enqueue;

/* Borrows both. NULL: no memory. */
struct enqueue *enqueue_new(struct client *client, const struct enqueue_plan *plan) MUST_CHECK;
void enqueue_free(struct enqueue *enqueue); /* NULL is allowed */

/*
 * The next payload, copied. False: this one cannot go in, or an earlier one was refused; said why;
 * then enqueue_finish() is all that may follow.
 */
bool enqueue_add(struct enqueue *enqueue, struct slice payload) MUST_CHECK;

/* Sends what there is and waits for its answers; for a pause of the source. False as above. */
bool enqueue_flush(struct enqueue *enqueue) MUST_CHECK;

/* Sends what is left and waits for every answer. False: not everything that was taken is in; said
 * why. */
bool enqueue_finish(struct enqueue *enqueue) MUST_CHECK;

const struct enqueue_count *enqueue_count(const struct enqueue *enqueue);

#endif
