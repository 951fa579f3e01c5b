/*
 * The names of all keys, some hundred a call, so that Redis serves others in between; each call is
 * followed by a pause as long as it took. Most names are fingerprints: they are counted, and some
 * of them kept, each as likely as any other.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor/reading.h"
#include "admin/doctor/walk.h"
#include "admin/progress.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/units.h"

enum { WALK_COUNT = 500, HELD_PREFIX = 5, FP_PREFIX = 3, WINDOW_PREFIX = 4 };

static bool begins(struct slice text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.ptr, word, len) == 0;
}

/* Where the queue's own part of a key ends, and what follows; false: no key of a queue. A part of
 * navvy's own stands after the last colon, or has one more in it (`held:W`, `fp:<hex>`). */
bool walk_split(struct slice key, struct slice *queue, struct slice *rest)
{
    char meta[KEY_MAX];
    size_t at = key.len;

    for (int colons = 0; colons < WALK_COLONS_MAX; colons++) {
        const char *colon = at > 0 ? memrchr(key.ptr, ':', at) : NULL;
        if (colon == NULL)
            return false;
        at = (size_t)(colon - key.ptr);
        *rest = (struct slice){colon + 1, key.len - at - 1};
        if (!walk_is_ours(*rest) || at + sizeof(":meta") > sizeof(meta))
            continue;
        int len = snprintf(meta, sizeof(meta), "%.*s:meta", (int)at, key.ptr);
        struct slice found;
        if (!queue_of_meta_key((struct slice){meta, (size_t)len}, &found))
            continue;
        *queue = (struct slice){key.ptr + (found.ptr - meta), found.len};
        return true;
    }
    return false;
}

bool walk_is_ours(struct slice rest)
{
    static const char *const words[] = {"meta", "stage",     "ready", "workers",
                                        "dead", "scheduled", "retry", "dlq"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_equal(rest, slice_of(words[i])))
            return true;
    return begins(rest, "held:") || begins(rest, "fpw:") ||
           (begins(rest, "fp:") && rest.len == FP_PREFIX + KEY_FINGERPRINT_HEX);
}

static void queue_copy(char out[QUEUE_NAME_MAX + 1], struct slice queue)
{
    memcpy(out, queue.ptr, queue.len);
    out[queue.len] = '\0';
}

static bool note_held(struct walk *walk, struct slice queue, struct slice worker)
{
    if (walk->held_count == WALK_HELD_MAX || worker.len == 0 || worker.len >= WORKER_ID_MAX)
        return true;
    struct walk_held *held = realloc(walk->held, (walk->held_count + 1) * sizeof(*held));
    if (held == NULL)
        return false;
    walk->held = held;
    held += walk->held_count++;
    queue_copy(held->queue, queue);
    memcpy(held->worker, worker.ptr, worker.len);
    held->worker[worker.len] = '\0';
    return true;
}

/* The n-th of many replaces one of the sample with the chance that keeps it fair. */
static void note_sample(struct walk_sample *sample, struct slice key)
{
    size_t at = sample->count;

    sample->found++;
    if (sample->count == WALK_SAMPLE_MAX)
        at = (size_t)(random_u64() % (uint64_t)sample->found);
    if (at >= WALK_SAMPLE_MAX || key.len >= KEY_MAX)
        return;
    if (at == sample->count)
        sample->count++;
    memcpy(sample->key[at], key.ptr, key.len);
    sample->key[at][key.len] = '\0';
}

static bool note_key(struct walk *walk, struct queue_list *queues, struct slice key)
{
    char name[QUEUE_NAME_MAX + 1];
    struct slice queue, rest;

    walk->keys_seen++;
    if (!begins(key, "navvy:") || !walk_split(key, &queue, &rest))
        return true;
    if (begins(rest, "fp:"))
        note_sample(&walk->fingerprints, key);
    else if (begins(rest, "fpw:"))
        note_sample(&walk->windows, key);
    if (begins(rest, "fp")) /* too many to ask of each whether its queue is known */
        return true;
    if (begins(rest, "held:") &&
        !note_held(walk, queue, (struct slice){rest.ptr + HELD_PREFIX, rest.len - HELD_PREFIX}))
        return false;
    queue_copy(name, queue);
    return queue_list_add(queues, name);
}

static bool note_keys(struct walk *walk, struct queue_list *queues, const struct reply *keys)
{
    for (size_t i = 0; i < reply_count(keys); i++)
        if (!note_key(walk, queues, reply_text(reply_at(keys, i))))
            return false;
    return true;
}

/* NULL: not to be had. Yours. */
static struct reply *scan(struct client *client, struct facts *facts, uint64_t cursor)
{
    char text[UNITS_TEXT_MAX];
    int64_t began_ms = clock_mono_ms();

    snprintf(text, sizeof(text), "%" PRIu64, cursor);
    struct reply *reply = reading_of(
        facts, "SCAN", client_callf(client, "SCAN %s COUNT %lld", text, (long long)WALK_COUNT));
    (void)poll(NULL, 0, (int)(clock_mono_ms() - began_ms));
    return reply;
}

static bool walk_on(struct walk *walk, struct client *client, struct facts *facts,
                    struct queue_list *queues, int64_t keys_max)
{
    struct reply *size = client_callf(client, "DBSIZE");
    int64_t total = reply_int(size);
    struct progress progress;
    uint64_t cursor = 0;
    bool whole = true;

    client_reply_free(size);
    progress_init(&progress, 0);
    do {
        struct reply *reply = scan(client, facts, cursor);
        whole = reply != NULL && units_parse_u64(reply_text(reply_at(reply, 0)), &cursor) &&
                note_keys(walk, queues, reply_at(reply, 1));
        client_reply_free(reply);
        progress_show_percent(&progress, total > 0 ? (int)(walk->keys_seen * 100 / total) : -1,
                              "keys");
    } while (whole && cursor != 0 && walk->keys_seen < keys_max);
    progress_fini(&progress);
    if (whole && cursor != 0)
        buf_printf(&facts->unread, "keys: only %" PRId64 " of %" PRId64 ", see --keys\n",
                   walk->keys_seen, total);
    return whole;
}

struct walk *reading_walk(struct client *client, struct facts *facts, struct queue_list *queues,
                          int64_t keys_max)
{
    struct walk *walk = calloc(1, sizeof(*walk));

    if (walk == NULL)
        return NULL;
    facts->walked = walk_on(walk, client, facts, queues, keys_max);
    facts->keys_seen = walk->keys_seen;
    facts->fingerprints.found = walk->fingerprints.found;
    return walk;
}

void walk_free(struct walk *walk)
{
    if (walk != NULL)
        free(walk->held);
    free(walk);
}
