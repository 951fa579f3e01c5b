#include "admin/enqueue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/command.h"
#include "admin/element.h"
#include "admin/refusal.h"
#include "base/random.h"

enum { SCORE_MAX = 24, WORDS_MAX = 3 + 2 * ENQUEUE_BATCH_JOBS };

/* Payloads first .. first + count - 1, counted from 1. */
struct span {
    uint64_t first;
    size_t count;
};

struct enqueue {
    struct client *client;
    const struct enqueue_plan *plan;
    struct enqueue_count count;
    bool failed; /* something was refused or lost: add nothing more */
    bool gone;   /* the connection: no answer will come */

    struct span batch; /* being filled */
    struct elements elements;
    size_t ends[ENQUEUE_BATCH_JOBS];

    struct span under_way[ENQUEUE_UNDER_WAY]; /* a ring of sent batches */
    size_t oldest, sent;

    struct span refused; /* not said yet, in one line if they follow each other */
    struct reply *refusal;

    char score[SCORE_MAX];
};

struct enqueue *enqueue_new(struct client *client, const struct enqueue_plan *plan)
{
    struct enqueue *enqueue = calloc(1, sizeof(*enqueue));

    if (enqueue == NULL)
        return NULL;
    enqueue->client = client;
    enqueue->plan = plan;
    enqueue->batch.first = 1;
    enqueue->elements.nonce = random_u64();
    snprintf(enqueue->score, sizeof(enqueue->score), "%" PRId64, plan->due_wall_ms);
    return enqueue;
}

void enqueue_free(struct enqueue *enqueue)
{
    if (enqueue == NULL)
        return;
    client_reply_free(enqueue->refusal);
    buf_free(&enqueue->elements.bytes);
    free(enqueue);
}

const struct enqueue_count *enqueue_count(const struct enqueue *enqueue)
{
    return &enqueue->count;
}

/* --- answers ------------------------------------------------------------------------------ */

static void name_span(const struct enqueue *enqueue, struct span span, const char *fate, char *out,
                      size_t size)
{
    if (span.count == 1)
        snprintf(out, size, "%s %" PRIu64 " %s", enqueue->plan->noun, span.first, fate);
    else
        snprintf(out, size, "%ss %" PRIu64 " to %" PRIu64 " %s", enqueue->plan->noun, span.first,
                 span.first + span.count - 1, fate);
}

/* The connection is gone, and with it every answer. */
static void lose_all(struct enqueue *enqueue)
{
    struct span lost = {enqueue->under_way[enqueue->oldest].first, 0};
    char text[128];

    for (; enqueue->sent > 0; enqueue->sent--) {
        lost.count += enqueue->under_way[enqueue->oldest].count;
        enqueue->oldest = (enqueue->oldest + 1) % ENQUEUE_UNDER_WAY;
    }
    enqueue->count.unknown += lost.count;
    enqueue->failed = enqueue->gone = true;
    command_fault(0, "%s", client_error(enqueue->client));
    if (lost.count == 0)
        return;
    name_span(enqueue, lost, "may be in or not: there was no answer", text, sizeof(text));
    command_fault(0, "%s", text);
}

static void say_refused(struct enqueue *enqueue)
{
    char text[128];

    if (enqueue->refusal == NULL)
        return;
    name_span(enqueue, enqueue->refused,
              enqueue->refused.count == 1 ? "was refused" : "were refused", text, sizeof(text));
    refusal_print(text, enqueue->refusal);
    client_reply_free(enqueue->refusal);
    enqueue->refusal = NULL;
}

/* Takes the reply. */
static void count_refused(struct enqueue *enqueue, struct span span, struct reply *reply)
{
    enqueue->failed = true;
    enqueue->count.refused += span.count;
    if (enqueue->refusal != NULL && enqueue->refused.first + enqueue->refused.count == span.first &&
        reply_error(enqueue->refusal) == reply_error(reply)) {
        enqueue->refused.count += span.count;
        client_reply_free(reply);
        return;
    }
    say_refused(enqueue);
    enqueue->refused = span;
    enqueue->refusal = reply;
}

static void count_in(struct enqueue *enqueue, struct span span, const struct reply *reply)
{
    size_t added = enqueue->plan->scheduled ? (size_t)reply_int(reply) : span.count;

    enqueue->count.in += added;
    enqueue->count.scheduled_before += span.count - added;
}

/* The oldest answer. */
static void receive(struct enqueue *enqueue)
{
    struct reply *reply = client_receive(enqueue->client);

    if (reply == NULL) {
        lose_all(enqueue);
        return;
    }
    struct span span = enqueue->under_way[enqueue->oldest];
    enqueue->oldest = (enqueue->oldest + 1) % ENQUEUE_UNDER_WAY;
    enqueue->sent--;
    if (reply_kind(reply) == REPLY_ERROR) {
        count_refused(enqueue, span, reply);
        return;
    }
    count_in(enqueue, span, reply);
    client_reply_free(reply);
}

/* --- batches ------------------------------------------------------------------------------ */

/* LPUSH Q element...  or  ZADD scheduled NX due element due element... */
static size_t make_command(const struct enqueue *enqueue, struct slice words[WORDS_MAX])
{
    const struct queue_keys *keys = &enqueue->plan->keys;
    enum queue_key key = enqueue->plan->scheduled ? KEY_SCHEDULED : KEY_QUEUE;
    size_t count = 0, start = 0;

    words[count++] = slice_of(enqueue->plan->scheduled ? "ZADD" : "LPUSH");
    words[count++] = (struct slice){keys->name[key], keys->len[key]};
    if (enqueue->plan->scheduled)
        words[count++] = slice_of("NX");
    for (size_t i = 0; i < enqueue->batch.count; i++) {
        if (enqueue->plan->scheduled)
            words[count++] = slice_of(enqueue->score);
        const char *data = enqueue->elements.bytes.data != NULL ? enqueue->elements.bytes.data : "";
        words[count++] = (struct slice){data + start, enqueue->ends[i] - start};
        start = enqueue->ends[i];
    }
    return count;
}

static void send_batch(struct enqueue *enqueue)
{
    struct slice words[WORDS_MAX];

    if (enqueue->sent == ENQUEUE_UNDER_WAY)
        receive(enqueue);
    if (enqueue->failed || enqueue->batch.count == 0)
        return;
    size_t count = make_command(enqueue, words);
    enqueue->under_way[(enqueue->oldest + enqueue->sent) % ENQUEUE_UNDER_WAY] = enqueue->batch;
    enqueue->sent++;
    enqueue->batch.first += enqueue->batch.count;
    enqueue->batch.count = 0;
    if (!client_send(enqueue->client, count, words))
        lose_all(enqueue);
    buf_reset(&enqueue->elements.bytes);
}

/* --- payloads ----------------------------------------------------------------------------- */

bool enqueue_add(struct enqueue *enqueue, struct slice payload)
{
    uint64_t number = enqueue->batch.first + enqueue->batch.count;
    char why[ELEMENT_FAULT_MAX];

    if (enqueue->failed)
        return false;
    if (!element_append(&enqueue->elements, enqueue->plan, number, payload, why)) {
        command_fault(0, "%s %" PRIu64 " %s", enqueue->plan->noun, number, why);
        return false;
    }
    enqueue->ends[enqueue->batch.count++] = enqueue->elements.bytes.len;
    enqueue->count.taken++;
    if (enqueue->batch.count == ENQUEUE_BATCH_JOBS ||
        enqueue->elements.bytes.len >= ENQUEUE_BATCH_BYTES)
        send_batch(enqueue);
    return !enqueue->failed;
}

bool enqueue_flush(struct enqueue *enqueue)
{
    send_batch(enqueue);
    while (enqueue->sent > 0 && !enqueue->gone)
        receive(enqueue);
    return !enqueue->failed;
}

bool enqueue_finish(struct enqueue *enqueue)
{
    bool flushed = enqueue_flush(enqueue);
    say_refused(enqueue);
    const struct enqueue_count *count = &enqueue->count;
    enqueue->count.unsent_from = enqueue->batch.first;
    if (count->scheduled_before > 0)
        command_fault(0, "%" PRIu64 " were scheduled already, with the same bytes",
                      count->scheduled_before);
    return flushed && count->in == count->taken;
}
