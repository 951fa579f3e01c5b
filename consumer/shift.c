/*
 * shift: moves deliveries on that did not simply end: to retry, to the DLQ, back to ready, or out.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "consumer/settle.h"
#include "dlq/verdict.h"
#include "idempotency/claim.h"

enum {
    SHIFT_ITEMS_MAX = 100,
    SHIFT_BYTES_MAX = 1024 * 1024, /* of new bytes in one call, about: one item may be over it */
};

/* What the script is told of one job. */
struct shift {
    const char *to, *counter;
    int64_t delay_ms;
    const struct record_stamp *stamp; /* NULL: the bytes stay as they are */
    enum { FP_KEEP, FP_DELETE, FP_EXTEND } fingerprint;
    const char *state; /* of its result; "": it stays as it is */
};

/* Once, also where the call has to be sent again. */
static void shift_log(struct job *job, const struct verdict *verdict)
{
    if (job->logged)
        return;
    job->logged = true;
    if (verdict->to == VERDICT_DLQ)
        measure_dead(job_queue(job), verdict->reason, 1);
    if (verdict->to == VERDICT_DLQ)
        LOG_JOB_SPARSE(job, LOG_WARN, "dead", LOG_S("reason", dlq_reason_name(verdict->reason)),
                       LOG_I("attempt", verdict->stamp.attempt),
                       LOG_B("err", verdict->stamp.error));
    else if (verdict->to == VERDICT_RETRY)
        LOG_JOB_SPARSE(job, LOG_INFO, "retry", LOG_I("attempt", verdict->stamp.attempt),
                       LOG_I("delay_ms", verdict->delay_ms), LOG_B("err", verdict->stamp.error));
}

static struct shift shift_of_verdict(const struct job *job, const struct verdict *verdict)
{
    bool failed = job->end == JOB_END_RESULT && job->result.outcome != JOB_SNOOZE;
    switch (verdict->to) {
    case VERDICT_RETRY:
        return (struct shift){"retry",           failed ? "retried" : "",
                              verdict->delay_ms, &verdict->stamp,
                              FP_EXTEND,         failed ? "retrying" : "snoozed"};
    case VERDICT_DLQ:
        return (struct shift){"dlq", "dead", 0, &verdict->stamp, FP_DELETE, "dead"};
    case VERDICT_READY:
        return (struct shift){"ready", "released", 0, &verdict->stamp, FP_KEEP, ""};
    case VERDICT_DONE:
        break;
    }
    CHECK(!"a done job is not shifted");
    return (struct shift){0};
}

/* Of this delivery for ever, so that a call sent again says the same: splitmix64 (Steele et al.,
 * 2014). */
static uint64_t shift_random(const struct job *job)
{
    uint64_t x = job_queue(job)->worker->incarnation + job->tag * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/*
 * As it came; or, if a claim of it was sent, with its claim id. That claim may be executed late,
 * from a connection that was given up, and without its id the job would then pass for its own
 * duplicate.
 */
static struct shift shift_of_release(const struct job *job, struct verdict *verdict)
{
    *verdict = (struct verdict){.to = VERDICT_READY, .stamp = record_stamp_of(&job->record)};
    verdict->stamp.claim = slice_of(job->claim);
    const struct record_stamp *stamp = job->claim_sent ? &verdict->stamp : NULL;
    return (struct shift){"ready", "released", 0, stamp, FP_KEEP, ""};
}

static struct shift shift_of(struct job *job, struct verdict *verdict)
{
    int64_t now_ms = worker_redis_now_ms(job_queue(job)->worker);
    const char *why = job->record.why;

    switch (job->end) {
    case JOB_END_EXPIRED:
        return (struct shift){"drop", "expired", 0, NULL, FP_DELETE, "expired"};
    case JOB_END_RELEASED:
        return shift_of_release(job, verdict);
    case JOB_END_MALFORMED:
        *verdict = verdict_bury(&job->record, job_claim(job), DLQ_MALFORMED, why, now_ms);
        break;
    case JOB_END_UNSUPPORTED:
        *verdict = verdict_bury(&job->record, job_claim(job), DLQ_UNSUPPORTED,
                                "a header version that this navvy does not know", now_ms);
        break;
    case JOB_END_OVERSIZE:
        *verdict =
            verdict_bury(&job->record, job_claim(job), DLQ_OVERSIZE, "over max_payload", now_ms);
        break;
    case JOB_END_NO_HANDLER:
        *verdict = verdict_bury(&job->record, job_claim(job), DLQ_NO_HANDLER,
                                job->record.type.ptr == NULL
                                    ? "it has no type, and this queue has no handler without one"
                                    : "no route for its type, and this queue has no other handler",
                                now_ms);
        break;
    case JOB_END_CANCELLED:
        *verdict = verdict_bury(&job->record, job_claim(job), DLQ_CANCELLED,
                                "cancelled before it ran", now_ms);
        break;
    case JOB_END_RESULT:
    case JOB_END_DUPLICATE:
    case JOB_END_COUNT:
        *verdict = verdict_after_run(job->conf, job, now_ms, shift_random(job));
        break;
    }
    shift_log(job, verdict);
    return shift_of_verdict(job, verdict);
}

/* One item on its way into the call; the loop thread builds one call at a time. */
struct shift_item {
    const struct job *job;
    struct verdict verdict;
    struct shift shift;
    size_t bytes_at, bytes_len; /* in the worker's scratch: what grows moves */
    char key[KEY_MAX];          /* its fingerprint's; where that stands in windows, itself */
    size_t key_len;
    char result[KEY_MAX]; /* where its result is kept, if results are */
    size_t result_len;
};

/* Where it was never said how long they are, nobody has claimed anything. */
static bool shift_in_windows(const struct queue *queue)
{
    return queue->conf->idempotency_store == STORE_WINDOWS && queue->windows.length_ms > 0;
}

static size_t shift_fingerprint(const struct job *job, char key[KEY_MAX])
{
    const struct queue_conf *conf = job->conf;

    if (conf->idempotency_store == STORE_KEYS)
        return claim_fingerprint_key(job, key);
    if (!shift_in_windows(job_queue(job)) || !claim_wanted(conf, &job->record))
        return 0;
    windows_fingerprint(job, key);
    return FINGERPRINT_BYTES;
}

static void shift_prepare(struct shift_item *item, struct job *job, struct buf *scratch)
{
    item->job = job;
    item->shift = shift_of(job, &item->verdict);
    if (strcmp(item->shift.to, "retry") == 0)
        queue_due(job_queue(job), clock_mono_ms() + item->shift.delay_ms);
    item->key_len = item->shift.fingerprint == FP_KEEP ? 0 : shift_fingerprint(job, item->key);
    if (item->key_len == 0)
        item->shift.fingerprint = FP_KEEP;

    item->result_len = result_key(job, item->result);

    item->bytes_at = scratch->len;
    if (item->shift.stamp == NULL) {
        buf_append(scratch, "=", 1);
    } else {
        buf_append(scratch, "+", 1);
        record_render(scratch, &job->record, item->shift.stamp);
    }
    item->bytes_len = scratch->len - item->bytes_at;
}

static void args_shift_fingerprint(struct args *args, const struct shift_item *item)
{
    const struct queue_conf *conf = item->job->conf;
    switch (item->shift.fingerprint) {
    case FP_KEEP:
        args_text(args, "keep");
        break;
    case FP_DELETE:
        args_text(args, "delete");
        break;
    case FP_EXTEND: /* it outlives the wait, and then a whole TTL */
        args_int(args, item->shift.delay_ms + conf->idempotency_ttl_ms);
        break;
    }
    args_text(args, item->job->claim);
    if (shift_in_windows(job_queue(item->job)))
        args_bytes(args, item->key, item->key_len);
}

static void args_shift_result(struct args *args, const struct shift_item *item)
{
    const struct record_stamp was = record_stamp_of(&item->job->record);
    const struct record_stamp *stamp = item->shift.stamp != NULL ? item->shift.stamp : &was;

    args_text(args, item->shift.state);
    args_int(args, stamp->attempt);
    args_slice(args, stamp->error);
    args_slice(args, stamp->reason);
}

/* The key of each, or all windows that they may stand in; returns how many keys that are. */
static size_t args_shift_keys(struct args *args, const struct queue *queue,
                              const struct shift_item *items, size_t count,
                              struct windows_keys *windows)
{
    if (shift_in_windows(queue)) {
        args_windows_keys(args, queue, windows);
        return WINDOWS_KEYS;
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].key_len > 0)
            args_bytes(args, items[i].key, items[i].key_len);
        else
            args_key(args, &queue->keys, KEY_META);
    }
    return count;
}

/* Returns how many of them are keys. */
static size_t args_shift(struct args *args, const struct queue *queue,
                         const struct shift_item *items, size_t count, const struct buf *scratch)
{
    static const enum queue_key fixed[] = {KEY_READY, KEY_RETRY, KEY_DLQ, KEY_META};
    static struct windows_keys windows;
    const bool keeps = queue->conf->result_ttl_ms > 0;

    args_start(args);
    args_text(args, queue->held);
    for (size_t i = 0; i < 4; i++)
        args_key(args, &queue->keys, fixed[i]);
    args_control_key(args, queue, KEY_CONTROL);
    size_t keys = 6 + args_shift_keys(args, queue, items, count, &windows);
    for (size_t i = 0; keeps && i < count; i++)
        args_bytes(args, items[i].result, items[i].result_len);
    keys = keeps ? keys + count : keys;
    args_int(args, queue->conf->result_ttl_ms);
    if (shift_in_windows(queue))
        args_windows(args, queue, &windows);
    else
        args_text(args, "");
    for (size_t i = 0; i < count; i++) {
        args_int(args, (int64_t)items[i].job->tag);
        args_text(args, items[i].shift.to);
        args_text(args, items[i].shift.counter);
        args_int(args, items[i].shift.delay_ms);
        args_bytes(args, scratch->data + items[i].bytes_at, items[i].bytes_len);
        args_shift_fingerprint(args, &items[i]);
        if (keeps)
            args_shift_result(args, &items[i]);
    }
    return keys;
}

static void on_shift(const struct reply *reply, void *arg)
{
    struct job *batch = arg;
    struct queue *queue = job_queue(batch);
    int64_t refused = 0;
    size_t i = 0;

    if (reply_kind(reply) != REPLY_ARRAY) {
        queue->windows_known &= reply_error(reply) != ERROR_NONE; /* an integer: they are others */
        settle_again(batch, reply);
        worker_wake(queue->worker);
        return;
    }
    FAULT_POINT(after_shift);
    for (struct job *job = batch, *next; job != NULL; job = next) {
        bool moved = reply_int(reply_at(reply, i++)) == 1;
        next = job->next;
        refused += !moved;
        job_advance(job, moved ? JOB_EV_SETTLED : JOB_EV_REFUSED);
    }
    queue->hungry = true; /* a retry may be the next to fall due: the answer to a take says when */
    settle_log_stale(queue, refused);
    worker_wake(queue->worker);
}

bool shift_send(struct queue *queue, struct joblist *list)
{
    static struct shift_item items[SHIFT_ITEMS_MAX];
    struct worker *worker = queue->worker;
    struct buf *scratch = &worker->scratch;
    struct joblist batch = {0};

    if (queue->conf->idempotency_store == STORE_WINDOWS && !windows_ready(queue))
        return false;
    FAULT_POINT(before_shift);
    buf_reset(scratch);
    while (list->head != NULL && batch.count < SHIFT_ITEMS_MAX && scratch->len < SHIFT_BYTES_MAX) {
        struct job *job = joblist_pop(list);
        shift_prepare(&items[batch.count], job, scratch);
        joblist_push(&batch, job);
    }
    bool sent = false;
    if (!scratch->failed) { /* no memory: they wait */
        size_t keys = args_shift(&worker->args, queue, items, batch.count, scratch);
        sent = link_script(worker->command, SCRIPT_SHIFT, on_shift, batch.head, keys,
                           worker->args.count, worker->args.word);
    }
    return settle_sent(&batch, list, sent);
}
