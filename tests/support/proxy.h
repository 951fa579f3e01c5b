/*
 * proxy: stands between a worker and its Redis, understands what they say, and breaks it where a
 * test wants it broken. A thread of the test; listens on a unix socket, or on a loopback port.
 *
 *   struct proxy *proxy = proxy_start(server);
 *   proxy_break(proxy, "take", 1, PROXY_CUT_REPLY);
 *   ... run a worker on proxy_url(proxy) ...
 *   EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
 */
#ifndef SUPPORT_PROXY_H
#define SUPPORT_PROXY_H

#include <stdbool.h>

#include "tests/support/redis_server.h"

enum proxy_fault {
    PROXY_WHOLE,        /* breaks nothing */
    PROXY_CUT_REQUEST,  /* the connection ends before the command reaches Redis */
    PROXY_CUT_REPLY,    /* Redis has executed it; the connection ends before the reply arrives */
    PROXY_RESET,        /* as CUT_REQUEST, by an RST; needs a port */
    PROXY_BLACKHOLE,    /* from this command on nothing gets through, and nobody is told */
    PROXY_TRICKLE,      /* from its reply on, byte by byte; a unix socket's are read one by one */
    PROXY_HOLD_REQUEST, /* the command waits for proxy_release() before it reaches Redis */
    PROXY_HOLD_REPLY,   /* Redis has executed it; the reply waits for proxy_release() */
    PROXY_CUT_INSIDE,   /* the connection ends in the middle of its reply */
};

struct proxy;

struct proxy *proxy_start(const struct redis_server *server);
struct proxy *proxy_start_with_port(const struct redis_server *server);
void proxy_free(struct proxy *proxy); /* NULL is allowed; ends all its connections */
const char *proxy_url(const struct proxy *proxy);

/* The nth time (1: the next) that `call`, a command or a script's name, passes on any connection;
 * "*" is any call. */
void proxy_break(struct proxy *proxy, const char *call, int nth, enum proxy_fault fault);
bool proxy_broke(struct proxy *proxy);   /* it has happened */
void proxy_release(struct proxy *proxy); /* what is held goes on, on all connections */
int proxy_calls(struct proxy *proxy);    /* of the one named last, since then */

/* Of all connections at once, these and new ones. */
void proxy_cut(struct proxy *proxy);       /* every connection ends now */
void proxy_partition(struct proxy *proxy); /* nothing gets through until proxy_release() */

#endif
