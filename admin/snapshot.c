#include "admin/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/command.h"

enum {
    SNAPSHOT_TRIES_MAX = 50, /* as often a worker may come between two calls */
    SNAPSHOT_KEYS = 9,       /* before those of the workers */
    ZSETS_OF_WORKERS = 2,
};

/* Where the audit script puts what; see redis/lua/audit.lua. */
enum audit_field {
    AUDIT_STATUS,
    AUDIT_QUEUE,
    AUDIT_STAGE,
    AUDIT_READY,
    AUDIT_HELD,
    AUDIT_RETRY,
    AUDIT_SCHEDULED,
    AUDIT_DLQ,
    AUDIT_ALIVE,
    AUDIT_DEAD,
    AUDIT_META,
    AUDIT_HELD_BY,
};

static struct slice key_of(const struct queue_keys *keys, enum queue_key key)
{
    return (struct slice){keys->name[key], keys->len[key]};
}

static struct snapshot_worker *find_worker(const struct snapshot *snapshot, struct slice id)
{
    for (size_t i = 0; i < snapshot->worker_count; i++)
        if (slice_equal(slice_of(snapshot->workers[i].id), id))
            return &snapshot->workers[i];
    return NULL;
}

/* One that was declared dead between our two reads is in both answers, but is one. */
static bool add_worker(struct snapshot *out, struct slice id, int64_t lease_wall_ms, bool dead)
{
    struct snapshot_worker *worker = find_worker(out, id);
    if (worker == NULL) {
        if (id.len == 0 || id.len >= sizeof(worker->id)) {
            command_fault(COMMAND_FAILED, "the list of workers holds something that is no worker");
            return false;
        }
        worker = &out->workers[out->worker_count++];
        *worker = (struct snapshot_worker){0};
        memcpy(worker->id, id.ptr, id.len);
    }
    worker->lease_wall_ms = lease_wall_ms;
    worker->dead = dead;
    return true;
}

/* Members of a sorted set with their scores, as the reply has them. */
static bool add_workers(struct snapshot *out, const struct reply *reply, bool dead)
{
    size_t count = reply_count(reply) / 2;
    size_t room = (out->worker_count + count + 1) * sizeof(*out->workers);
    struct snapshot_worker *workers = realloc(out->workers, room);
    if (workers == NULL) {
        command_fault(COMMAND_FAILED, "no memory for %zu workers", count);
        return false;
    }
    out->workers = workers;
    for (size_t i = 0; i < count; i++) {
        struct slice id = reply_text(reply_at(reply, 2 * i));
        if (!add_worker(out, id, reply_int(reply_at(reply, 2 * i + 1)), dead))
            return false;
    }
    return true;
}

static bool read_workers(struct client *client, const struct queue_keys *keys, struct snapshot *out)
{
    static const enum queue_key zsets[ZSETS_OF_WORKERS] = {KEY_WORKERS, KEY_DEAD};
    out->worker_count = 0;
    for (int i = 0; i < ZSETS_OF_WORKERS; i++) {
        struct slice key = key_of(keys, zsets[i]);
        struct reply *reply = client_callf(client, "ZRANGE %b 0 -1 WITHSCORES", &key);
        if (!answer_ok(client, reply))
            return false;
        bool added = add_workers(out, reply, zsets[i] == KEY_DEAD);
        client_reply_free(reply);
        if (!added)
            return false;
    }
    return true;
}

/* The script's keys and arguments for the workers we know; NULL: printed why. Yours. */
static struct reply *call_audit(struct client *client, const struct queue_keys *keys,
                                const struct snapshot *known)
{
    static const enum queue_key fixed[SNAPSHOT_KEYS] = {
        KEY_QUEUE, KEY_STAGE,     KEY_READY, KEY_WORKERS, KEY_DEAD,
        KEY_RETRY, KEY_SCHEDULED, KEY_DLQ,   KEY_META,
    };
    size_t count = known->worker_count;
    struct slice *argv = calloc(SNAPSHOT_KEYS + 2 * count, sizeof(*argv));
    char(*held)[KEY_MAX] = calloc(count + 1, sizeof(*held));
    struct reply *reply = NULL;

    if (argv == NULL || held == NULL) {
        command_fault(COMMAND_FAILED, "no memory for %zu workers", count);
        goto out;
    }
    for (size_t i = 0; i < SNAPSHOT_KEYS; i++)
        argv[i] = key_of(keys, fixed[i]);
    for (size_t i = 0; i < count; i++) {
        size_t len = queue_key_held(keys, known->workers[i].id, held[i]);
        argv[SNAPSHOT_KEYS + i] = (struct slice){held[i], len};
        argv[SNAPSHOT_KEYS + count + i] = slice_of(known->workers[i].id);
    }
    reply =
        client_script(client, SCRIPT_AUDIT, SNAPSHOT_KEYS + count, SNAPSHOT_KEYS + 2 * count, argv);
    if (!answer_ok(client, reply))
        reply = NULL;
out:
    free(held);
    free(argv);
    return reply;
}

static void read_meta(const struct reply *meta, struct snapshot *out)
{
    for (size_t i = 0; i + 1 < reply_count(meta); i += 2) {
        struct slice field = reply_text(reply_at(meta, i));
        const struct reply *value = reply_at(meta, i + 1);
#define SNAPSHOT_READ(name)                                                                        \
    if (slice_equal(field, slice_of(#name)))                                                       \
        out->name = reply_int(value);
        SNAPSHOT_COUNTERS(SNAPSHOT_READ)
#undef SNAPSHOT_READ
        if (slice_equal(field, slice_of("paused")))
            out->paused = slice_equal(reply_text(value), slice_of("1"));
    }
}

static void read_answer(const struct reply *answer, struct snapshot *out)
{
    out->queue = reply_int(reply_at(answer, AUDIT_QUEUE));
    out->stage = reply_int(reply_at(answer, AUDIT_STAGE));
    out->ready = reply_int(reply_at(answer, AUDIT_READY));
    out->held = reply_int(reply_at(answer, AUDIT_HELD));
    out->retry = reply_int(reply_at(answer, AUDIT_RETRY));
    out->scheduled = reply_int(reply_at(answer, AUDIT_SCHEDULED));
    out->dlq = reply_int(reply_at(answer, AUDIT_DLQ));
    out->alive = reply_int(reply_at(answer, AUDIT_ALIVE));
    read_meta(reply_at(answer, AUDIT_META), out);
    for (size_t i = 0; i < out->worker_count; i++)
        out->workers[i].held = reply_int(reply_at(reply_at(answer, AUDIT_HELD_BY), i));
}

bool snapshot_read(struct client *client, const struct queue_keys *keys, struct snapshot *out)
{
    struct snapshot read = {0};
    for (int tries = 0; tries < SNAPSHOT_TRIES_MAX; tries++) {
        struct reply *answer =
            read_workers(client, keys, &read) ? call_audit(client, keys, &read) : NULL;
        if (answer == NULL) {
            snapshot_free(&read);
            return false;
        }
        bool whole = slice_equal(reply_text(reply_at(answer, AUDIT_STATUS)), slice_of("ok"));
        if (whole)
            read_answer(answer, &read);
        client_reply_free(answer);
        if (whole) {
            *out = read;
            return true;
        }
    }
    snapshot_free(&read);
    command_fault(COMMAND_FAILED, "workers come faster than they can be counted; try again");
    return false;
}

void snapshot_free(struct snapshot *snapshot)
{
    free(snapshot->workers);
    *snapshot = (struct snapshot){0};
}

int64_t snapshot_waiting(const struct snapshot *snapshot)
{
    return snapshot->queue + snapshot->stage + snapshot->ready;
}

int64_t snapshot_missing(const struct snapshot *snapshot)
{
    return snapshot->taken - snapshot->held - snapshot->ready - snapshot->retry - snapshot->dlq -
           snapshot->done - snapshot->duplicate - snapshot->purged - snapshot->expired;
}

bool snapshot_is_empty(const struct snapshot *snapshot)
{
    return snapshot->taken == 0 && snapshot_waiting(snapshot) == 0 && snapshot->scheduled == 0 &&
           snapshot_missing(snapshot) == 0 && snapshot->worker_count == 0;
}

bool snapshot_knows(const struct snapshot *snapshot, struct slice worker)
{
    return find_worker(snapshot, worker) != NULL;
}
