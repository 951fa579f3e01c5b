/*
 * claim: what the answer to `SET fp <claim id> NX GET PX <ttl>` means for one delivery. Pure.
 *
 * nil: the fingerprint is ours now. Our own claim id: a redelivery of this very job. Another's: a
 * duplicate; unless a person requeued the job (force), or it has failed before and was promised a
 * retry (attempt >= 1): such a job was accepted once and runs, whoever holds the fingerprint now.
 */
#ifndef IDEMPOTENCY_CLAIM_H
#define IDEMPOTENCY_CLAIM_H

#include "base/slice.h"
#include "config/config.h"
#include "job/record.h"

enum claim_verdict {
    CLAIM_NEW = 1,   /* ours since now */
    CLAIM_OWN,       /* ours since an earlier delivery */
    CLAIM_OVERRIDE,  /* another's, and the job runs all the same */
    CLAIM_DUPLICATE, /* another's: drop */
};

/* `holder`: ptr NULL for nil. */
enum claim_verdict claim_judge(const struct record *record, struct slice claim,
                               struct slice holder);

/* Does this delivery claim a fingerprint at all under its queue's configuration? */
bool claim_wanted(const struct queue_conf *queue, const struct record *record);

#endif
