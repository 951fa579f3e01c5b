/*
 * take_args: the words of a take; the head of redis/lua/take.lua says what they mean.
 */
#include <stdio.h>
#include <string.h>

#include "consumer/worker.h"
#include "dlq/verdict.h"

/*
 * The header that the script puts before an element too large to be looked at, in two parts: its
 * tag goes between them. Made by the one codec, with a mark where the tag goes.
 */
static void args_oversize_header(struct args *args, struct queue *queue, struct buf *out)
{
    char claim[WORKER_ID_MAX + 2];
    struct record none = {.payload = {"", 0}};
    size_t len = (size_t)snprintf(claim, sizeof claim, "%s:@", queue->id);
    struct verdict verdict = verdict_bury(&none, (struct slice){claim, len}, DLQ_OVERSIZE,
                                          "over max_payload", worker_redis_now_ms(queue->worker));

    buf_reset(out);
    record_render(out, &none, &verdict.stamp);
    const char *mark = out->failed ? NULL : memchr(out->data, '@', out->len);
    size_t before = mark != NULL ? (size_t)(mark - out->data) : 0;
    args_bytes(args, out->data, before);
    args_bytes(args, mark != NULL ? mark + 1 : NULL, mark != NULL ? out->len - before - 1 : 0);
}

size_t args_take(struct args *args, struct queue *queue, const struct take *take,
                 const struct sight *sight)
{
    static const enum queue_key order[] = {KEY_QUEUE, KEY_STAGE, KEY_READY};
    static const enum queue_key rest[] = {KEY_WORKERS, KEY_RETRY, KEY_SCHEDULED, KEY_DLQ, KEY_META};

    args_start(args);
    for (size_t i = 0; i < 3; i++)
        args_key(args, &queue->keys, order[i]);
    args_text(args, queue->held);
    for (size_t i = 0; i < 5; i++)
        args_key(args, &queue->keys, rest[i]);
    if (sight != NULL)
        args_bytes(args, sight->key, sight->key_len);
    size_t keys = args->count;
    args_text(args, queue->id);
    args_int(args, (int64_t)take->first_tag);
    args_int(args, take->asked);
    args_int(args, (int64_t)queue->conf->payload_bytes_max + RECORD_HEADER_MAX);
    args_int(args, (int64_t)queue->conf->dlq_max);
    args_int(args, TAKE_ANSWER_BYTES_MAX);
    args_oversize_header(args, queue, &queue->worker->scratch);
    if (sight != NULL) {
        args_slice(args, sight->element);
        args_text(args, sight->claim);
        args_int(args, queue->conf->idempotency_ttl_ms);
    }
    return keys;
}
