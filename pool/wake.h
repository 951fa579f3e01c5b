/*
 * wake: where threads sleep until there is work. One waker, any number of sleepers, who may wake
 * the next.
 *
 * A thread that found nothing announces itself (wake_announce), looks once more, and then sleeps or
 * withdraws. The waker first makes the work visible, then calls wake_up(), which wakes as many as
 * are asked for and makes no system call if nobody sleeps. Both sides go through one atomic
 * variable, so one of them always sees the other: no wake-up is lost.
 *
 * A woken thread is given a token. `sleepers` counts those that have been promised none, so calling
 * wake_up() twice in a row never wakes two threads for one job. Tokens are nobody's in particular:
 * the first to look takes one, so they cannot tell *all* sleepers something; wake_all() does.
 */
#ifndef POOL_WAKE_H
#define POOL_WAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

enum { WAKE_FOREVER = -1 };

struct wake {
    _Alignas(64) _Atomic uint32_t sleepers; /* announced, and no token promised */
    _Atomic uint32_t
        word; /* the futex: tokens granted and not taken yet, and calls of wake_all() */
};

void wake_init(struct wake *wake);

/* Sleeper: from now on wake_up() may pick this thread. Look for work once more, then one of the two
 * below. The ticket says which calls of wake_all() are already known. */
uint32_t wake_announce(struct wake *wake);
void wake_withdraw(struct wake *wake);
/* Sleeps until woken for work: true. False: not any more, because of the time (`until_ms`,
 * monotonic, or WAKE_FOREVER) or a wake_all() since the ticket. */
bool wake_sleep(struct wake *wake, uint32_t ticket, int64_t until_ms);

/* Waker: has `work` items of work waiting. Wakes sleepers until one is on its way for each of them;
 * returns how many were woken by this call. */
uint32_t wake_up(struct wake *wake, uint32_t work);

/* A thread that was woken and leaves work for others: wakes one more, if somebody sleeps and nobody
 * is on the way already. True if it did. */
bool wake_next(struct wake *wake);

/* Waker: every thread that sleeps returns from it, to see what has changed. */
void wake_all(struct wake *wake);

/* Threads asleep or just being woken: idle ones. A snapshot. */
uint32_t wake_idle(const struct wake *wake);

#endif
