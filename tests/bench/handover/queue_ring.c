#include <stdlib.h>

#include "base/check.h"
#include "pool/ring.h"
#include "pool/wake.h"
#include "tests/bench/handover/queues.h"

struct ring_queue {
    struct wake wake;
    struct ring *ring;
};

static void *ring_make(void)
{
    struct ring_queue *queue = aligned_alloc(64, (sizeof(*queue) + 63) / 64 * 64);
    CHECK(queue != NULL);
    wake_init(&queue->wake);
    queue->ring = ring_new(QUEUE_CAPACITY);
    CHECK(queue->ring != NULL);
    return queue;
}

static size_t ring_push_batch(void *arg, void *const *items, size_t count)
{
    struct ring_queue *queue = arg;
    size_t pushed = 0;

    while (pushed < count && ring_push(queue->ring, items[pushed]))
        pushed++;
    wake_up(&queue->wake, ring_len(queue->ring));
    return pushed;
}

static void *ring_pop_or_sleep(void *arg)
{
    struct ring_queue *queue = arg;

    for (;;) {
        void *item = ring_pop(queue->ring);
        if (item != NULL)
            return item;
        uint32_t ticket = wake_announce(&queue->wake);
        item = ring_pop(queue->ring);
        if (item != NULL) {
            wake_withdraw(&queue->wake);
            return item;
        }
        (void)wake_sleep(&queue->wake, ticket, WAKE_FOREVER);
    }
}

static void ring_queue_free(void *arg)
{
    struct ring_queue *queue = arg;
    ring_free(queue->ring);
    free(queue);
}

const struct queue_kind queue_ring = {"ring", ring_make, ring_push_batch, ring_pop_or_sleep,
                                      ring_queue_free};
