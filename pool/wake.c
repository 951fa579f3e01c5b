#include "pool/wake.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* The two parts of wake.word; as it is one word, the kernel notices a change of either. */
enum { TOKENS = 0xFFFF, CALL = TOKENS + 1 };

static uint32_t tokens_in(uint32_t word)
{
    return word & TOKENS;
}

static uint32_t calls_in(uint32_t word)
{
    return word / CALL;
}

void wake_init(struct wake *wake)
{
    atomic_init(&wake->sleepers, 0);
    atomic_init(&wake->word, 0);
}

static bool take_token(struct wake *wake)
{
    uint32_t word = atomic_load(&wake->word);

    while (tokens_in(word) > 0) {
        if (atomic_compare_exchange_weak(&wake->word, &word, word - 1))
            return true;
    }
    return false;
}

/* Takes one sleeper off the count: by the waker, to promise it a token; by a sleeper, to go. False:
 * there is none, or, for a sleeper, all have been promised one, so one is on its way to it. */
static bool take_sleeper(struct wake *wake)
{
    uint32_t sleepers = atomic_load(&wake->sleepers);

    while (sleepers > 0) {
        if (atomic_compare_exchange_weak(&wake->sleepers, &sleepers, sleepers - 1))
            return true;
    }
    return false;
}

/* Waits while the word is what it was. The kernel compares and queues in one step, so no change is
 * missed. Returns early at will; the caller looks again. */
static void futex_wait(struct wake *wake, uint32_t word, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    syscall(SYS_futex, &wake->word, FUTEX_WAIT_BITSET_PRIVATE, word,
            until_ms == WAKE_FOREVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void futex_wake(struct wake *wake, uint32_t count)
{
    syscall(SYS_futex, &wake->word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static void await_token(struct wake *wake)
{
    while (!take_token(wake)) {
        uint32_t word = atomic_load(&wake->word);
        if (tokens_in(word) == 0)
            futex_wait(wake, word, WAKE_FOREVER);
    }
}

uint32_t wake_announce(struct wake *wake)
{
    /* Pairs with the read-modify-write in wake_up(): whichever comes second sees what the other
     * wrote before. So either we find the work when we look again, or the waker finds us. */
    atomic_fetch_add(&wake->sleepers, 1);
    return calls_in(atomic_load(&wake->word));
}

void wake_withdraw(struct wake *wake)
{
    if (!take_sleeper(wake))
        await_token(wake);
}

bool wake_sleep(struct wake *wake, uint32_t ticket, int64_t until_ms)
{
    while (!take_token(wake)) {
        uint32_t word = atomic_load(&wake->word);
        bool enough =
            calls_in(word) != ticket || (until_ms != WAKE_FOREVER && clock_mono_ms() >= until_ms);

        if (enough && take_sleeper(wake))
            return false;
        if (enough) {
            await_token(wake); /* the waker was quicker */
            return true;
        }
        if (tokens_in(word) == 0)
            futex_wait(wake, word, until_ms);
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
    /* Again not a load: who takes a token that we count on comes after us, and sees the work. */
    for (uint32_t coming = tokens_in(atomic_fetch_add(&wake->word, 0)); coming < work; coming++) {
        if (!take_sleeper(wake))
            break;
        granted++;
    }
    if (granted > 0) {
        atomic_fetch_add(&wake->word, granted);
        futex_wake(wake, granted);
    }
    return granted;
}

bool wake_next(struct wake *wake)
{
    if (atomic_load_explicit(&wake->sleepers, memory_order_relaxed) == 0 ||
        tokens_in(atomic_load_explicit(&wake->word, memory_order_relaxed)) > 0)
        return false;
    return wake_up(wake, 1) > 0;
}

void wake_all(struct wake *wake)
{
    atomic_fetch_add(&wake->word, CALL);
    futex_wake(wake, INT_MAX);
}

uint32_t wake_idle(const struct wake *wake)
{
    return atomic_load(&wake->sleepers) + tokens_in(atomic_load(&wake->word));
}
