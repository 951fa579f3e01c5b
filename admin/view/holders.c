#include "admin/view/holders.h"

#include <stdlib.h>
#include <string.h>

#include "admin/answer.h"
#include "base/units.h"

static bool send(struct session *session, const char *verb, struct slice key)
{
    const struct slice words[] = {slice_of(verb), key};
    return client_send(session->client, 2, words);
}

/* Members with their scores; a name that is no worker's is passed over. */
static bool add(struct holders *out, const struct reply *reply, bool dead)
{
    size_t count = reply_count(reply) / 2;
    struct holder *more = realloc(out->one, (out->count + count + 1) * sizeof(*more));

    if (more == NULL)
        return command_fault(false, "no memory for %zu workers", out->count + count);
    out->one = more;
    for (size_t i = 0; i < count; i++) {
        struct slice name = reply_text(reply_at(reply, 2 * i));
        if (name.len == 0 || name.len >= WORKER_ID_MAX || memchr(name.ptr, 0, name.len) != NULL)
            continue;
        struct holder *holder = &out->one[out->count++];
        *holder =
            (struct holder){.lease_wall_ms = reply_int(reply_at(reply, 2 * i + 1)), .dead = dead};
        memcpy(holder->worker, name.ptr, name.len);
    }
    return true;
}

static bool read_names(struct session *session, struct holders *out)
{
    static const enum queue_key zsets[] = {KEY_WORKERS, KEY_DEAD};

    for (size_t i = 0; i < 2; i++) {
        struct slice key = session_key(session, zsets[i]);
        struct reply *reply = client_callf(session->client, "ZRANGE %b 0 -1 WITHSCORES", &key);
        if (!answer_ok(session->client, reply))
            return false;
        bool added = add(out, reply, zsets[i] == KEY_DEAD);
        client_reply_free(reply);
        if (!added)
            return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct holder *)a)->worker, ((const struct holder *)b)->worker);
}

/* Who was declared dead between the two reads is there twice. */
static void sort(struct holders *out)
{
    size_t kept = 0;

    qsort(out->one, out->count, sizeof(*out->one), by_name);
    for (size_t i = 0; i < out->count; i++) {
        if (kept > 0 && strcmp(out->one[kept - 1].worker, out->one[i].worker) == 0)
            out->one[kept - 1].dead = true;
        else
            out->one[kept++] = out->one[i];
    }
    out->count = kept;
}

/* All lengths are asked for before the first is read. */
static bool read_lengths(struct session *session, struct holders *out)
{
    char key[KEY_MAX];

    for (size_t i = 0; i < out->count; i++) {
        size_t len = queue_key_held(&session->keys, out->one[i].worker, key);
        if (!send(session, "HLEN", (struct slice){key, len}))
            return command_fault(false, "%s", client_error(session->client));
    }
    bool good = true;
    for (size_t i = 0; i < out->count; i++) {
        out->one[i].held = answer_int(session->client, client_receive(session->client));
        good = good && out->one[i].held >= 0;
        out->held += out->one[i].held;
    }
    return good;
}

bool holders_read(struct session *session, struct holders *out)
{
    *out = (struct holders){0};
    bool good = read_names(session, out);
    if (good) {
        sort(out);
        good = read_lengths(session, out);
    }
    if (!good)
        holders_free(out);
    return good;
}

void holders_free(struct holders *holders)
{
    free(holders->one);
    *holders = (struct holders){0};
}

const struct holder *holders_find(const struct holders *holders, const char *worker)
{
    for (size_t i = 0; i < holders->count; i++)
        if (strcmp(holders->one[i].worker, worker) == 0)
            return &holders->one[i];
    return NULL;
}

static int by_number(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

bool holder_tags(struct session *session, const char *worker, uint64_t **tags, size_t *count)
{
    char key[KEY_MAX];
    struct slice name = {key, queue_key_held(&session->keys, worker, key)};
    struct reply *reply = client_callf(session->client, "HKEYS %b", &name);

    if (!answer_ok(session->client, reply))
        return false;
    size_t found = 0, most = reply_count(reply);
    uint64_t *list = calloc(most + 1, sizeof(*list));
    for (size_t i = 0; i < most && list != NULL; i++)
        found += units_parse_u64(reply_text(reply_at(reply, i)), &list[found]);
    client_reply_free(reply);
    if (list == NULL)
        return command_fault(false, "no memory for %zu jobs", most);
    qsort(list, found, sizeof(*list), by_number);
    *tags = list;
    *count = found;
    return true;
}
