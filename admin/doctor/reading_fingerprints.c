/*
 * Some of the fingerprints: has each an end; and, where jobs of its queue are missing, does the job
 * that holds it exist anywhere? The fingerprint of a job that is done stays until its TTL is over,
 * so a job that is nowhere is suspicious only in a queue whose books do not balance.
 */
#include <stdio.h>
#include <string.h>

#include "admin/doctor/reading.h"
#include "admin/doctor/walk.h"
#include "admin/hash.h"
#include "admin/pace.h"
#include "base/clock.h"
#include "job/record.h"

enum {
    TTLS_AT_ONCE = 100,
    PLACE_JOBS_MAX = 10000,     /* looked at in each place of a queue */
    PLACE_BYTES_MAX = 64 << 20, /* of them, in all */
};

/* Of a queue whose books do not balance: the claims that exist. */
struct claims {
    const struct queue_facts *queue;
    struct hash_set known;
    bool cut; /* there are more jobs than we look at: nothing can be said */
};

static bool ask_ttl(struct client *client, const char *key)
{
    struct slice argv[] = {slice_of("PTTL"), slice_of(key)};

    return client_send(client, 2, argv);
}

/* In few round trips; -1 says that it has no end. */
static int64_t count_endless(struct client *client, const struct walk_sample *sample,
                             char example[KEY_MAX])
{
    int64_t endless = 0;

    for (size_t at = 0; at < sample->count; at += TTLS_AT_ONCE) {
        size_t end = at + TTLS_AT_ONCE < sample->count ? at + TTLS_AT_ONCE : sample->count;
        for (size_t i = at; i < end; i++)
            if (!ask_ttl(client, sample->key[i]))
                return endless;
        for (size_t i = at; i < end; i++) {
            struct reply *ttl = client_receive(client);
            if (reply_kind(ttl) == REPLY_INT && reply_int(ttl) == -1 && endless++ == 0)
                memcpy(example, sample->key[i], KEY_MAX);
            client_reply_free(ttl);
        }
    }
    return endless;
}

static void know(struct claims *claims, struct slice claim)
{
    if (claim.ptr != NULL && hash_set_add(&claims->known, hash_of(claim)) == HASH_NO_MEMORY)
        claims->cut = true;
}

static void know_element(struct claims *claims, struct slice element)
{
    char scratch[RECORD_HEADER_MAX];
    struct record record;

    if (record_parse(element.ptr, element.len, scratch, &record) == RECORD_OK)
        know(claims, record.claim);
}

static void know_place(struct client *client, struct claims *claims, const char *range,
                       enum queue_key place)
{
    const struct queue_keys *keys = &claims->queue->keys;
    struct slice key = {keys->name[place], keys->len[place]};
    struct pace pace = pace_start(0);
    size_t read = 0, bytes = 0;
    bool more = true;

    for (; more && read < PLACE_JOBS_MAX && bytes < PLACE_BYTES_MAX;) {
        int64_t began_ns = clock_mono_ns();
        struct reply *some =
            client_callf(client, range, &key, (long long)read, (long long)(read + pace.items - 1));
        size_t count = reply_count(some), size = 0;
        for (size_t i = 0; i < count; i++) {
            know_element(claims, reply_text(reply_at(some, i)));
            size += reply_text(reply_at(some, i)).len;
        }
        client_reply_free(some);
        more = count == pace.items;
        pace_note(&pace, (clock_mono_ns() - began_ns) / 1000, count, size);
        read += count;
        bytes += size;
    }
    claims->cut = claims->cut || more;
}

/* A job that was not moved yet has its tag for a name. */
static void know_held(struct client *client, struct claims *claims, const char *worker)
{
    char name[KEY_MAX], claim[CLAIM_ID_MAX];
    struct slice key = {name, queue_key_held(&claims->queue->keys, worker, name)};
    struct reply *all = client_callf(client, "HGETALL %b", &key);

    for (size_t i = 0; i + 1 < reply_count(all); i += 2) {
        struct slice tag = reply_text(reply_at(all, i));
        int len = snprintf(claim, sizeof(claim), "%s:%.*s", worker, (int)tag.len, tag.ptr);
        if (len > 0 && (size_t)len < sizeof(claim))
            know(claims, slice_of(claim));
        know_element(claims, reply_text(reply_at(all, i + 1)));
    }
    client_reply_free(all);
}

static void know_all(struct client *client, struct claims *claims)
{
    const struct snapshot *sizes = &claims->queue->sizes;

    claims->cut = sizes->held > PLACE_JOBS_MAX;
    for (size_t i = 0; !claims->cut && i < sizes->worker_count; i++)
        know_held(client, claims, sizes->workers[i].id);
    know_place(client, claims, "LRANGE %b %lld %lld", KEY_READY);
    know_place(client, claims, "LRANGE %b %lld %lld", KEY_DLQ);
    know_place(client, claims, "ZRANGE %b %lld %lld", KEY_RETRY);
}

static bool is_orphan(struct client *client, const struct claims *claims, const char *name)
{
    struct slice key = slice_of(name);
    struct reply *holder = client_callf(client, "GET %b", &key);
    bool orphan = reply_text(holder).ptr != NULL &&
                  !hash_set_has(&claims->known, hash_of(reply_text(holder)));

    client_reply_free(holder);
    return orphan;
}

static void count_orphans(struct client *client, const struct claims *claims,
                          const struct walk_sample *sample, struct fingerprint_facts *out)
{
    for (size_t i = 0; i < sample->count; i++) {
        struct slice queue, rest;
        if (!walk_split(slice_of(sample->key[i]), &queue, &rest) ||
            !slice_equal(queue, slice_of(claims->queue->name)) ||
            !is_orphan(client, claims, sample->key[i]))
            continue;
        if (out->orphans++ == 0) {
            memcpy(out->orphan_example, sample->key[i], KEY_MAX);
            memcpy(out->orphan_queue, claims->queue->name, sizeof(out->orphan_queue));
        }
    }
}

/* Of the first queue that misses jobs. */
static void read_orphans(struct client *client, struct facts *facts, const struct walk *walk)
{
    for (size_t i = 0; i < facts->queue_count && facts->fingerprints.orphans == 0; i++) {
        struct claims claims = {.queue = facts->queue[i]};
        if (!claims.queue->whole || snapshot_missing(&claims.queue->sizes) <= 0)
            continue;
        know_all(client, &claims);
        if (!claims.cut)
            count_orphans(client, &claims, &walk->fingerprints, &facts->fingerprints);
        else
            buf_printf(&facts->unread, "orphaned claims of %s: too many jobs to look at\n",
                       claims.queue->name);
        hash_set_free(&claims.known);
    }
}

bool reading_fingerprints(struct client *client, struct facts *facts, const struct walk *walk)
{
    struct fingerprint_facts *out = &facts->fingerprints;

    out->sampled = (int64_t)walk->fingerprints.count;
    out->endless = count_endless(client, &walk->fingerprints, out->endless_example);
    out->windows_endless = count_endless(client, &walk->windows, out->windows_example);
    read_orphans(client, facts, walk);
    return true;
}
