#include "consumer/recovery_item.h"

#include <stdio.h>

#include "consumer/settle.h"

/* Only what is dead now has come to an end that a result tells of. */
static void item_remember(struct recovery_item *item, const struct queue *queue,
                          const struct record *record, const struct verdict *verdict)
{
    const struct record_stamp *stamp = &verdict->stamp;

    item->to = verdict->to;
    if (item->to != VERDICT_DLQ)
        return;
    item->attempt = stamp->attempt;
    (void)snprintf(item->claim, sizeof(item->claim), "%.*s", (int)stamp->claim.len,
                   stamp->claim.ptr);
    (void)snprintf(item->error, sizeof(item->error), "%.*s", (int)stamp->error.len,
                   stamp->error.ptr);
    item->result_len = queue_key_result(&queue->keys, record->id, stamp->claim, item->result);
}

/* Each job that was in a handler when its worker died, and each that dies of it. */
static void item_log(const struct recovery_item *item, const struct queue *queue,
                     const struct verdict *verdict)
{
    const struct record_stamp *stamp = &verdict->stamp;

    if (verdict->to == VERDICT_DLQ)
        LOG_OF(queue->log, LOG_WARN, "dead", LOG_B("id", stamp->claim),
               LOG_S("reason", dlq_reason_name(verdict->reason)), LOG_I("attempt", stamp->attempt),
               LOG_B("err", stamp->error));
    else if (item->crash != NULL)
        LOG_OF(queue->log, LOG_WARN, "crashed", LOG_B("id", stamp->claim),
               LOG_I("crashes", stamp->crashes), LOG_S("err", item->crash));
}

/* The job's next life: it remembers who it is, and that one delivery ended without a verdict. What
 * cannot be read goes back as it came (behind a header of ours it would pass for a payload), and
 * whoever takes it buries it. */
void recovery_item_make(struct recovery_item *item, struct queue *queue, const char *dead,
                        struct slice element, struct buf *out)
{
    char scratch[RECORD_HEADER_MAX], claim[CLAIM_ID_MAX];
    struct record record;
    struct slice identity;

    if (record_parse(element.ptr, element.len, scratch, &record) != RECORD_OK) {
        buf_append_slice(out, element);
        item->to = VERDICT_READY;
        return;
    }
    identity = record.claim;
    if (identity.len == 0)
        identity = (struct slice){claim, claim_id_format(claim, dead, item->tag)};
    struct verdict verdict =
        verdict_after_death(&record, identity, item->crash, worker_redis_now_ms(queue->worker));
    record_render(out, &record, &verdict.stamp);
    item_log(item, queue, &verdict);
    item_remember(item, queue, &record, &verdict);
    if (item->crash != NULL && record.canary.len > 0) /* its worker died under it: that is enough */
        canary_say(queue, record.canary, identity, "failed", item->crash);
}

void args_recovery_item(struct args *args, const struct recovery_item *item,
                        const struct buf *scratch, size_t start)
{
    args_int(args, (int64_t)item->tag);
    args_text(args, item->to == VERDICT_DLQ ? "dlq" : "ready");
    args_bytes(args, scratch->data + start, item->end - start);
    args_text(args, item->claim);
    args_int(args, item->attempt);
    args_text(args, item->error);
}
