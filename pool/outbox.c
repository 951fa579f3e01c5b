#include "pool/outbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool outbox_init(struct outbox *outbox)
{
    atomic_init(&outbox->newest, NULL);
    outbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return outbox->fd >= 0;
}

void outbox_fini(struct outbox *outbox)
{
    if (outbox->fd >= 0)
        close(outbox->fd);
    outbox->fd = -1;
}

void outbox_ring(struct outbox *outbox)
{
    uint64_t one = 1;
    ssize_t written = write(outbox->fd, &one, sizeof(one));

    CHECK(written == sizeof(one) || errno == EAGAIN); /* EAGAIN: readable anyway */
}

void outbox_put(struct outbox *outbox, struct job *job)
{
    struct job *newest = atomic_load_explicit(&outbox->newest, memory_order_relaxed);

    /* Release: pairs with the exchange in outbox_take(), and publishes all that the thread wrote
     * to the job. */
    do {
        job->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&outbox->newest, &newest, job,
                                                    memory_order_release, memory_order_relaxed));
    if (newest == NULL)
        outbox_ring(outbox);
}

struct job *outbox_take(struct outbox *outbox, uint32_t *count)
{
    struct job *oldest = NULL;
    uint64_t rings;

    /* First the fd, then the list: what is put after the exchange makes the fd readable again. */
    ssize_t got = read(outbox->fd, &rings, sizeof(rings));
    CHECK(got == sizeof(rings) || errno == EAGAIN);

    struct job *job = atomic_exchange_explicit(&outbox->newest, NULL, memory_order_acquire);
    for (*count = 0; job != NULL; ++*count) {
        struct job *older = job->next;
        job->next = oldest;
        oldest = job;
        job = older;
    }
    return oldest;
}
