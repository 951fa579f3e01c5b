#include "pool/crew.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum {
    THREAD_NAME_MAX = 16,  /* with terminator: the kernel's limit */
    START_RETRY_MS = 1000, /* after a start that failed */
};

/* --- start --------------------------------------------------------------------------------- */

/* The slot's struct, made at its first use; NULL: no memory. */
static struct crew_thread *slot_of(struct crew *crew, uint32_t number)
{
    if (crew->slot[number] == NULL) {
        struct crew_thread *slot = aligned_alloc(64, sizeof(*slot));
        if (slot == NULL)
            return NULL;
        memset(slot, 0, sizeof(*slot));
        slot->crew = crew;
        slot->stopper.thread = number;
        pthread_mutex_init(&slot->lock, NULL);
        crew->slot[number] = slot;
        if (number >= crew->slots)
            crew->slots = number + 1;
    }
    return crew->slot[number];
}

/* The lowest slot without a thread; CREW_MAX if there is none. */
static uint32_t vacant_slot(const struct crew *crew)
{
    uint32_t number = 0;

    while (number < crew->slots && atomic_load(&crew->slot[number]->state) != CREW_VACANT)
        number++;
    return number;
}

/* 0, or why there is no such thread. */
static int start_thread(struct crew_thread *slot, uint32_t number)
{
    char name[THREAD_NAME_MAX];

    slot->stopper.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (slot->stopper.wake_fd < 0)
        return errno;

    int fault = thread_start(&slot->thread, crew_thread_main, slot);
    if (fault != 0) {
        close(slot->stopper.wake_fd);
        return fault;
    }
    snprintf(name, sizeof(name), "navvy-job-%u", number + 1);
    pthread_setname_np(slot->thread, name);
    return 0;
}

static int start_in(struct crew *crew, uint32_t number)
{
    struct crew_thread *slot = slot_of(crew, number);
    if (slot == NULL)
        return ENOMEM;

    atomic_fetch_add(&crew->count, 1); /* before it runs: it counts itself out */
    atomic_store(&slot->state, CREW_WORKING);
    int fault = start_thread(slot, number);
    if (fault != 0) {
        atomic_store(&slot->state, CREW_VACANT);
        atomic_fetch_sub(&crew->count, 1);
        return fault;
    }
    crew->slots_taken++;
    return 0;
}

bool crew_start_one(struct crew *crew)
{
    int64_t now_ms = clock_mono_ms();
    uint32_t number = vacant_slot(crew);

    if (atomic_load(&crew->count) >= atomic_load(&crew->max) || number >= CREW_MAX)
        return false;
    if (now_ms < crew->start_after_ms)
        return false;

    int fault = start_in(crew, number);
    atomic_store(&crew->start_failed, fault != 0);
    if (fault != 0) {
        crew->start_after_ms = now_ms + START_RETRY_MS;
        LOG_SPARSE(LOG_WARN, "thread", LOG_S("err", strerror(fault)),
                   LOG_I("threads", atomic_load(&crew->count)));
    }
    return fault == 0;
}

/* --- end ----------------------------------------------------------------------------------- */

/* The thread has returned or is just about to. */
static void reap_slot(struct crew *crew, struct crew_thread *slot)
{
    CHECK(pthread_join(slot->thread, NULL) == 0);
    close(slot->stopper.wake_fd);
    atomic_store(&slot->state, CREW_VACANT);
    atomic_fetch_sub(&crew->ended, 1);
    crew->slots_taken--;
}

void crew_reap(struct crew *crew)
{
    if (atomic_load(&crew->ended) == 0)
        return;
    for (uint32_t i = 0; i < crew->slots; i++) {
        if (atomic_load(&crew->slot[i]->state) == CREW_ENDED)
            reap_slot(crew, crew->slot[i]);
    }
}

void crew_ring(struct crew *crew, struct job *job)
{
    uint64_t one = 1;

    for (uint32_t i = 0; i < crew->slots; i++) {
        struct crew_thread *slot = crew->slot[i];
        if (atomic_load(&slot->job) != job)
            continue;

        pthread_mutex_lock(&slot->lock); /* while we hold it, the thread keeps what it has */
        if (atomic_load(&slot->job) == job && !slot->rung) {
            CHECK(write(slot->stopper.wake_fd, &one, sizeof(one)) == sizeof(one));
            slot->rung = true;
        }
        pthread_mutex_unlock(&slot->lock);
        return;
    }
}

bool crew_dismiss(struct crew *crew, int64_t until_ms)
{
    atomic_store(&crew->dismissed, true);
    wake_all(&crew->wake);
    for (;;) {
        crew_reap(crew);
        if (crew->slots_taken == 0)
            return true;
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0)
            return false;
        finish_list_wait(&crew->finish_list, left_ms); /* whoever ends rings */
    }
}

void crew_free(struct crew *crew)
{
    for (uint32_t i = 0; i < crew->slots; i++) {
        pthread_mutex_destroy(&crew->slot[i]->lock);
        free(crew->slot[i]);
    }
}
