/*
 * server: the operators' view: one address, one loop thread with evhttp, a desk behind it.
 *
 * The loop parses, checks access and sizes, answers what needs no Redis (health, the page), and
 * hands everything else to the desk. It never waits.
 */
#ifndef ADMIN_HTTP_SERVER_H
#define ADMIN_HTTP_SERVER_H

#include <event2/event.h>
#include <stdbool.h>

#include "admin/api/api.h"
#include "config/config.h"

enum {
    SERVER_HEADER_BYTES_MAX = 16 * 1024, /* request line and headers */
    SERVER_RETRY_MS = 10000,             /* an address that is in use is tried again after it */
};

struct server;

/*
 * What makes a configuration one that a server cannot begin with: a line each to `errors`. Reads
 * the files of the tokens.
 */
bool server_check(const struct config *config, struct buf *errors) MUST_CHECK;

/* The same with the words on stderr, for a verb that would begin. */
bool server_is_fine(const struct config *config) MUST_CHECK;

/*
 * Takes `config`, which server_check() has found fine. `host` is borrowed. An address that is in
 * use is logged and tried again; everything else that is wrong with it, too. NULL: no memory or
 * threads, said.
 */
struct server *server_new(struct event_base *base, struct config *config,
                          const struct api_host *host) MUST_CHECK;

/* Takes `config`: another address, other tokens. A bad one is logged and changes nothing. */
void server_reload(struct server *server, struct config *config);

/* False: a desk thread is still at work; the process can only end. */
bool server_free(struct server *server) MUST_CHECK;

#endif
