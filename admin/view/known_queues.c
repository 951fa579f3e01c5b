#include "admin/view/known_queues.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "admin/keyscan.h"
#include "base/clock.h"
#include "base/units.h"

/* Under the lock. */
static struct {
    pthread_mutex_t lock;
    struct queue_list found;  /* by the last whole round, and by this one so far */
    struct queue_list coming; /* by this round alone */
    uint64_t cursor;          /* of SCAN; 0: no round is under way */
    int64_t next_ms;          /* monotonic: when the next one begins */
} known = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool take_key(struct slice key)
{
    char name[QUEUE_NAME_MAX + 1];
    struct slice queue;

    if (!queue_of_meta_key(key, &queue))
        return true;
    memcpy(name, queue.ptr, queue.len);
    name[queue.len] = '\0';
    return queue_list_add(&known.found, name) && queue_list_add(&known.coming, name);
}

static bool scan_once(struct client *client)
{
    char cursor[UNITS_TEXT_MAX];

    snprintf(cursor, sizeof(cursor), "%" PRIu64, known.cursor);
    struct reply *reply = client_callf(client, "SCAN %s MATCH " QUEUE_META_PATTERN " COUNT %lld",
                                       cursor, (long long)KEYSCAN_COUNT);
    if (!answer_ok(client, reply))
        return false;
    const struct reply *keys = reply_at(reply, 1);
    bool good = units_parse_u64(reply_text(reply_at(reply, 0)), &known.cursor);
    for (size_t i = 0; i < reply_count(keys) && good; i++)
        good = take_key(reply_text(reply_at(keys, i)));
    client_reply_free(reply);
    return good;
}

static void end_round(void)
{
    queue_list_free(&known.found);
    known.found = known.coming;
    known.coming = (struct queue_list){0};
    known.next_ms = clock_mono_ms() + KNOWN_ROUND_MS;
}

static bool scan_some(struct client *client)
{
    int64_t now_ms = clock_mono_ms(), until_ms = now_ms + KNOWN_STEP_MS;

    if (known.cursor == 0 && now_ms < known.next_ms)
        return true;
    do {
        if (!scan_once(client)) {
            known.cursor = 0;
            queue_list_free(&known.coming);
            return false;
        }
        if (known.cursor == 0)
            end_round();
    } while (known.cursor != 0 && clock_mono_ms() < until_ms);
    return true;
}

bool known_queues_read(const struct config *config, struct client *client, struct queue_list *out)
{
    *out = (struct queue_list){0};
    (void)pthread_mutex_lock(&known.lock);
    bool good = queue_list_configured(out, config) && scan_some(client);
    size_t configured = out->count;
    for (size_t i = 0; i < known.found.count && good; i++)
        good = queue_list_add(out, known.found.name[i]);
    (void)pthread_mutex_unlock(&known.lock);
    if (good)
        queue_list_sort(out, configured);
    else
        queue_list_free(out);
    return good;
}
