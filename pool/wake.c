#include "pool/wake.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

void wake_init(struct wake *wake)
{
    atomic_init(&wake->sleepers, 0);
    atomic_init(&wake->tokens, 0);
}

/* Takes one from the counter unless it is 0. */
static bool take_one(_Atomic uint32_t *counter)
{
    uint32_t count = atomic_load(counter);

    while (count > 0) {
        if (atomic_compare_exchange_weak(counter, &count, count - 1))
            return true;
    }
    return false;
}

/* Waits while there is no token. The kernel compares and queues in one step, so a token that
 * appears meanwhile is not missed. Returns early at will; the caller looks again. */
static void futex_wait(_Atomic uint32_t *tokens, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    syscall(SYS_futex, tokens, FUTEX_WAIT_BITSET_PRIVATE, 0,
            until_ms == WAKE_FOREVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

void wake_announce(struct wake *wake)
{
    /* Pairs with the read-modify-write in wake_up(): whichever comes second sees what the other
     * wrote before. So either we find the work when we look again, or the waker finds us. */
    atomic_fetch_add(&wake->sleepers, 1);
}

void wake_withdraw(struct wake *wake)
{
    if (!take_one(&wake->sleepers))
        wake_sleep(wake, WAKE_FOREVER); /* promised a token already: it must be taken */
}

bool wake_sleep(struct wake *wake, int64_t until_ms)
{
    while (!take_one(&wake->tokens)) {
        futex_wait(&wake->tokens, until_ms);
        if (until_ms == WAKE_FOREVER || clock_mono_ms() < until_ms)
            continue;
        if (take_one(&wake->sleepers))
            return false;
        until_ms = WAKE_FOREVER; /* the waker was quicker: our token is on its way */
    }
    return true;
}

uint32_t wake_up(struct wake *wake, uint32_t work)
{
    /* An addition of nothing, and not a load: see wake_announce(). */
    uint32_t sleepers = atomic_fetch_add(&wake->sleepers, 0);
    uint32_t granted = 0;

    if (sleepers == 0)
        return 0;
    for (uint32_t coming = atomic_load(&wake->tokens); coming < work; coming++) {
        if (!take_one(&wake->sleepers))
            break;
        granted++;
    }
    if (granted > 0) {
        atomic_fetch_add(&wake->tokens, granted);
        syscall(SYS_futex, &wake->tokens, FUTEX_WAKE_PRIVATE, granted, NULL, NULL, 0);
    }
    return granted;
}

uint32_t wake_idle(const struct wake *wake)
{
    return atomic_load(&wake->sleepers) + atomic_load(&wake->tokens);
}
