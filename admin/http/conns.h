/*
 * conns: the connections of the server: how many there are, and how long each has been up to
 * something. evhttp has a time limit for silence only; who sends a byte every second could stay for
 * ever. Here a request has a time in which it must be complete, and an answer one in which it must
 * be taken. When all places are taken the one that has been waited for longest makes room. One
 * thread, the loop's.
 */
#ifndef ADMIN_HTTP_CONNS_H
#define ADMIN_HTTP_CONNS_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { CONN_SLOWEST_BYTES_MS = 64 }; /* a large answer may be taken as slowly as this */

struct conns_limits {
    size_t count;
    int64_t request_ms; /* from its first byte, or from connecting, to its last */
    int64_t idle_ms;    /* between requests */
    int64_t answer_ms;  /* to take an answer */
    size_t bytes;       /* of all requests that are not complete, together */
};

/* A browser keeps 6 connections, Prometheus one that it uses every 15 to 60 s. */
#define CONNS_LIMITS                                                                               \
    {                                                                                              \
        .count = 128, .request_ms = 10000, .idle_ms = 75000, .answer_ms = 60000,                   \
        .bytes = 32 * 1024 * 1024                                                                  \
    }

enum conn_phase {
    CONN_READS, /* a request is not complete */
    CONN_ASKS,  /* it is, and not answered: that has limits of its own */
    CONN_TAKES, /* an answer is on its way */
    CONN_IDLES, /* nothing since */
};

struct conn {
    struct conns *conns;
    struct bufferevent *bev; /* evhttp's; we have a hold on it, so that we see when it lets go */
    enum conn_phase phase;
    int64_t since_ms;
    size_t bytes; /* come for the request under way */
    struct conn *next, **prev;
};

struct conns {
    struct event_base *base;
    struct conns_limits limits;
    struct event *sweep;
    struct conn *first;
    size_t count;
    size_t bytes;     /* of all of them */
    uint64_t evicted; /* since the start: made room, or were too slow */
};

/* False: no memory. The caller's storage. */
bool conns_init(struct conns *conns, struct event_base *base,
                const struct conns_limits *limits) MUST_CHECK;
/* After evhttp_free(), before the event base is freed. */
void conns_fini(struct conns *conns);

/* A connection was accepted: for evhttp_set_bevcb(), with the conns as arg. NULL: no memory. */
struct bufferevent *conns_accept(struct event_base *base, void *conns);

/* Whose bufferevent is it? NULL: none of ours. */
struct conn *conns_find(const struct conns *conns, const struct bufferevent *bev);

void conn_enter(struct conn *conn, enum conn_phase phase); /* NULL is allowed */

/* An answer of so many bytes is on its way: the time for it grows. NULL is allowed. */
void conn_takes(struct conn *conn, int64_t bytes);

#endif
