/*
 * sight: the element that an idle wait has just moved, and shown. The take that follows is likely
 * to pop that very element, so it is told the fingerprint, and claims it in the same script: one
 * round trip less from a push to the start of its job. What the take pops instead, and what is
 * held by another job, is claimed in the usual way.
 */
#include <stdlib.h>

#include "consumer/worker.h"

enum { SIGHT_BYTES_MAX = 4096 }; /* it is sent once more: a large one is not worth it */

void sight_keep(struct queue *queue, struct slice element)
{
    buf_reset(&queue->sight);
    if (element.len <= SIGHT_BYTES_MAX)
        buf_append_slice(&queue->sight, element);
}

static size_t sight_read(const struct queue *queue, struct job *job, char key[KEY_MAX])
{
    if (take_fit(queue, job) != JOB_END_RESULT)
        return 0;
    return claim_fingerprint_key(job, key);
}

bool sight_claim(struct queue *queue, uint64_t tag, struct sight *sight)
{
    struct job job = {0};

    sight->element = (struct slice){queue->sight.data, queue->sight.len};
    if (sight->element.len == 0 || queue->sight.failed ||
        !job_sketch(queue, &job, tag, sight->element))
        return false;
    queue->sight.len = 0; /* the bytes stay until the next wait */
    sight->key_len = sight_read(queue, &job, sight->key);
    memcpy(sight->claim, job.claim, sizeof sight->claim);
    free(job.bytes);
    return sight->key_len > 0;
}
