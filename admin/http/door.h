/*
 * door: where a server can be reached: a listening socket, made of a struct listen_at.
 */
#ifndef ADMIN_HTTP_DOOR_H
#define ADMIN_HTTP_DOOR_H

#include <event2/listener.h>

#include "config/listen.h"

/*
 * A listener without callback. A unix socket that nobody listens to any more is replaced; it is
 * open to its owner and group. NULL: errno says why; EADDRINUSE: somebody else is there.
 */
struct evconnlistener *door_open(struct event_base *base, const struct listen_at *at) MUST_CHECK;

/* Where it is, as one would write it in the configuration; the port that the kernel chose. */
void door_name(struct evconnlistener *door, const struct listen_at *at, char *out, size_t room);

/* A unix socket's file, when its door is closed. */
void door_remove(const struct listen_at *at);

#endif
