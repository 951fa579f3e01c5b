#include "admin/orphans.h"

#include "admin/answer.h"
#include "admin/hash.h"
#include "admin/keyscan.h"

struct search {
    struct client *client;
    const struct snapshot *snapshot;
    size_t prefix; /* bytes in front of the worker's id */
    struct hash_set seen;
    struct orphans found;
};

static bool on_held_key(struct slice key, void *arg)
{
    struct search *search = arg;
    struct slice worker = {key.ptr + search->prefix, key.len - search->prefix};

    if (snapshot_knows(search->snapshot, worker))
        return true;
    if (hash_set_add(&search->seen, hash_of(worker)) == HASH_KNOWN)
        return true; /* SCAN said it twice */
    int64_t jobs = answer_int(search->client, client_callf(search->client, "HLEN %b", &key));
    if (jobs < 0)
        return false;
    search->found.workers++;
    search->found.jobs += jobs;
    return true;
}

bool orphans_find(struct client *client, const struct queue_keys *keys,
                  const struct snapshot *snapshot, struct orphans *out)
{
    char prefix[KEY_MAX];
    struct search search = {.client = client, .snapshot = snapshot};
    search.prefix = queue_key_held(keys, "", prefix);

    struct buf pattern = {0};
    keyscan_escape(&pattern, (struct slice){prefix, search.prefix});
    buf_append_str(&pattern, "*");
    enum keyscan_end end =
        pattern.failed
            ? KEYSCAN_FAILED
            : keyscan(client, (struct slice){pattern.data, pattern.len}, on_held_key, &search);
    buf_free(&pattern);
    hash_set_free(&search.seen);
    search.found.cut = end == KEYSCAN_CUT;
    if (end != KEYSCAN_FAILED)
        *out = search.found;
    return end != KEYSCAN_FAILED;
}
