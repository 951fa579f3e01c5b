/*
 * dlq_batch: some dead jobs, of one read of the list, that leave it by a script: back to work, or
 * for good. The script moves an element only if its exact bytes are where they were seen, so who is
 * second finds something else, and no job is ever moved twice.
 */
#ifndef ADMIN_DLQ_BATCH_H
#define ADMIN_DLQ_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/dlq_walk.h"
#include "admin/pace.h"
#include "base/buf.h"
#include "base/check.h"

enum dlq_fate { DLQ_FATE_RETRY = 1, DLQ_FATE_DROP };

struct dlq_batch {
    enum dlq_fate fate;
    struct pace pace;    /* its own: finding an element is dearer than reading one */
    char mark[33];       /* hex; no element equals it. With a task: who runs it */
    struct slice task;   /* its key, which counts what moves; ptr NULL: there is none */
    struct slice canary; /* RETRY: its id, if it wants to hear how they end; ptr NULL: not */
    bool over;           /* dlq_batch_send() failed because the task is not ours any more */
    size_t count;
    size_t item[PACE_ITEMS_MAX]; /* index into what the walk has read */
    struct buf fresh;            /* RETRY: the new bytes, one after the other */
    size_t fresh_end[PACE_ITEMS_MAX];
};

void dlq_batch_init(struct dlq_batch *batch, enum dlq_fate fate, int64_t rtt_us);

/* The i-th element that the walk has read, in the order of the walk. False: it cannot be retried.
 */
bool dlq_batch_add(struct dlq_batch *batch, const struct dlq_walk *walk, size_t i) MUST_CHECK;

/*
 * Empties the batch, in as many calls as its pace says. What moved is dlq_walk_is_gone() then; of
 * the rest somebody else may have been faster. False: printed why.
 */
bool dlq_batch_send(struct dlq_batch *batch, struct dlq_walk *walk) MUST_CHECK;

void dlq_batch_fini(struct dlq_batch *batch);

#endif
