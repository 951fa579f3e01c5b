/*
 * dlq_batch: some dead jobs, of one read of the list, that leave it together by one script: back to
 * work, or for good. The script moves an element only if it finds its exact bytes, so whoever is
 * second finds nothing, and no job is ever moved twice.
 */
#ifndef ADMIN_DLQ_BATCH_H
#define ADMIN_DLQ_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/pace.h"
#include "base/buf.h"
#include "base/check.h"
#include "redis/client.h"
#include "redis/keys.h"

enum dlq_fate { DLQ_FATE_RETRY = 1, DLQ_FATE_DROP };

struct dlq_batch {
    enum dlq_fate fate;
    size_t count;
    struct slice old[PACE_ITEMS_MAX]; /* borrowed until it is sent */
    struct buf fresh;                 /* RETRY: the new bytes, one after the other */
    size_t fresh_end[PACE_ITEMS_MAX];
};

/* An element of the list, borrowed until dlq_batch_send(). False: it cannot be retried. */
bool dlq_batch_add(struct dlq_batch *batch, struct slice element) MUST_CHECK;

/* Empties the batch; returns how many moved, -1: printed why. `side`: see dlq_walk_side(). */
int64_t dlq_batch_send(struct dlq_batch *batch, struct client *client,
                       const struct queue_keys *keys, const char *side,
                       struct pace *pace) MUST_CHECK;

void dlq_batch_free(struct dlq_batch *batch);

#endif
