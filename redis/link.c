#include "redis/link_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/random.h"

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
    reply_arena_free(&link->replies);
    free(link->name);
    free(link);
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
        link_arm(link, clock_mono_ms() + link_delay_ms(link->failures, random_u64()));
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

static void on_timer(int fd, short what, void *arg)
{
    struct link *link = arg;
    char where[ENDPOINT_TEXT_MAX];
    int64_t due_ms = link->timer_ms, now_ms = clock_mono_ms();
    (void)fd, (void)what;

    if (now_ms < due_ms) { /* libevent counts from the begin of its turn */
        link_arm(link, due_ms);
        return;
    }
    link->timer_ms = INT64_MAX;
    link_hold(link);
    if (link->state == LINK_DOWN)
        connect_now(link);
    else if (link->state == LINK_UP)
        link_check_deadlines(link, now_ms - due_ms);
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
