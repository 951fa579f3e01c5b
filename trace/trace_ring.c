#include "trace/trace_ring.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct trace_ring {
    _Atomic uint64_t put;     /* by the loop; how many ever were */
    _Atomic uint64_t done;    /* by the sender */
    _Atomic uint32_t wake_at; /* the sender sleeps until there are so many; 0: it does not */
    _Atomic uint64_t dropped;
    int bell_fd;
    uint32_t slots;
    struct trace_visit slot[];
};

struct trace_ring *trace_ring_new(uint32_t slots)
{
    struct trace_ring *ring = calloc(1, sizeof(*ring) + slots * sizeof(ring->slot[0]));

    if (ring == NULL)
        return NULL;
    ring->slots = slots;
    ring->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ring->bell_fd >= 0)
        return ring;
    free(ring);
    return NULL;
}

void trace_ring_free(struct trace_ring *ring)
{
    if (ring == NULL)
        return;
    close(ring->bell_fd);
    free(ring);
}

struct trace_visit *trace_ring_claim(struct trace_ring *ring)
{
    uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);

    /* Acquire: with the release in trace_ring_drop(), the sender has read the slot. */
    if (put - atomic_load_explicit(&ring->done, memory_order_acquire) == ring->slots) {
        atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
        return NULL;
    }
    return &ring->slot[put % ring->slots];
}

/* Both sides write first and then read (seq_cst): either the sender finds this visit before it
 * sleeps, or we find that it does. */
void trace_ring_put(struct trace_ring *ring)
{
    uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed) + 1;

    atomic_store(&ring->put, put);
    uint32_t wake_at = atomic_load(&ring->wake_at);
    if (wake_at == 0 || put - atomic_load_explicit(&ring->done, memory_order_relaxed) < wake_at)
        return;
    if (atomic_exchange(&ring->wake_at, 0) != 0)
        trace_ring_ring(ring);
}

uint32_t trace_ring_count(const struct trace_ring *ring)
{
    return (uint32_t)(atomic_load(&ring->put) -
                      atomic_load_explicit(&ring->done, memory_order_relaxed));
}

const struct trace_visit *trace_ring_peek(const struct trace_ring *ring, uint32_t nth)
{
    CHECK(nth < trace_ring_count(ring));
    return &ring->slot[(atomic_load_explicit(&ring->done, memory_order_relaxed) + nth) %
                       ring->slots];
}

void trace_ring_drop(struct trace_ring *ring, uint32_t count)
{
    uint64_t done = atomic_load_explicit(&ring->done, memory_order_relaxed);

    CHECK(count <= trace_ring_count(ring));
    atomic_store_explicit(&ring->done, done + count, memory_order_release);
}

void trace_ring_wait(struct trace_ring *ring, uint32_t wanted, int limit_ms)
{
    struct pollfd bell = {.fd = ring->bell_fd, .events = POLLIN};
    eventfd_t rings;

    atomic_store(&ring->wake_at, wanted);
    if (trace_ring_count(ring) < wanted)
        (void)poll(&bell, 1, limit_ms);
    atomic_store(&ring->wake_at, 0);
    (void)eventfd_read(ring->bell_fd, &rings);
}

void trace_ring_ring(struct trace_ring *ring)
{
    (void)eventfd_write(ring->bell_fd, 1);
}

int trace_ring_fd(const struct trace_ring *ring)
{
    return ring->bell_fd;
}

uint64_t trace_ring_dropped(const struct trace_ring *ring)
{
    return atomic_load_explicit(&ring->dropped, memory_order_relaxed);
}
