/*
 * recovery: gives the jobs of dead workers back, one worker after the other, some jobs at a time,
 * in the order in which it took them.
 *
 *   declare (recover without items) -> HKEYS -> { HMGET -> recover with their new bytes }...
 *
 * Any worker may do it, several at once: each move is guarded by its tag. Whatever fails on the way
 * simply leaves that one for the next beat, which reports it again, and goes on with the others.
 */
#include <stdlib.h>

#include "base/fault.h"
#include "base/log.h"
#include "consumer/recovery_item.h"

enum {
    RECOVERY_ITEMS_MAX = 50,
    RECOVERY_DEAD_MAX = 10, /* a beat names no more */
};

struct recovery {
    struct queue *queue;
    char dead[RECOVERY_DEAD_MAX][WORKER_ID_MAX];
    size_t dead_count, dead_next;
    /* of the one whose turn it is */
    const char *id;
    struct blackbox_trace trace; /* what its black box says, if it was one of us */
    char held[KEY_MAX];
    uint64_t *tag; /* descending: each goes in front of those before it */
    size_t count, next, asked;
    size_t keys; /* of the call that is being put together */
    int64_t moved;
    uint64_t poison; /* of the jobs of the call under way, so many go to the DLQ */
};

void recovery_free(struct recovery *recovery)
{
    if (recovery == NULL)
        return;
    free(recovery->tag);
    free(recovery);
}

static void recovery_next(struct recovery *recovery);

static void recovery_end(struct recovery *recovery)
{
    struct queue *queue = recovery->queue;

    if (recovery->moved > 0) {
        LOG_OF(queue->log, LOG_WARN, "recovered", LOG_S("worker", recovery->id),
               LOG_I("jobs", recovery->moved),
               LOG_S("why", recovery->trace.box != NULL ? "it died" : "its lease was over"));
        queue->hungry = true;
    }
    worker_wake(queue->worker);
    recovery_next(recovery);
}

static int tag_compare_down(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

static void args_recover(struct args *args, struct recovery *recovery)
{
    const struct queue_keys *keys = &recovery->queue->keys;

    args_start(args);
    args_key(args, keys, KEY_WORKERS);
    args_key(args, keys, KEY_DEAD);
    args_text(args, recovery->held);
    args_key(args, keys, KEY_READY);
    args_key(args, keys, KEY_DLQ);
    args_key(args, keys, KEY_META);
    args_control_key(args, recovery->queue, KEY_STATUS);
    args_control_key(args, recovery->queue, KEY_CONTROL);
    recovery->keys = args->count;
}

/* Behind the keys. */
static void args_recover_who(struct args *args, const struct recovery *recovery)
{
    args_text(args, recovery->id);
    args_text(args, recovery->trace.box != NULL ? "1" : "0");
    args_int(args, recovery->queue->conf->result_ttl_ms);
}

static bool recovery_call(struct recovery *recovery, link_on_reply *on_reply)
{
    const struct args *args = &recovery->queue->worker->args;
    return link_script(recovery->queue->worker->command, SCRIPT_RECOVER, on_reply, recovery,
                       recovery->keys, args->count, args->word);
}

static bool recover_was_ok(const struct reply *reply)
{
    return reply_error(reply) == ERROR_NONE &&
           slice_equal(reply_text(reply_at(reply, 0)), slice_of("ok"));
}

static void recovery_fetch(struct recovery *recovery);

/* Where several recover the same worker, who buried which job is not known: `poison` at most. */
static void recovery_measure(struct recovery *recovery, uint64_t moved)
{
    measure(recovery->queue, METERS_recovered, moved);
    measure_dead(recovery->queue, DLQ_POISON, recovery->poison < moved ? recovery->poison : moved);
}

static void on_recovered(const struct reply *reply, void *arg)
{
    struct recovery *recovery = arg;

    if (reply_error(reply) == ERROR_NO_SCRIPT) {
        recovery_fetch(recovery); /* the same ones */
        return;
    }
    if (!recover_was_ok(reply)) {
        recovery_end(recovery);
        return;
    }
    FAULT_POINT(after_recover);
    if (reply_int(reply_at(reply, 1)) == 0)
        blackbox_recovered(recovery->trace);
    recovery->moved += reply_int(reply_at(reply, 2));
    recovery_measure(recovery, (uint64_t)reply_int(reply_at(reply, 2)));
    recovery->next += recovery->asked;
    recovery_fetch(recovery);
}

/* The words of one call; its keys are counted into recovery->keys. */
static void args_recover_items(struct args *args, struct recovery *recovery,
                               const struct recovery_item *items, const struct buf *scratch)
{
    const struct queue *queue = recovery->queue;

    args_recover(args, recovery);
    for (size_t i = 0; i < recovery->asked && queue->conf->result_ttl_ms > 0; i++) {
        if (items[i].to == VERDICT_DONE)
            continue;
        recovery->keys++;
        if (items[i].result_len > 0)
            args_bytes(args, items[i].result, items[i].result_len);
        else
            args_key(args, &queue->keys, KEY_META);
    }
    args_recover_who(args, recovery);
    for (size_t i = 0; i < recovery->asked; i++)
        if (items[i].to != VERDICT_DONE)
            args_recovery_item(args, &items[i], scratch, i == 0 ? 0 : items[i - 1].end);
}

static void on_held_elements(const struct reply *reply, void *arg)
{
    static struct recovery_item items[RECOVERY_ITEMS_MAX]; /* the loop thread, one call at a time */
    struct recovery *recovery = arg;
    struct buf *scratch = &recovery->queue->worker->scratch;

    buf_reset(scratch);
    recovery->poison = 0;
    for (size_t i = 0; i < recovery->asked; i++) {
        struct slice element = reply_text(reply_at(reply, i));
        uint64_t tag = recovery->tag[recovery->next + i];
        items[i] = (struct recovery_item){.tag = tag, .to = VERDICT_DONE};
        if (blackbox_was_running(recovery->trace, tag))
            items[i].crash = recovery->trace.box->died;
        if (element.ptr != NULL)
            recovery_item_make(&items[i], recovery->queue, recovery->id, element, scratch);
        items[i].end = scratch->len;
        recovery->poison += items[i].to == VERDICT_DLQ;
    }
    args_recover_items(&recovery->queue->worker->args, recovery, items, scratch);
    FAULT_POINT(before_recover);
    if (reply_error(reply) != ERROR_NONE || scratch->failed ||
        !recovery_call(recovery, on_recovered))
        recovery_end(recovery);
}

static void recovery_fetch(struct recovery *recovery)
{
    struct args *args = &recovery->queue->worker->args;
    size_t left = recovery->count - recovery->next;

    if (left == 0) {
        recovery_end(recovery);
        return;
    }
    recovery->asked = left < RECOVERY_ITEMS_MAX ? left : RECOVERY_ITEMS_MAX;
    args_start(args);
    args_text(args, "HMGET");
    args_text(args, recovery->held);
    for (size_t i = 0; i < recovery->asked; i++)
        args_int(args, (int64_t)recovery->tag[recovery->next + i]);
    if (!link_call(recovery->queue->worker->command, on_held_elements, recovery, 0, args->count,
                   args->word))
        recovery_end(recovery);
}

static void on_dead_tags(const struct reply *reply, void *arg)
{
    struct recovery *recovery = arg;

    recovery->tag = calloc(reply_count(reply) + 1, sizeof(*recovery->tag));
    if (reply_error(reply) != ERROR_NONE || recovery->tag == NULL) {
        recovery_end(recovery);
        return;
    }
    for (size_t i = 0; i < reply_count(reply); i++)
        recovery->tag[recovery->count++] = (uint64_t)reply_int(reply_at(reply, i));
    qsort(recovery->tag, recovery->count, sizeof(*recovery->tag), tag_compare_down);
    recovery_fetch(recovery);
}

static void recovery_declare(struct recovery *recovery);

static void on_declared(const struct reply *reply, void *arg)
{
    struct recovery *recovery = arg;
    const struct slice words[] = {slice_of("HKEYS"), slice_of(recovery->held)};

    if (recover_was_ok(reply)) {
        FAULT_POINT(after_declare);
        if (reply_int(reply_at(reply, 1)) == 0)
            blackbox_recovered(recovery->trace);
    }
    if (reply_error(reply) == ERROR_NO_SCRIPT)
        recovery_declare(recovery);
    else if (!recover_was_ok(reply) || reply_int(reply_at(reply, 1)) == 0 ||
             !link_call(recovery->queue->worker->command, on_dead_tags, recovery, 0, 2, words))
        recovery_end(recovery);
}

static void recovery_declare(struct recovery *recovery)
{
    FAULT_POINT(before_declare);
    args_recover(&recovery->queue->worker->args, recovery);
    args_recover_who(&recovery->queue->worker->args, recovery);
    if (!recovery_call(recovery, on_declared))
        recovery_end(recovery);
}

static void recovery_next(struct recovery *recovery)
{
    if (recovery->dead_next == recovery->dead_count) {
        recovery->queue->recovery = NULL;
        recovery_free(recovery);
        return;
    }
    recovery->id = recovery->dead[recovery->dead_next++];
    (void)queue_key_held(&recovery->queue->keys, recovery->id, recovery->held);
    recovery->trace = blackbox_find(recovery->queue->worker->boxes, slice_of(recovery->id));
    free(recovery->tag);
    recovery->tag = NULL;
    recovery->count = recovery->next = 0;
    recovery->moved = 0;
    recovery_declare(recovery);
}

static void recovery_add(struct recovery *recovery, struct slice dead)
{
    bool other = !slice_equal(dead, slice_of(recovery->queue->id));
    if (dead.len > 0 && dead.len < WORKER_ID_MAX && other &&
        recovery->dead_count < RECOVERY_DEAD_MAX)
        memcpy(recovery->dead[recovery->dead_count++], dead.ptr, dead.len);
}

void recovery_start(struct queue *queue, const struct reply *beat, size_t first)
{
    struct recovery *recovery = queue->recovery == NULL ? calloc(1, sizeof(*recovery)) : NULL;
    struct blackbox_trace trace;
    size_t position = 0;

    if (recovery == NULL)
        return;
    recovery->queue = queue;
    while (blackbox_next_dead(queue->worker->boxes, queue->name, &position, &trace))
        recovery_add(recovery, slice_of(trace.box->name[trace.name].worker));
    for (size_t i = first; beat != NULL && i < reply_count(beat); i++)
        recovery_add(recovery, reply_text(reply_at(beat, i)));
    queue->recovery = recovery;
    recovery_next(recovery);
}
