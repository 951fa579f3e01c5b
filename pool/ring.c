#include "pool/ring.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CACHE_LINE = 64 };

/*
 * Positions run free and wrap; position p lives in slot p & mask. `turn` says what may happen to a
 * slot next: p: the producer may fill it for position p. p + 1: it holds the item of position p.
 * p + capacity: it was emptied, which is the producer's turn of the next lap.
 */
struct slot {
    _Atomic uint32_t turn;
    void *item;
};

/* Both ends sit alone on their cache lines, so that the two sides do not slow each other down. */
struct ring {
    alignas(CACHE_LINE) _Atomic uint32_t pushed; /* next to fill; written by the producer */
    alignas(CACHE_LINE) _Atomic uint32_t popped; /* next to empty; consumers race for it */
    alignas(CACHE_LINE) uint32_t mask;           /* capacity - 1; constant */
    struct slot slot[];
};

struct ring *ring_new(uint32_t capacity)
{
    CHECK(capacity >= 2 && capacity <= RING_CAPACITY_MAX);
    CHECK((capacity & (capacity - 1)) == 0);

    size_t size = sizeof(struct ring) + capacity * sizeof(struct slot);
    size = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

    struct ring *ring = aligned_alloc(CACHE_LINE, size);
    if (ring == NULL)
        return NULL;
    atomic_init(&ring->pushed, 0);
    atomic_init(&ring->popped, 0);
    ring->mask = capacity - 1;
    for (uint32_t i = 0; i < capacity; i++) {
        atomic_init(&ring->slot[i].turn, i);
        ring->slot[i].item = NULL;
    }
    return ring;
}

void ring_free(struct ring *ring)
{
    CHECK(ring == NULL || ring_len(ring) == 0); /* items would leak */
    free(ring);
}

bool ring_push(struct ring *ring, void *item)
{
    CHECK(item != NULL);

    uint32_t position = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
    struct slot *slot = &ring->slot[position & ring->mask];

    /* Pairs with the release in ring_pop(): the slot was read before it is filled again. */
    if (atomic_load_explicit(&slot->turn, memory_order_acquire) != position)
        return false;

    slot->item = item;
    /* Pairs with the acquire in ring_pop(): publishes the slot and the item. */
    atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
    atomic_store_explicit(&ring->pushed, position + 1, memory_order_relaxed);
    return true;
}

void *ring_pop(struct ring *ring)
{
    uint32_t position = atomic_load_explicit(&ring->popped, memory_order_relaxed);

    for (;;) {
        struct slot *slot = &ring->slot[position & ring->mask];
        /* Pairs with the release in ring_push(). */
        uint32_t turn = atomic_load_explicit(&slot->turn, memory_order_acquire);
        int32_t ahead = (int32_t)(turn - (position + 1));

        if (ahead < 0) /* not filled in this lap, perhaps not even emptied of the last one */
            return NULL;
        if (ahead > 0) { /* another consumer was here since we read `popped` */
            position = atomic_load_explicit(&ring->popped, memory_order_relaxed);
            continue;
        }
        /* On failure `position` becomes what the winner left. */
        if (!atomic_compare_exchange_weak_explicit(&ring->popped, &position, position + 1,
                                                   memory_order_relaxed, memory_order_relaxed))
            continue;

        void *item = slot->item;
        /* Pairs with the acquire in ring_push(). */
        atomic_store_explicit(&slot->turn, position + ring->mask + 1, memory_order_release);
        return item;
    }
}

uint32_t ring_len(const struct ring *ring)
{
    uint32_t popped = atomic_load_explicit(&ring->popped, memory_order_relaxed);
    uint32_t pushed = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
    int32_t len = (int32_t)(pushed - popped);

    /* The two were read at different instants: what cannot be is cut. */
    if (len < 0)
        return 0;
    return (uint32_t)len > ring->mask ? ring->mask + 1 : (uint32_t)len;
}
