#include "idempotency/claim.h"

enum claim_verdict claim_judge(const struct record *record, struct slice claim, struct slice holder)
{
    if (holder.ptr == NULL)
        return CLAIM_NEW;
    if (slice_equal(holder, claim))
        return CLAIM_OWN;
    return record->force || record->attempt >= 1 ? CLAIM_OVERRIDE : CLAIM_DUPLICATE;
}

bool claim_wanted(const struct queue_conf *queue, const struct record *record)
{
    if (queue->idempotency_ttl_ms == 0)
        return false;
    return queue->idempotency_by == FINGERPRINT_PAYLOAD || record->key.ptr != NULL;
}
