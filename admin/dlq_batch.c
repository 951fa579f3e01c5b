#include "admin/dlq_batch.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/random.h"
#include "dlq/verdict.h"

enum {
    BATCH_WORDS_MAX = 4 + 1 + 2 * PACE_ITEMS_MAX, /* keys, places, items */
    BATCH_ITEMS_MIN = 50,
    REST_MS = 1,
};

void dlq_batch_init(struct dlq_batch *batch, enum dlq_fate fate, int64_t rtt_us)
{
    *batch = (struct dlq_batch){.fate = fate, .pace = pace_start(rtt_us)};
    snprintf(batch->mark, sizeof(batch->mark), "%016" PRIx64 "%016" PRIx64, random_u64(),
             random_u64());
}

bool dlq_batch_add(struct dlq_batch *batch, const struct dlq_walk *walk, size_t i)
{
    CHECK(batch->count < PACE_ITEMS_MAX);
    if (batch->fate == DLQ_FATE_RETRY &&
        !verdict_requeue(dlq_walk_at(walk, i), batch->canary, &batch->fresh))
        return false;
    batch->item[batch->count] = i;
    batch->fresh_end[batch->count++] = batch->fresh.len;
    return true;
}

static size_t add_keys(const struct dlq_batch *batch, const struct queue_keys *keys,
                       struct slice argv[BATCH_WORDS_MAX])
{
    size_t count = 0;
    argv[count++] = (struct slice){keys->name[KEY_DLQ], keys->len[KEY_DLQ]};
    if (batch->fate == DLQ_FATE_RETRY)
        argv[count++] = (struct slice){keys->name[KEY_READY], keys->len[KEY_READY]};
    argv[count++] = (struct slice){keys->name[KEY_META], keys->len[KEY_META]};
    if (batch->task.len > 0)
        argv[count++] = batch->task;
    return count;
}

static struct slice fresh_of(const struct dlq_batch *batch, size_t item)
{
    size_t from = item > 0 ? batch->fresh_end[item - 1] : 0;
    return (struct slice){batch->fresh.data + from, batch->fresh_end[item] - from};
}

/* Side, mark and the place of each item: what ARGV 1 of the scripts is. */
static void put_places(const struct dlq_batch *batch, const struct dlq_walk *walk, size_t from,
                       size_t to, struct buf *places)
{
    buf_printf(places, "%s %s", dlq_walk_side(walk), batch->mark);
    for (size_t item = from; item < to; item++)
        buf_printf(places, " -%zu", dlq_walk_place(walk, batch->item[item]));
}

/* The script's call for the items from..to; NULL: printed why. */
static struct reply *call(const struct dlq_batch *batch, const struct dlq_walk *walk,
                          struct slice places, size_t from, size_t to)
{
    struct slice argv[BATCH_WORDS_MAX];
    size_t key_count = add_keys(batch, walk->keys, argv), argc = key_count;

    argv[argc++] = places;
    for (size_t item = from; item < to; item++) {
        argv[argc++] = dlq_walk_at(walk, batch->item[item]);
        if (batch->fate == DLQ_FATE_RETRY)
            argv[argc++] = fresh_of(batch, item);
    }
    enum script_id script = batch->fate == DLQ_FATE_RETRY ? SCRIPT_DLQ_MOVE : SCRIPT_DLQ_DROP;
    struct reply *reply = client_script(walk->client, script, key_count, argc, argv);
    return answer_ok(walk->client, reply) ? reply : NULL;
}

/*
 * In the middle of a long list a call takes as long as Redis needs to get there, however few its
 * items are: fewer would only make more such calls. Then others have their turn.
 */
static void note_call(struct pace *pace, int64_t took_us, size_t items, size_t bytes)
{
    pace_note(pace, took_us, items, bytes);
    if (pace->items < BATCH_ITEMS_MIN && bytes / items * BATCH_ITEMS_MIN < PACE_CALL_BYTES_MAX)
        pace->items = BATCH_ITEMS_MIN;
    if (took_us - pace->rtt_us > PACE_HELD_US_MAX)
        poll(NULL, 0, REST_MS);
}

static bool send_items(struct dlq_batch *batch, struct dlq_walk *walk, size_t from, size_t to)
{
    struct buf places = {0};
    size_t bytes = 0;

    put_places(batch, walk, from, to, &places);
    if (places.failed || batch->fresh.failed) {
        buf_free(&places);
        return command_fault(false, "no memory for %zu jobs", to - from);
    }
    FAULT_POINT(before_requeue);
    int64_t began_ns = clock_mono_ns();
    struct reply *reply = call(batch, walk, (struct slice){places.data, places.len}, from, to);
    buf_free(&places);
    FAULT_POINT(after_requeue);
    batch->over = reply != NULL && reply_count(reply) == 0;
    for (size_t item = from; reply != NULL && item < to; item++) {
        bytes += dlq_walk_at(walk, batch->item[item]).len;
        if (reply_int(reply_at(reply, item - from)) == 1)
            dlq_walk_gone(walk, batch->item[item]);
        else if (!batch->over)
            dlq_walk_missed(walk);
    }
    note_call(&batch->pace, (clock_mono_ns() - began_ns) / 1000, to - from, bytes);
    client_reply_free(reply);
    return reply != NULL && !batch->over;
}

bool dlq_batch_send(struct dlq_batch *batch, struct dlq_walk *walk)
{
    bool sent = true;
    for (size_t from = 0; sent && from < batch->count;) {
        size_t left = batch->count - from;
        size_t to = from + (batch->pace.items < left ? batch->pace.items : left);
        sent = send_items(batch, walk, from, to);
        from = to;
    }
    batch->count = 0;
    buf_reset(&batch->fresh);
    return sent;
}

void dlq_batch_fini(struct dlq_batch *batch)
{
    buf_free(&batch->fresh);
    batch->count = 0;
}
