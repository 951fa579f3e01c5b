#include "admin/bench_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/enqueue.h"
#include "admin/keyscan.h"
#include "base/clock.h"
#include "base/random.h"

enum { REMOVE_KEYS = 200, REMOVE_PASSES_MAX = 20 };

static const char mark[] = "bench"; /* field of meta: whose keys these are */

/* Keys to be removed with the next call. */
struct batch {
    struct client *client;
    struct buf names;
    size_t ends[REMOVE_KEYS], count;
    uint64_t removed;
};

/* ---- what is there ---- */

/* navvy:{Q}:* */
static enum keyscan_end scan(struct bench *bench, keyscan_each *each, void *arg)
{
    struct slice meta = session_key(&bench->session, KEY_META);
    struct buf pattern = {0};

    keyscan_escape(&pattern, (struct slice){meta.ptr, meta.len - strlen("meta")});
    buf_append_str(&pattern, "*");
    enum keyscan_end end =
        pattern.failed
            ? KEYSCAN_FAILED
            : keyscan(bench->session.client, (struct slice){pattern.data, pattern.len}, each, arg);
    buf_free(&pattern);
    return end;
}

static bool refuse(struct slice key, void *arg)
{
    (void)arg;
    command_fault(COMMAND_FAILED,
                  "the key %.*s exists: bench works only where nothing is; leave out --queue, or "
                  "give another name",
                  (int)key.len, key.ptr);
    return false;
}

/* A name made of 64 random bits needs no search. */
static bool is_free(struct bench *bench)
{
    for (enum queue_key key = 0; key < KEY_COUNT; key++) {
        struct slice name = session_key(&bench->session, key);
        int64_t there = answer_int(bench->session.client,
                                   client_callf(bench->session.client, "EXISTS %b", &name));
        if (there != 0)
            return there > 0 && refuse(name, NULL);
    }
    return !bench->plan->named || scan(bench, refuse, NULL) == KEYSCAN_DONE;
}

bool bench_queue_claim(struct bench *bench)
{
    struct slice meta = session_key(&bench->session, KEY_META);

    if (!is_free(bench))
        return false;
    int64_t set =
        answer_int(bench->session.client, client_callf(bench->session.client, "HSETNX %b %s %lld",
                                                       &meta, mark, (long long)clock_wall_ms()));
    bench->claimed = set == 1;
    return bench->claimed || (set == 0 && refuse(meta, NULL));
}

/* ---- pushes ---- */

/* Padded with digits that differ from job to job (Knuth's generator): Lua hashes a string by some
 * of its bytes only, and payloads that hardly differ make Redis slower than real ones do. */
static struct slice payload(char *out, size_t bytes, int64_t meant_ns, uint64_t number)
{
    uint64_t noise = number;
    int len = snprintf(out, bytes, "%" PRId64 " %" PRIu64 " ", meant_ns, number);

    CHECK(len > 0 && (size_t)len < bytes);
    for (size_t at = (size_t)len; at < bytes; at++) {
        noise = noise * 6364136223846793005U + 1442695040888963407U;
        out[at] = "0123456789abcdef"[noise >> 60];
    }
    return (struct slice){out, bytes};
}

static bool add_all(struct bench *bench, struct enqueue *enqueue, uint64_t jobs, char *text)
{
    struct progress progress;
    bool fine = true;

    progress_init(&progress, jobs);
    for (uint64_t i = 0; i < jobs && fine; i++) {
        fine = enqueue_add(enqueue, payload(text, bench->plan->bytes, 0, i)) && !bench_stopped();
        progress_show(&progress, i, i);
    }
    progress_fini(&progress);
    return enqueue_finish(enqueue) && fine;
}

bool bench_queue_fill(struct bench *bench, uint64_t jobs)
{
    const struct enqueue_plan plan = {
        .keys = bench->session.keys, .payload_bytes_max = BENCH_BYTES_MAX, .noun = "job"};
    struct enqueue *enqueue = enqueue_new(bench->session.client, &plan);
    char *text = malloc(bench->plan->bytes + 1);
    bool fine = enqueue != NULL && text != NULL;

    if (fine)
        fine = add_all(bench, enqueue, jobs, text);
    else
        command_fault(COMMAND_FAILED, "no memory");
    free(text);
    enqueue_free(enqueue);
    return fine;
}

bool bench_queue_push(struct bench *bench, uint64_t number, int64_t meant_ns)
{
    struct bench_pusher pusher = {.bench = bench};
    bool added = bench_pusher_add(&pusher, number, meant_ns);

    return bench_pusher_finish(&pusher) && added;
}

bool bench_pusher_add(struct bench_pusher *pusher, uint64_t number, int64_t meant_ns)
{
    size_t bytes = pusher->bench->plan->bytes;

    CHECK(pusher->count < BENCH_PUSH_MAX);
    if (pusher->text == NULL)
        pusher->text = malloc(BENCH_PUSH_MAX * bytes);
    if (pusher->text == NULL) {
        command_fault(COMMAND_FAILED, "no memory");
        return false;
    }
    char *out = pusher->text + pusher->count * bytes;
    pusher->words[2 + pusher->count++] = payload(out, bytes, meant_ns, number);
    return true;
}

static bool take_answer(struct bench_pusher *pusher)
{
    struct client *client = pusher->bench->session.client;

    pusher->unanswered--;
    return answer_int(client, client_receive(client)) >= 0;
}

bool bench_pusher_flush(struct bench_pusher *pusher)
{
    struct client *client = pusher->bench->session.client;

    if (pusher->count > 0) {
        pusher->words[0] = slice_of("LPUSH");
        pusher->words[1] = session_key(&pusher->bench->session, KEY_QUEUE);
        if (!client_send(client, 2 + pusher->count, pusher->words) || !client_flush(client)) {
            command_fault(COMMAND_FAILED, "%s", client_error(client));
            return false;
        }
        pusher->unanswered++;
        pusher->count = 0;
    }
    while (pusher->unanswered > 0 &&
           (client_readable(client) || pusher->unanswered > BENCH_UNANSWERED_MAX))
        if (!take_answer(pusher))
            return false;
    return true;
}

bool bench_pusher_finish(struct bench_pusher *pusher)
{
    bool fine = bench_pusher_flush(pusher);

    while (fine && pusher->unanswered > 0)
        fine = take_answer(pusher);
    for (; pusher->unanswered > 0; pusher->unanswered--) /* or they answer the next question */
        client_reply_free(client_receive(pusher->bench->session.client));
    free(pusher->text);
    pusher->text = NULL;
    return fine;
}

/* ---- counters ---- */

static int64_t counter(struct bench *bench, const char *name)
{
    struct slice meta = session_key(&bench->session, KEY_META);

    return answer_int(bench->session.client,
                      client_callf(bench->session.client, "HGET %b %s", &meta, name));
}

int64_t bench_queue_done(struct bench *bench)
{
    return counter(bench, "done");
}

bool bench_queue_served(struct bench *bench, bool *served)
{
    struct slice workers = session_key(&bench->session, KEY_WORKERS);
    int64_t count = answer_int(bench->session.client,
                               client_callf(bench->session.client, "ZCARD %b", &workers));

    *served = count > 0;
    return count >= 0;
}

bool bench_queue_balances(struct bench *bench, uint64_t jobs)
{
    static const char *const others[] = {"duplicate", "dead",    "retried", "released",
                                         "recovered", "expired", "purged"};
    int64_t taken = counter(bench, "taken"), done = counter(bench, "done");

    if (taken < 0 || done < 0)
        return false;
    if ((uint64_t)taken != jobs || (uint64_t)done != jobs) {
        command_fault(COMMAND_FAILED,
                      "of %" PRIu64 " jobs %" PRId64 " were taken and %" PRId64
                      " done: something else works in this queue",
                      jobs, taken, done);
        return false;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        int64_t count = counter(bench, others[i]);
        if (count > 0)
            command_fault(COMMAND_FAILED, "%" PRId64 " jobs were %s, which none should be", count,
                          others[i]);
        if (count != 0)
            return false;
    }
    return true;
}

/* ---- the end ---- */

static bool flush(struct batch *batch)
{
    struct slice words[1 + REMOVE_KEYS] = {slice_of("UNLINK")};
    size_t start = 0;

    if (batch->count == 0)
        return true;
    for (size_t i = 0; i < batch->count; start = batch->ends[i++])
        words[1 + i] = (struct slice){batch->names.data + start, batch->ends[i] - start};
    int64_t removed =
        answer_int(batch->client, client_call(batch->client, 1 + batch->count, words));
    batch->count = 0;
    buf_reset(&batch->names);
    batch->removed += removed > 0 ? (uint64_t)removed : 0;
    return removed >= 0;
}

static bool add(struct slice key, void *arg)
{
    struct batch *batch = arg;

    buf_append_slice(&batch->names, key);
    if (batch->names.failed) {
        command_fault(COMMAND_FAILED, "no memory");
        return false;
    }
    batch->ends[batch->count++] = batch->names.len;
    return batch->count < REMOVE_KEYS || flush(batch);
}

static bool remove_once(struct bench *bench, uint64_t *removed)
{
    struct batch batch = {.client = bench->session.client};
    bool fine = add(session_key(&bench->session, KEY_QUEUE), &batch) &&
                scan(bench, add, &batch) == KEYSCAN_DONE && flush(&batch);

    buf_free(&batch.names);
    *removed = batch.removed;
    return fine;
}

bool bench_queue_remove(struct bench *bench)
{
    uint64_t removed = 1;

    for (int pass = 0; bench->claimed && removed > 0 && pass < REMOVE_PASSES_MAX; pass++)
        if (!remove_once(bench, &removed))
            return false;
    bench->claimed = false;
    return true;
}

/* Has a worker a lease there that is not over? -1: no answer. */
static int64_t leases(struct bench *bench)
{
    struct slice workers = session_key(&bench->session, KEY_WORKERS);
    struct client *client = bench->session.client;
    struct reply *time = client_callf(client, "TIME");

    if (!answer_ok(client, time))
        return -1;
    int64_t now_ms = reply_int(reply_at(time, 0)) * 1000;
    client_reply_free(time);
    return answer_int(client,
                      client_callf(client, "ZCOUNT %b %lld +inf", &workers, (long long)now_ms));
}

int bench_queue_inherit(struct bench *bench)
{
    struct slice meta = session_key(&bench->session, KEY_META);
    struct client *client = bench->session.client;
    int64_t marked = answer_int(client, client_callf(client, "HEXISTS %b %s", &meta, mark));

    if (marked < 0)
        return COMMAND_FAILED;
    if (marked == 0)
        return command_fault(COMMAND_NOT_FOUND, "%s is not the queue of a bench",
                             bench->plan->queue);
    int64_t living = leases(bench);
    if (living > 0)
        return command_fault(COMMAND_FAILED,
                             "a worker has a lease on %s: the bench may still be under way; if it "
                             "is not, try again in 30 s",
                             bench->plan->queue);
    bench->claimed = living == 0;
    return living == 0 ? COMMAND_OK : COMMAND_FAILED;
}
