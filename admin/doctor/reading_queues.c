/*
 * One queue: the types of its keys first, for a key of another type refuses all else; then sizes
 * and workers at one instant, what is due, and what workers that are gone have left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor/reading.h"
#include "admin/doctor/walk.h"

enum { RIGHTS_QUEUES_MAX = 20, FIELDS_MAX = 10000 };

static const char next_prefix[] = "next:";

static struct slice key_of(const struct queue_facts *queue, enum queue_key key)
{
    return (struct slice){queue->keys.name[key], queue->keys.len[key]};
}

static bool read_types(struct client *client, struct queue_facts *queue)
{
    for (int key = 0; key < KEY_COUNT; key++) {
        struct slice argv[] = {slice_of("TYPE"), key_of(queue, (enum queue_key)key)};
        if (!client_send(client, 2, argv))
            return false;
    }
    for (int key = 0; key < KEY_COUNT; key++) {
        struct reply *reply = client_receive(client);
        struct slice type = reply_text(reply);
        (void)snprintf(queue->type[key], FACTS_TYPE_MAX, "%.*s", (int)type.len,
                       type.ptr ? type.ptr : "");
        client_reply_free(reply);
        if (reply == NULL)
            return false;
    }
    return true;
}

/* The score of the first member; -1: there is none. */
static int64_t first_due(struct client *client, struct facts *facts, struct queue_facts *queue,
                         enum queue_key zset)
{
    struct slice key = key_of(queue, zset);
    struct reply *first =
        reading_of(facts, "ZRANGE", client_callf(client, "ZRANGE %b 0 0 WITHSCORES", &key));
    int64_t due_ms = reply_count(first) == 2 ? reply_int(reply_at(first, 1)) : -1;

    client_reply_free(first);
    return due_ms;
}

/* Is it still there, now that the list of workers is newer than the field? */
static bool field_stays(struct client *client, struct slice key, struct slice field)
{
    struct reply *reply = client_callf(client, "HEXISTS %b %b", &key, &field);
    bool stays = reply_int(reply) == 1;

    client_reply_free(reply);
    return stays;
}

static void note_leftover(struct client *client, const struct queue_facts *queue, enum queue_key in,
                          struct slice field, size_t prefix, struct leftover *left)
{
    struct slice worker = {field.ptr + prefix, field.len - prefix};

    if (worker.len == 0 || worker.len >= WORKER_ID_MAX || snapshot_knows(&queue->sizes, worker) ||
        !field_stays(client, key_of(queue, in), field))
        return;
    if (left->count++ > 0)
        return;
    memcpy(left->worker, worker.ptr, worker.len);
    left->worker[worker.len] = '\0';
}

static void note_meta(struct client *client, struct queue_facts *queue, const struct reply *fields)
{
    for (size_t i = 0; i < reply_count(fields) && i < FIELDS_MAX; i++) {
        struct slice field = reply_text(reply_at(fields, i));
        size_t prefix = sizeof(next_prefix) - 1;
        if (slice_equal(field, slice_of("bench")))
            queue->is_bench = true;
        if (field.len > prefix && memcmp(field.ptr, next_prefix, prefix) == 0)
            note_leftover(client, queue, KEY_META, field, prefix, &queue->next);
    }
}

static void note_status(struct client *client, struct queue_facts *queue,
                        const struct reply *fields)
{
    for (size_t i = 0; i < reply_count(fields) && i < FIELDS_MAX; i++)
        note_leftover(client, queue, KEY_STATUS, reply_text(reply_at(fields, i)), 0,
                      &queue->status);
}

/* The walk saw these before the list of workers was read, and who recovers empties them first. */
static void note_held(struct client *client, struct queue_facts *queue, const struct walk *walk)
{
    for (size_t i = 0; walk != NULL && i < walk->held_count; i++) {
        const struct walk_held *held = &walk->held[i];
        char name[KEY_MAX];
        if (strcmp(held->queue, queue->name) != 0 ||
            snapshot_knows(&queue->sizes, slice_of(held->worker)))
            continue;
        struct slice key = {name, queue_key_held(&queue->keys, held->worker, name)};
        struct reply *len = client_callf(client, "HLEN %b", &key);
        int64_t jobs = reply_int(len);
        client_reply_free(len);
        if (jobs == 0)
            continue;
        queue->held_jobs += jobs;
        if (queue->held.count++ == 0)
            memcpy(queue->held.worker, held->worker, sizeof(held->worker));
    }
}

static bool types_are_right(const struct queue_facts *queue)
{
    for (int key = 0; key < KEY_COUNT; key++)
        if (strcmp(queue->type[key], "none") != 0 &&
            strcmp(queue->type[key], facts_type_of((enum queue_key)key)) != 0)
            return false;
    return true;
}

const char *facts_type_of(enum queue_key key)
{
    static const char *const types[KEY_COUNT] = {
        [KEY_QUEUE] = "list",     [KEY_STAGE] = "list",  [KEY_READY] = "list",
        [KEY_WORKERS] = "zset",   [KEY_DEAD] = "zset",   [KEY_RETRY] = "zset",
        [KEY_SCHEDULED] = "zset", [KEY_DLQ] = "list",    [KEY_META] = "hash",
        [KEY_CONTROL] = "hash",   [KEY_STATUS] = "hash", [KEY_JOURNAL] = "list",
        [KEY_TASKS] = "zset",
    };
    return types[key];
}

static bool read_queue(struct client *client, struct facts *facts, struct queue_facts *queue,
                       const struct walk *walk)
{
    queue->retry_due_ms = queue->scheduled_due_ms = -1;
    if (!read_types(client, queue))
        return false;
    if (!types_are_right(queue))
        return true;
    struct slice meta = key_of(queue, KEY_META), status = key_of(queue, KEY_STATUS);
    struct reply *fields = reading_of(facts, "HKEYS", client_callf(client, "HKEYS %b", &meta));
    struct reply *told = reading_of(facts, "HKEYS", client_callf(client, "HKEYS %b", &status));
    queue->whole = snapshot_read(client, &queue->keys, &queue->sizes);
    if (queue->whole) {
        note_meta(client, queue, fields);
        note_status(client, queue, told);
        note_held(client, queue, walk);
        queue->retry_due_ms = first_due(client, facts, queue, KEY_RETRY);
        queue->scheduled_due_ms = first_due(client, facts, queue, KEY_SCHEDULED);
    }
    client_reply_free(fields);
    client_reply_free(told);
    return true;
}

static struct queue_facts *add_queue(struct facts *facts, const char *name)
{
    struct queue_facts **queues =
        realloc(facts->queue, (facts->queue_count + 1) * sizeof(struct queue_facts *));
    if (queues == NULL)
        return NULL;
    facts->queue = queues;
    struct queue_facts *queue = calloc(1, sizeof(*queue));
    if (queue == NULL)
        return NULL;
    queues[facts->queue_count++] = queue;
    (void)snprintf(queue->name, sizeof(queue->name), "%s", name);
    queue->conf = config_queue(facts->config, name);
    queue_keys_init(&queue->keys, slice_of(name));
    return queue;
}

bool reading_queues(struct client *client, struct facts *facts, const struct queue_list *queues,
                    const struct walk *walk)
{
    for (size_t i = 0; i < queues->count; i++) {
        struct queue_facts *queue = add_queue(facts, queues->name[i]);
        if (queue == NULL || !read_queue(client, facts, queue, walk))
            return false;
    }
    return true;
}

static bool wants_windows(const struct queue_facts *queue)
{
    return queue->conf != NULL && queue->conf->idempotency_store == STORE_WINDOWS;
}

bool reading_rights(struct client *client, struct facts *facts)
{
    size_t asked = 0;

    for (size_t i = 0; i < facts->queue_count && asked < RIGHTS_QUEUES_MAX; i++) {
        const struct queue_facts *queue = facts->queue[i];
        if (facts->configured && queue->conf == NULL)
            continue;
        asked++;
        if (!rights_read(client, &queue->keys, wants_windows(queue), &facts->rights))
            return false;
    }
    return true;
}
