#include "pool/finish_list.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool finish_list_init(struct finish_list *list)
{
    atomic_init(&list->newest, NULL);
    list->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return list->fd >= 0;
}

void finish_list_fini(struct finish_list *list)
{
    if (list->fd >= 0)
        close(list->fd);
    list->fd = -1;
}

void finish_list_ring(struct finish_list *list)
{
    uint64_t one = 1;
    ssize_t written = write(list->fd, &one, sizeof(one));

    CHECK(written == sizeof(one) || errno == EAGAIN); /* EAGAIN: readable anyway */
}

void finish_list_put(struct finish_list *list, struct job *job)
{
    struct job *newest = atomic_load_explicit(&list->newest, memory_order_relaxed);

    /* Release: pairs with the exchange in finish_list_take(), and publishes all that the thread
     * wrote to the job. */
    do {
        job->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&list->newest, &newest, job,
                                                    memory_order_release, memory_order_relaxed));
    if (newest == NULL)
        finish_list_ring(list);
}

static void clear(struct finish_list *list)
{
    uint64_t rings;
    ssize_t got = read(list->fd, &rings, sizeof(rings));

    CHECK(got == sizeof(rings) || errno == EAGAIN);
}

void finish_list_wait(struct finish_list *list, int64_t limit_ms)
{
    struct pollfd fd = {.fd = list->fd, .events = POLLIN};

    poll(&fd, 1, limit_ms > INT_MAX ? INT_MAX : (int)limit_ms);
    clear(list);
}

struct job *finish_list_take(struct finish_list *list, uint32_t *count)
{
    struct job *oldest = NULL;

    /* First the fd, then the list: what is put after the exchange makes the fd readable again. */
    clear(list);
    struct job *job = atomic_exchange_explicit(&list->newest, NULL, memory_order_acquire);
    for (*count = 0; job != NULL; ++*count) {
        struct job *older = job->next;
        job->next = oldest;
        oldest = job;
        job = older;
    }
    return oldest;
}
