#include "admin/dlq_walk.h"

#include "admin/answer.h"
#include "admin/command.h"
#include "admin/hash.h"
#include "base/clock.h"
#include "job/record.h"

enum { RTT_SAMPLES = 3, STEP_BACK = 2 * PACE_ITEMS_MAX };

static struct slice dlq_key(const struct dlq_walk *walk)
{
    return (struct slice){walk->keys->name[KEY_DLQ], walk->keys->len[KEY_DLQ]};
}

/* The quickest of some PINGs; -1: no answer. */
static int64_t measure_rtt_us(struct client *client)
{
    int64_t rtt_us = -1;
    for (int i = 0; i < RTT_SAMPLES; i++) {
        int64_t began_ns = clock_mono_ns();
        struct reply *reply = client_callf(client, "PING");
        if (!answer_ok(client, reply))
            return -1;
        client_reply_free(reply);
        int64_t took_us = (clock_mono_ns() - began_ns) / 1000;
        if (rtt_us < 0 || took_us < rtt_us)
            rtt_us = took_us;
    }
    return rtt_us;
}

bool dlq_walk_start(struct dlq_walk *walk, struct client *client, const struct queue_keys *keys,
                    enum dlq_order order)
{
    *walk = (struct dlq_walk){.client = client, .keys = keys, .order = order};
    int64_t rtt_us = measure_rtt_us(client);
    if (rtt_us < 0)
        return false;
    walk->pace = pace_start(rtt_us);

    struct slice key = dlq_key(walk);
    struct reply *reply = client_callf(client, "LRANGE %b 0 0", &key);
    if (!answer_ok(client, reply))
        return false;
    struct slice newest = reply_text(reply_at(reply, 0));
    if (record_has_magic(newest.ptr, newest.len)) /* then it carries a claim id: there is one */
        walk->end = hash_of(newest);
    client_reply_free(reply);

    reply = client_callf(client, "LLEN %b", &key);
    if (!answer_ok(client, reply))
        return false;
    walk->total = walk->left = (size_t)reply_int(reply);
    client_reply_free(reply);
    return true;
}

void dlq_walk_skip(struct dlq_walk *walk, size_t count)
{
    walk->left -= count < walk->left ? count : walk->left;
}

/* What was read last is behind us now, but for what is gone. */
static void pass(struct dlq_walk *walk)
{
    for (size_t i = 0; i < walk->count && walk->order == DLQ_OLDEST_FIRST; i++) {
        uint64_t hash = hash_of(dlq_walk_at(walk, i));
        if (hash == walk->end)
            walk->left = 0; /* what follows came after we began */
        if (walk->gone[i])
            continue;
        walk->kept++;
        walk->anchor = hash;
    }
    client_reply_free(walk->reply);
    walk->reply = NULL;
    walk->count = walk->put_off = 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Read from -from to -to, counted from the oldest end, `from` being the newer one. */
static bool read_range(struct dlq_walk *walk, size_t from, size_t to)
{
    struct slice key = dlq_key(walk);
    int64_t began_ns = clock_mono_ns();
    walk->reply =
        client_callf(walk->client, "LRANGE %b %lld %lld", &key, -(long long)from, -(long long)to);
    if (!answer_ok(walk->client, walk->reply)) {
        walk->reply = NULL;
        return false;
    }
    size_t bytes = 0, count = reply_count(walk->reply);
    for (size_t i = 0; i < count; i++)
        bytes += reply_text(reply_at(walk->reply, i)).len;
    pace_note(&walk->pace, (clock_mono_ns() - began_ns) / 1000, count, bytes);
    return true;
}

/* Is the last element of the reply the one that was passed last? Then it is not visited again. */
static bool meets_anchor(struct dlq_walk *walk)
{
    size_t count = reply_count(walk->reply);
    if (count == 0 || hash_of(reply_text(reply_at(walk->reply, count - 1))) != walk->anchor)
        return false;
    walk->count = count - 1;
    return true;
}

static void step_back(struct dlq_walk *walk)
{
    size_t back = least(walk->kept, STEP_BACK);
    walk->kept -= back;
    walk->left += back;
    walk->anchor = 0; /* take the next read as it comes */
    walk->disturbed = true;
}

static enum dlq_step read_newer(struct dlq_walk *walk, size_t count)
{
    bool anchored = walk->anchor != 0;
    if (!read_range(walk, walk->kept + count, walk->kept + (anchored ? 0 : 1)))
        return DLQ_STEP_FAILED;
    if (anchored && !meets_anchor(walk)) {
        step_back(walk);
        return DLQ_STEP_SOME;
    }
    if (!anchored)
        walk->count = reply_count(walk->reply);
    walk->left -= least(walk->count, walk->left);
    return walk->count > 0 ? DLQ_STEP_SOME : DLQ_STEP_END;
}

static enum dlq_step read_older(struct dlq_walk *walk, size_t count)
{
    if (!read_range(walk, walk->left, walk->left - count + 1))
        return DLQ_STEP_FAILED;
    walk->count = reply_count(walk->reply);
    walk->left -= count; /* also where the list is shorter by now, and the answer empty */
    return DLQ_STEP_SOME;
}

enum dlq_step dlq_walk_next(struct dlq_walk *walk)
{
    enum dlq_step step = DLQ_STEP_SOME;
    do {
        pass(walk);
        if (walk->left == 0)
            return DLQ_STEP_END;
        size_t count = least(walk->pace.items, walk->left);
        step = walk->order == DLQ_OLDEST_FIRST ? read_newer(walk, count) : read_older(walk, count);
    } while (step == DLQ_STEP_SOME && walk->count == 0);
    for (size_t i = 0; i < walk->count; i++)
        walk->gone[i] = false;
    return step;
}

void dlq_walk_cut(struct dlq_walk *walk, size_t count)
{
    CHECK(walk->order == DLQ_OLDEST_FIRST && count <= walk->count);
    walk->put_off += walk->count - count;
    walk->left += walk->count - count;
    walk->count = count;
}

struct slice dlq_walk_at(const struct dlq_walk *walk, size_t i)
{
    CHECK(i < walk->count);
    size_t at = walk->order == DLQ_OLDEST_FIRST ? walk->put_off + walk->count - 1 - i : i;
    return reply_text(reply_at(walk->reply, at));
}

size_t dlq_walk_place(const struct dlq_walk *walk, size_t i)
{
    CHECK(walk->order == DLQ_OLDEST_FIRST && i < walk->count);
    size_t place = walk->kept + 1;
    for (size_t older = 0; older < i; older++)
        place += !walk->gone[older];
    return place;
}

bool dlq_walk_is_gone(const struct dlq_walk *walk, size_t i)
{
    CHECK(i < walk->count);
    return walk->gone[i];
}

void dlq_walk_gone(struct dlq_walk *walk, size_t i)
{
    CHECK(i < walk->count);
    walk->gone[i] = true;
}

void dlq_walk_missed(struct dlq_walk *walk)
{
    walk->disturbed = true;
}

size_t dlq_walk_visited(const struct dlq_walk *walk)
{
    return walk->total - least(walk->left, walk->total);
}

const char *dlq_walk_side(const struct dlq_walk *walk)
{
    return walk->kept <= walk->left ? "tail" : "head";
}

void dlq_walk_again(struct dlq_walk *walk)
{
    pass(walk);
    walk->left += walk->kept;
    walk->kept = 0;
    walk->anchor = 0;
    walk->disturbed = false;
}

void dlq_walk_end(struct dlq_walk *walk)
{
    client_reply_free(walk->reply);
    walk->reply = NULL;
    walk->count = 0;
}
