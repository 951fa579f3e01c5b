#include "redis/link_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/fault.h"

enum {
    READ_BYTES_MAX = 64 * 1024, /* of one recv(2) */
    DRAIN_READS_MAX = 1024,     /* before a deadline is enforced */
    TURNED_AWAY_MS = 30000,     /* longer than any delay before a reconnect */
};

/* ---- answers ---- */

static void lose_with_words(struct link *link, const char *what, const struct reply *reply)
{
    struct slice text = reply_error_text(reply);
    link_lose(link, "%s: %.*s", what, (int)text.len, text.ptr);
}

/*
 * This server is not the one, and will hardly be in a moment. That it answers everything but what
 * writes, so that `failures` begins anew with each connection, is no reason to ask ten times a
 * second: each time within a while counts on.
 */
static void turned_away(struct link *link, const struct reply *reply)
{
    int64_t now_ms = clock_mono_ms();

    if (now_ms - link->turned_away_ms > TURNED_AWAY_MS)
        link->turned_away = 0;
    link->turned_away_ms = now_ms;
    link->failures = link->turned_away++;
    lose_with_words(link, "Redis said", reply);
}

static void deliver(struct link *link, const struct reply *reply, int64_t now_ns)
{
    if (link->pending.count == 0) {
        lose_with_words(link, "Redis sent what nobody asked for", reply);
        return;
    }
    bool was_up = link->state == LINK_UP;
    struct pending_call call = pending_pop(&link->pending);
    enum error_class error = reply_error(reply);

    link->rtt_us = (now_ns - call.sent_ns) / 1000;
    if (error == ERROR_NO_SCRIPT && call.script < SCRIPT_COUNT)
        link->send_text[call.script] = true;
    call.on_reply(reply, call.arg);
    if (link->freed || link->state != LINK_UP || !was_up)
        return;
    if (error == ERROR_RECONNECT)
        turned_away(link, reply);
    else
        link->failures = 0;
}

static void deliver_all(struct link *link)
{
    redisContext *context = link->context;
    int64_t now_ns = clock_mono_ns();
    void *raw = NULL;

    while (link->context == context) {
        if (redisReaderGetReply(context->reader, &raw) != REDIS_OK) {
            link_lose(link, "%s", context->reader->errstr);
            return;
        }
        if (raw == NULL)
            return;
        deliver(link, raw, now_ns);
        reply_arena_reset(&link->replies);
    }
}

/* One recv(2) and the replies in it. False: nothing was there, or the connection is gone. */
static bool read_once(struct link *link)
{
    char chunk[READ_BYTES_MAX];
    ssize_t len = recv(link->context->fd, chunk, sizeof chunk, MSG_DONTWAIT);

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (len < 0)
        link_lose(link, "%s", strerror(errno));
    else if (len == 0)
        link_lose(link, "Redis closed the connection");
    else if (redisReaderFeed(link->context->reader, chunk, (size_t)len) != REDIS_OK)
        link_lose(link, "no memory for a reply");
    else
        deliver_all(link);
    return link->context != NULL;
}

void link_io_drain(struct link *link)
{
    for (int reads = 0; reads < DRAIN_READS_MAX && read_once(link); reads++)
        continue;
}

static void on_readable(int fd, short what, void *arg)
{
    struct link *link = arg;
    (void)fd, (void)what;

    link_hold(link);
    (void)read_once(link);
    link_release(link);
}

/* ---- calls ---- */

/* Redis may have said why before it closed: its last words are worth more than EPIPE. */
static void send_failed(struct link *link, int error)
{
    link_io_drain(link);
    if (link->context != NULL)
        link_lose(link, "%s", strerror(error));
}

/* Redis has them, and will execute them whatever becomes of us. */
static void calls_sent(struct link *link)
{
#ifdef NAVVY_FAULTS
    static const enum fault_point points[SCRIPT_COUNT] = {
        [SCRIPT_JOIN] = FAULT_sent_join,           [SCRIPT_TAKE] = FAULT_sent_take,
        [SCRIPT_SETTLE] = FAULT_sent_settle,       [SCRIPT_SHIFT] = FAULT_sent_shift,
        [SCRIPT_RECOVER] = FAULT_sent_recover,     [SCRIPT_BEAT] = FAULT_sent_beat,
        [SCRIPT_LEAVE] = FAULT_sent_leave,         [SCRIPT_CLAIM] = FAULT_sent_claim,
        [SCRIPT_CLAIM_WINDOWS] = FAULT_sent_claim, [SCRIPT_WINDOWS] = FAULT_sent_call,
        [SCRIPT_FINISH] = FAULT_sent_settle,       [SCRIPT_PROGRESS] = FAULT_sent_call,
    };
    for (size_t i = 0; i < link->unsent && i < link->pending.count; i++) {
        enum script_id script = pending_last(&link->pending, i)->script;
        fault_point(script == SCRIPT_COUNT ? FAULT_sent_call : points[script]);
    }
#endif
    link->unsent = 0;
}

static void send_calls(struct link *link)
{
    if (outbox_send(&link->outbox, link->context->fd)) {
        calls_sent(link);
        return;
    }
    if (errno != EAGAIN || event_add(link->writable, NULL) != 0)
        send_failed(link, errno);
}

void link_on_flush(int fd, short what, void *arg)
{
    struct link *link = arg;
    (void)fd, (void)what;

    link->flush_due = false;
    link_hold(link);
    if (link->context != NULL)
        send_calls(link);
    link_release(link);
}

/* ---- the socket ---- */

static void set_options(struct link *link)
{
    const int on = 1;
    if (link->endpoint.host[0] == '\0')
        return;
    /* Both only make things quicker: our deadlines work without them. */
    (void)setsockopt(link->context->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)redisEnableKeepAlive(link->context);
}

static void connected(struct link *link)
{
    char where[ENDPOINT_TEXT_MAX];
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(link->context->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0) {
        link_lose(link, "connect %s: %s", endpoint_format(&link->endpoint, where), strerror(error));
        return;
    }
    set_options(link);
    if (event_add(link->readable, NULL) != 0)
        link_lose(link, "connect: no memory");
    else
        link_greet(link);
}

static void on_writable(int fd, short what, void *arg)
{
    struct link *link = arg;
    (void)fd, (void)what;

    link_hold(link);
    if (link->state == LINK_CONNECTING)
        connected(link);
    else
        send_calls(link);
    link_release(link);
}

bool link_io_open(struct link *link)
{
    int fd = link->context->fd;

    reply_arena_serve(&link->replies, link->context->reader);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* a handler's child must not inherit it */
    link->readable = event_new(link->base, fd, EV_READ | EV_PERSIST, on_readable, link);
    link->writable = event_new(link->base, fd, EV_WRITE, on_writable, link);
    return link->readable && link->writable && event_add(link->writable, NULL) == 0;
}

void link_io_close(struct link *link)
{
    if (link->readable != NULL)
        event_free(link->readable);
    if (link->writable != NULL)
        event_free(link->writable);
    link->readable = NULL;
    link->writable = NULL;
    if (link->context != NULL)
        redisFree(link->context);
    link->context = NULL;
    outbox_reset(&link->outbox);
    link->unsent = 0;
    memset(link->send_text, 0, sizeof link->send_text);
}
