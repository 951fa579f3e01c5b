#include <ck_ring.h>
#include <stdlib.h>

#include "base/check.h"
#include "pool/wake.h"
#include "tests/bench/handover/queues.h"

struct ck_queue {
    struct wake wake;
    struct ck_ring ring;
    struct ck_ring_buffer buffer[2 * QUEUE_CAPACITY]; /* it always leaves one free */
};

static void *ck_make(void)
{
    struct ck_queue *queue = aligned_alloc(64, (sizeof(*queue) + 63) / 64 * 64);
    CHECK(queue != NULL);
    wake_init(&queue->wake);
    ck_ring_init(&queue->ring, 2 * QUEUE_CAPACITY);
    return queue;
}

static size_t ck_push(void *arg, void *const *items, size_t count)
{
    struct ck_queue *queue = arg;
    size_t pushed = 0;

    while (pushed < count && ck_ring_enqueue_spmc(&queue->ring, queue->buffer, items[pushed]))
        pushed++;
    wake_up(&queue->wake, ck_ring_size(&queue->ring));
    return pushed;
}

static void *ck_pop(void *arg)
{
    struct ck_queue *queue = arg;
    void *item;

    while (!ck_ring_dequeue_spmc(&queue->ring, queue->buffer, (void *)&item)) {
        uint32_t ticket = wake_announce(&queue->wake);
        if (ck_ring_dequeue_spmc(&queue->ring, queue->buffer, (void *)&item)) {
            wake_withdraw(&queue->wake);
            break;
        }
        (void)wake_sleep(&queue->wake, ticket, WAKE_FOREVER);
    }
    return item;
}

const struct queue_kind queue_ck = {"ck_ring", ck_make, ck_push, ck_pop, free};
