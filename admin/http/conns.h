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

enum {
    CONNS_MAX = 128,
    CONN_REQUEST_MS = 10000,    /* from its first byte, or from connecting, to its last */
    CONN_IDLE_MS = 75000,       /* between requests; longer than most scrape intervals */
    CONN_ANSWER_MS = 60000,     /* to take an answer */
    CONN_SLOWEST_BYTES_MS = 64, /* besides, a large one may be taken as slowly as this */
};

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
    struct conn *next, **prev;
};

struct conns {
    struct event_base *base;
    struct event *sweep;
    struct conn *first;
    size_t count;
    uint64_t evicted; /* since the start: made room, or were too slow */
};

/* False: no memory. The caller's storage. */
bool conns_init(struct conns *conns, struct event_base *base) MUST_CHECK;
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
