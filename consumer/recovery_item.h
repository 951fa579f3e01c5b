/*
 * recovery_item: what the script `recover` is told of one job of a dead worker.
 */
#ifndef CONSUMER_RECOVERY_ITEM_H
#define CONSUMER_RECOVERY_ITEM_H

#include "consumer/worker.h"
#include "dlq/verdict.h"

struct recovery_item {
    uint64_t tag;
    const char *crash;  /* how its worker died, if it was in its handler then; else NULL */
    enum verdict_to to; /* VERDICT_DONE: another worker was quicker, nothing is said */
    size_t end;         /* of its new bytes, in the worker's scratch */
    /* VERDICT_DLQ: for its result */
    uint32_t attempt;
    char claim[CLAIM_ID_MAX];
    char result[KEY_MAX];
    size_t result_len;
    char error[RECORD_ERROR_MAX + 1];
};

/* From what `dead` holds under item->tag; the job's new bytes are appended to `out`. */
void recovery_item_make(struct recovery_item *item, struct queue *queue, const char *dead,
                        struct slice element, struct buf *out);

/* Its new bytes are in `scratch` from `start` on. */
void args_recovery_item(struct args *args, const struct recovery_item *item,
                        const struct buf *scratch, size_t start);

#endif
