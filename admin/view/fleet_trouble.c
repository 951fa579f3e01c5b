/*
 * What is wrong with a queue, as everybody should hear it: the page, `navvy top`, the API.
 */
#include <inttypes.h>
#include <stdio.h>

#include "admin/view/fleet.h"
#include "base/units.h"

enum { TROUBLE_WORDS_MAX = 256 };

static void wrong_types(const struct fleet_queue *queue, fleet_each_trouble *each, void *arg)
{
    char words[KEY_MAX + TROUBLE_WORDS_MAX];
    struct queue_keys keys;

    if (queue->wrong_types == 0)
        return;
    queue_keys_init(&keys, slice_of(queue->name));
    for (int key = 0; key < KEY_COUNT; key++) {
        if ((queue->wrong_types & 1u << key) == 0)
            continue;
        (void)snprintf(words, sizeof words,
                       "its key %s holds another type, so nothing is taken: rename or delete it",
                       keys.name[key]);
        each("quarantined", words, arg);
    }
}

static void nobody(const struct fleet_queue *queue, fleet_each_trouble *each, void *arg)
{
    char words[TROUBLE_WORDS_MAX];
    int64_t backlog = fleet_queue_backlog(queue);

    if (queue->alive > 0 || backlog == 0)
        return;
    (void)snprintf(words, sizeof words, "%" PRId64 " jobs are to be done, and no worker serves it",
                   backlog);
    each("no_worker", words, arg);
}

static void dead_letters(const struct fleet_queue *queue, fleet_each_trouble *each, void *arg)
{
    char words[TROUBLE_WORDS_MAX];
    uint64_t max = queue->conf != NULL ? queue->conf->dlq_max : 0;

    if (max == 0 || (uint64_t)queue->dlq < max)
        return;
    (void)snprintf(words, sizeof words,
                   "its DLQ is full (%" PRId64 " of %" PRIu64
                   "), so it stands still: retry, drop or export dead jobs",
                   queue->dlq, max);
    each("dlq_full", words, arg);
}

void fleet_queue_trouble(const struct fleet_queue *queue, fleet_each_trouble *each, void *arg)
{
    if (queue->fault[0] != 0) {
        each("unreadable", queue->fault, arg);
        return;
    }
    wrong_types(queue, each, arg);
    dead_letters(queue, each, arg);
    nobody(queue, each, arg);
    if (queue->dying > 0)
        each("recovering", "a worker died; its jobs are being given back", arg);
    else if (queue->expired > 0)
        each("expired", "the lease of a worker is over; its jobs come back soon", arg);
    if (queue->paused)
        each("paused", "it was paused: navvy resume lets its workers take again", arg);
}
