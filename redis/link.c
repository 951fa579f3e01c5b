#include "redis/link_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/random.h"

enum { RECONNECT_MS_MIN = 100, RECONNECT_MS_MAX = 10000, RECONNECT_DOUBLINGS_MAX = 10 };
enum { LATE_MS = 100, GRACE_MS = 1000 };

static const bool allowed[LINK_STATE_COUNT][LINK_STATE_COUNT] = {
    [LINK_DOWN] = {[LINK_CONNECTING] = true},
    [LINK_CONNECTING] = {[LINK_GREETING] = true, [LINK_LOST] = true},
    [LINK_GREETING] = {[LINK_UP] = true, [LINK_LOST] = true},
    [LINK_UP] = {[LINK_LOST] = true},
    [LINK_LOST] = {[LINK_DOWN] = true},
};

void link_enter(struct link *link, enum link_state state)
{
    CHECK(allowed[link->state][state]);
    link->state = state;
}

void link_hold(struct link *link)
{
    link->holds++;
}

void link_release(struct link *link)
{
    CHECK(link->holds > 0);
    if (--link->holds > 0 || !link->freed)
        return;
    pending_free(&link->pending);
    outbox_reset(&link->outbox);
    free(link->name);
    free(link);
}

/* ---- the timer ---- */

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

/* Full jitter, so that a fleet does not come back in step. */
static int64_t reconnect_delay_ms(unsigned failures, uint64_t random)
{
    unsigned doublings = failures < RECONNECT_DOUBLINGS_MAX ? failures : RECONNECT_DOUBLINGS_MAX;
    uint64_t bound_ms = (uint64_t)RECONNECT_MS_MIN << doublings;
    if (bound_ms > RECONNECT_MS_MAX)
        bound_ms = RECONNECT_MS_MAX;
    return (int64_t)(random % (bound_ms + 1));
}

/* ---- losing a connection ---- */

void link_lose(struct link *link, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(link->why, sizeof link->why, fmt, args);
    va_end(args);

    link_enter(link, LINK_LOST);
    link->grace = false;
    link_disarm(link);
    link_io_close(link);
    event_active(link->loss, EV_TIMEOUT, 1);
}

static void answer_all_with_null(struct link *link)
{
    while (link->pending.count > 0) {
        struct pending_call call = pending_pop(&link->pending);
        call.on_reply(NULL, call.arg);
    }
}

static void tell_owner(struct link *link)
{
    bool denied = link->denied;
    link->denied = false;
    if (denied)
        link->events.on_denied(link, link->why, link->arg);
    if (!link->freed)
        link->events.on_down(link, link->why, link->arg);
}

static void on_loss(int fd, short what, void *arg)
{
    struct link *link = arg;
    (void)fd, (void)what;

    link_hold(link);
    answer_all_with_null(link);
    if (!link->freed) {
        link_enter(link, LINK_DOWN);
        link_arm(link, clock_mono_ms() + reconnect_delay_ms(link->failures, random_u64()));
        if (link->failures < RECONNECT_DOUBLINGS_MAX)
            link->failures++;
        tell_owner(link);
    }
    link_release(link);
}

/* ---- connecting ---- */

static void connect_now(struct link *link)
{
    const struct endpoint *to = &link->endpoint;
    char where[ENDPOINT_TEXT_MAX];

    link_enter(link, LINK_CONNECTING);
    link->context =
        to->host[0] ? redisConnectNonBlock(to->host, to->port) : redisConnectUnixNonBlock(to->path);
    if (link->context == NULL)
        link_lose(link, "connect: no memory");
    else if (link->context->err)
        link_lose(link, "connect %s: %s", endpoint_format(to, where), link->context->errstr);
    else if (!link_io_open(link))
        link_lose(link, "connect: no memory");
    else
        link_arm(link, clock_mono_ms() + link->connect_timeout_ms);
}

/* ---- deadlines ---- */

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
static void check_deadlines(struct link *link, int64_t late_ms)
{
    if (late_ms > LATE_MS && !link->grace) {
        link->grace = true;
        link_arm(link, clock_mono_ms() + GRACE_MS);
        return;
    }
    link->grace = false;
    enforce_deadlines(link);
}

static void on_timer(int fd, short what, void *arg)
{
    struct link *link = arg;
    char where[ENDPOINT_TEXT_MAX];
    int64_t late_ms = clock_mono_ms() - link->timer_ms;
    (void)fd, (void)what;

    link->timer_ms = INT64_MAX;
    link_hold(link);
    if (link->state == LINK_DOWN)
        connect_now(link);
    else if (link->state == LINK_UP)
        check_deadlines(link, late_ms);
    else if (link->state != LINK_LOST)
        link_lose(link, "connect %s: no answer within %lld ms",
                  endpoint_format(&link->endpoint, where), (long long)link->connect_timeout_ms);
    link_release(link);
}

/* ---- the owner's calls ---- */

struct link *link_new(struct event_base *base, const struct link_options *options,
                      const struct link_events *events, void *arg)
{
    CHECK(options->connect_timeout_ms > 0 && options->command_timeout_ms > 0);
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return NULL;
    link->base = base;
    link->endpoint = *options->endpoint;
    link->connect_timeout_ms = options->connect_timeout_ms;
    link->command_timeout_ms = options->command_timeout_ms;
    link->events = *events;
    link->arg = arg;
    link->timer_ms = INT64_MAX;
    link->name = strdup(options->name);
    link->timer = event_new(base, -1, 0, on_timer, link);
    link->flush = event_new(base, -1, 0, link_on_flush, link);
    link->loss = event_new(base, -1, 0, on_loss, link);
    if (link->name && link->timer && link->flush && link->loss)
        return link;
    link_free(link);
    return NULL;
}

void link_start(struct link *link)
{
    CHECK(link->state == LINK_DOWN);
    link_arm(link, clock_mono_ms());
}

void link_reset(struct link *link, const char *why)
{
    if (link->state != LINK_DOWN && link->state != LINK_LOST)
        link_lose(link, "%s", why);
}

static void event_drop(struct event **event)
{
    if (*event != NULL)
        event_free(*event);
    *event = NULL;
}

void link_free(struct link *link)
{
    if (link == NULL)
        return;
    CHECK(!link->freed);
    link->freed = true;
    if (link->context != NULL) {
        link_enter(link, LINK_LOST);
        link_io_close(link);
    }
    event_drop(&link->timer);
    event_drop(&link->flush);
    event_drop(&link->loss);
    link_hold(link);
    answer_all_with_null(link);
    link_release(link);
}

bool link_is_up(const struct link *link)
{
    return link->state == LINK_UP;
}

size_t link_pending(const struct link *link)
{
    return link->pending.count;
}

int64_t link_rtt_us(const struct link *link)
{
    return link->rtt_us;
}
