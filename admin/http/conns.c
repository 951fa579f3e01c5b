#include "admin/http/conns.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { LOOKS_MAX = 10, LOOK_MS_MAX = 1000 };

static int64_t limit_ms(const struct conns_limits *limits, enum conn_phase phase)
{
    switch (phase) {
    case CONN_READS:
        return limits->request_ms;
    case CONN_IDLES:
        return limits->idle_ms;
    case CONN_TAKES:
        return limits->answer_ms;
    case CONN_ASKS:
        return INT64_MAX;
    }
    return INT64_MAX;
}

/* evhttp owns the connection: it hears of its end from the socket, and lets it go. */
static void conn_end(struct conn *conn)
{
    evutil_socket_t fd = bufferevent_getfd(conn->bev);

    if (fd >= 0)
        (void)shutdown(fd, SHUT_RDWR);
    conn->conns->evicted++;
}

/* Whom evhttp has let go has no callbacks any more: what is left is our own hold on it. */
static bool is_over(const struct conn *conn)
{
    bufferevent_data_cb on_read = NULL, on_write = NULL;
    bufferevent_event_cb on_event = NULL;

    bufferevent_getcb(conn->bev, &on_read, &on_write, &on_event, NULL);
    return on_read == NULL && on_write == NULL && on_event == NULL;
}

/* Whoever has sent most of a request without an end to it. */
static void end_largest(struct conns *conns)
{
    struct conn *largest = NULL;

    for (struct conn *conn = conns->first; conn != NULL; conn = conn->next) {
        if (largest == NULL || conn->bytes > largest->bytes)
            largest = conn;
    }
    if (largest != NULL)
        conn_end(largest);
}

static void on_bytes(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
    struct conn *conn = arg;
    (void)buffer;

    if (info->n_added > 0 && conn->phase == CONN_IDLES)
        conn_enter(conn, CONN_READS); /* the next request has begun */
    conn->bytes += info->n_added;
    conn->conns->bytes += info->n_added;
    if (conn->conns->bytes > conn->conns->limits.bytes)
        end_largest(conn->conns);
}

static void conn_free(struct conn *conn)
{
    *conn->prev = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    conn->conns->count--;
    conn->conns->bytes -= conn->bytes;

    (void)evbuffer_remove_cb(bufferevent_get_input(conn->bev), on_bytes, conn);
    (void)bufferevent_decref(conn->bev); /* closes the socket */
    free(conn);
}

/* `all`: evhttp is gone, and nobody else has them. */
static void forget_those_over(struct conns *conns, bool all)
{
    struct conn *next;

    for (struct conn *conn = conns->first; conn != NULL; conn = next) {
        next = conn->next;
        if (all || is_over(conn))
            conn_free(conn);
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct conns *conns = arg;
    int64_t now_ms = clock_mono_ms();
    (void)fd, (void)what;

    forget_those_over(conns, false);
    for (struct conn *conn = conns->first; conn != NULL; conn = conn->next) {
        if (now_ms - conn->since_ms > limit_ms(&conns->limits, conn->phase))
            conn_end(conn);
    }
}

bool conns_init(struct conns *conns, struct event_base *base, const struct conns_limits *limits)
{
    int64_t look_ms = limits->request_ms / LOOKS_MAX;
    struct timeval often = {.tv_usec = (look_ms < LOOK_MS_MAX ? look_ms : LOOK_MS_MAX) * 1000 - 1};

    *conns = (struct conns){.base = base, .limits = *limits};
    conns->sweep = event_new(base, -1, EV_PERSIST, on_sweep, conns);
    return conns->sweep != NULL && event_add(conns->sweep, &often) == 0;
}

void conns_fini(struct conns *conns)
{
    if (conns->sweep != NULL)
        event_free(conns->sweep);
    conns->sweep = NULL;
    forget_those_over(conns, true);
}

struct conn *conns_find(const struct conns *conns, const struct bufferevent *bev)
{
    for (struct conn *conn = conns->first; conn != NULL; conn = conn->next) {
        if (conn->bev == bev)
            return conn;
    }
    return NULL;
}

void conn_enter(struct conn *conn, enum conn_phase phase)
{
    if (conn == NULL)
        return;
    if (phase != CONN_READS) { /* it is complete */
        conn->conns->bytes -= conn->bytes;
        conn->bytes = 0;
    }
    conn->phase = phase;

    conn->since_ms = clock_mono_ms();
}

void conn_takes(struct conn *conn, int64_t bytes)
{
    conn_enter(conn, CONN_TAKES);
    if (conn != NULL)
        conn->since_ms += bytes / CONN_SLOWEST_BYTES_MS;
}

/* The one that has kept us waiting for longest goes; whoever is being answered stays. */
static void make_room(struct conns *conns)
{
    struct conn *longest = NULL;

    forget_those_over(conns, false);
    if (conns->count < conns->limits.count)
        return;
    for (struct conn *conn = conns->first; conn != NULL; conn = conn->next) {
        if (conn->phase != CONN_ASKS && (longest == NULL || conn->since_ms < longest->since_ms))
            longest = conn;
    }
    if (longest == NULL)
        return;
    conn_end(longest);
    longest->since_ms = INT64_MAX; /* it is on its way out */
}

/* --- one ------------------------------------------------------------------------------------ */

static void conn_link(struct conns *conns, struct conn *conn)
{
    conn->conns = conns;
    conn->next = conns->first;
    conn->prev = &conns->first;
    if (conn->next != NULL)
        conn->next->prev = &conn->next;
    conns->first = conn;
    conns->count++;
}

struct bufferevent *conns_accept(struct event_base *base, void *arg)
{
    struct conns *conns = arg;
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        return NULL;
    conn->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (conn->bev == NULL ||
        evbuffer_add_cb(bufferevent_get_input(conn->bev), on_bytes, conn) == NULL) {
        if (conn->bev != NULL)
            bufferevent_free(conn->bev);
        free(conn);
        return NULL;
    }
    bufferevent_incref(conn->bev);
    if (conns->count >= conns->limits.count)
        make_room(conns);
    conn_link(conns, conn);
    conn_enter(conn, CONN_READS);
    return conn->bev;
}
