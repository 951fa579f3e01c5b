#include "redis/link_parts.h"

#include <event2/event.h>

#include "base/clock.h"

enum { DELAY_MS_MIN = 100, DELAY_MS_MAX = 10000, DELAY_DOUBLINGS_MAX = 10 };
enum { LATE_MS = 100, GRACE_MS = 1000 };

void link_arm(struct link *link, int64_t at_ms)
{
    int64_t wait_ms = at_ms - clock_mono_ms();
    if (wait_ms < 0)
        wait_ms = 0;
    const struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
    link->timer_ms = at_ms;
    /* Fails only where libevent finds no memory to grow its heap by one pointer. */
    (void)event_add(link->timer, &wait);
}

void link_disarm(struct link *link)
{
    link->timer_ms = INT64_MAX;
    (void)event_del(link->timer);
}

int64_t link_delay_ms(unsigned failures, uint64_t random)
{
    unsigned doublings = failures < DELAY_DOUBLINGS_MAX ? failures : DELAY_DOUBLINGS_MAX;
    uint64_t bound_ms = (uint64_t)DELAY_MS_MIN << doublings;
    if (bound_ms > DELAY_MS_MAX)
        bound_ms = DELAY_MS_MAX;
    return (int64_t)(random % (bound_ms + 1));
}

static void enforce_deadlines(struct link *link)
{
    const struct pending_call *urgent = pending_most_urgent(&link->pending);
    if (urgent != NULL && urgent->deadline_ms <= clock_mono_ms()) {
        link_io_drain(link); /* it may be we who are slow: look before we hang up */
        urgent = link->state == LINK_UP ? pending_most_urgent(&link->pending) : NULL;
    }
    if (urgent == NULL)
        return;
    if (urgent->deadline_ms > clock_mono_ms())
        link_arm(link, urgent->deadline_ms);
    else
        link_lose(link, "no answer for %lld ms",
                  (long long)(clock_mono_ns() - urgent->sent_ns) / 1000000);
}

/*
 * A timer that goes off late tells that the loop did not turn: the process was stopped or starved.
 * Then Redis may have answered in time, and what it had no room to write yet gets one more while.
 */
void link_check_deadlines(struct link *link, int64_t late_ms)
{
    if (late_ms > LATE_MS && !link->grace) {
        link->grace = true;
        link_arm(link, clock_mono_ms() + GRACE_MS);
        return;
    }
    link->grace = false;
    enforce_deadlines(link);
}
