/*
 * claim_windows: fingerprints of taken jobs, kept in windows (idempotency/windows.h): one script
 * for up to CLAIM_SCRIPT_ITEMS jobs, also where Redis is out of memory.
 *
 * Which windows there are says Redis, and it is asked before the first claim, whenever one is over
 * (the question takes it away, so Redis is not held by a hash of millions of entries), when the
 * configuration wants another length, and after an answer that ours are the wrong ones.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "consumer/claim.h"

static int64_t windows_wanted_ms(const struct queue *queue)
{
    return windows_length_ms(queue->conf->idempotency_ttl_ms);
}

static void on_windows(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;
    int64_t now_wall_ms = reply_int(reply_at(reply, 1));

    queue->windows_asked = false;
    if (reply_error(reply) != ERROR_NONE) {
        claim_refused(queue, reply);
    } else if (!windows_parse(reply_text(reply_at(reply, 0)), &queue->windows)) {
        queue->settle_not_before_ms = clock_mono_ms() + QUEUE_RETRY_MS;
        LOG_SPARSE_OF(queue->log, LOG_ERROR, "windows",
                      LOG_B("err", reply_text(reply_at(reply, 0))),
                      LOG_S("do", "HDEL the field windows of its meta: no worker understands it"));
    } else {
        queue->windows_known = true;
        queue->windows_due_wall_ms = windows_next_ms(&queue->windows, now_wall_ms);
        queue->worker->redis_offset_ms = now_wall_ms - clock_mono_ms();
    }
    worker_wake(queue->worker);
}

/* Windows before these, which may be over; of the length before all that it is about. */
static void args_windows_past(struct args *args, const struct queue *queue,
                              char names[WINDOWS_AHEAD + 1][KEY_MAX], size_t *count)
{
    const struct windows *windows = &queue->windows;
    int64_t now_wall_ms = worker_redis_now_ms(queue->worker), over_ms[WINDOWS_AHEAD + 1];

    *count = 0;
    for (int i = 0; i <= WINDOWS_AHEAD; i++) {
        int64_t length_ms = i == 0 ? windows->length_ms : windows->old_length_ms;
        if (length_ms == 0)
            break;
        int64_t number = now_wall_ms / length_ms - (i == 0 ? 1 : i - 1);
        args_bytes(args, names[i], queue_key_window(&queue->keys, length_ms, number, names[i]));
        over_ms[(*count)++] = (number + 1) * length_ms;
    }
    args_int(args, windows_wanted_ms(queue));
    for (size_t i = 0; i < *count; i++)
        args_int(args, over_ms[i]);
}

static void windows_ask(struct queue *queue)
{
    static char names[WINDOWS_AHEAD + 1][KEY_MAX];
    struct args *args = &queue->worker->args;
    size_t past;

    args_start(args);
    args_key(args, &queue->keys, KEY_META);
    args_windows_past(args, queue, names, &past);
    queue->windows_asked = link_script(queue->worker->command, SCRIPT_WINDOWS, on_windows, queue,
                                       1 + past, args->count, args->word);
}

bool windows_ready(struct queue *queue)
{
    const struct windows *windows = &queue->windows;
    int64_t now_wall_ms = worker_redis_now_ms(queue->worker), wanted_ms = windows_wanted_ms(queue);
    bool others_wanted = wanted_ms != 0 && wanted_ms != windows->length_ms;

    if (!queue->windows_asked &&
        (!queue->windows_known || now_wall_ms >= queue->windows_due_wall_ms ||
         (others_wanted && now_wall_ms >= windows->until_wall_ms)))
        windows_ask(queue);
    return queue->windows_known;
}

void windows_fingerprint(const struct job *job, char out[FINGERPRINT_BYTES])
{
    fingerprint_raw(job_queue(job)->worker->fingerprinter, slice_of(job_queue(job)->name),
                    job->record.type, job->record.key, job->record.payload, out);
}

void args_windows_keys(struct args *args, const struct queue *queue, struct windows_keys *keys)
{
    windows_keys(&queue->windows, &queue->keys, worker_redis_now_ms(queue->worker), keys);
    for (size_t i = 0; i < WINDOWS_KEYS; i++)
        args_bytes(args, keys->name[i], keys->len[i]);
}

void args_windows(struct args *args, const struct queue *queue, const struct windows_keys *keys)
{
    args_text(args, queue->windows.text);
    args_int(args, queue->windows.length_ms);
    args_int(args, keys->first);
    args_int(args, queue->windows.old_length_ms);
    args_int(args, keys->old_first);
}

bool claim_windows_send(struct queue *queue)
{
    static char fingerprints[CLAIM_SCRIPT_ITEMS][FINGERPRINT_BYTES];
    static struct windows_keys keys;
    struct args *args = &queue->worker->args;
    const struct queue_conf *conf = queue->taken.head->conf;
    struct joblist batch = {0};

    if (!windows_ready(queue) || queue->windows.length_ms == 0)
        return false;
    FAULT_POINT(before_claim);
    args_start(args);
    args_key(args, &queue->keys, KEY_META);
    args_windows_keys(args, queue, &keys);
    args_windows(args, queue, &keys);
    args_int(args, conf->idempotency_ttl_ms);
    while (queue->taken.head != NULL && queue->taken.head->conf == conf &&
           batch.count < CLAIM_SCRIPT_ITEMS) {
        struct job *job = joblist_pop(&queue->taken);
        windows_fingerprint(job, fingerprints[batch.count]);
        args_bytes(args, fingerprints[batch.count], FINGERPRINT_BYTES);
        job->claim_sent = true;
        joblist_push(&batch, job);
    }
    for (struct job *job = batch.head; job != NULL; job = job->next)
        args_text(args, job->claim);
    bool sent = link_script(queue->worker->command, SCRIPT_CLAIM_WINDOWS, on_claims, batch.head,
                            1 + WINDOWS_KEYS, args->count, args->word);
    claims_sent(&batch, sent);
    return sent;
}
