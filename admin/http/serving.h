/*
 * serving: the state of the server; the header that its files meet at. One thread, the loop's.
 *
 *   server.c    its address, its configuration, its life
 *   serving.c   one request: which route, who asks, the errand to the desk and back
 *   health.c    /livez, /readyz
 *   page.c      the files of the page
 */
#ifndef ADMIN_HTTP_SERVING_H
#define ADMIN_HTTP_SERVING_H

#include <event2/http.h>
#include <event2/listener.h>

#include "admin/http/access.h"
#include "admin/http/conns.h"
#include "admin/http/desk.h"
#include "admin/http/server.h"

struct server {
    struct event_base *base;
    const struct api_host *host;
    const struct config *config; /* the desk's */
    struct access_rules rules;
    struct listen_at at;
    struct evhttp *http;
    struct evconnlistener *door; /* the server of evhttp owns it; NULL: closed */
    struct evhttp_bound_socket *bound;
    struct event *retry; /* opens the door later */
    struct event *finished;
    struct desk *desk;
    struct conns conns;
    bool complained; /* that the address cannot be had */
};

/* For evhttp_set_gencb(): a whole request has come. */
void serving_ask(struct evhttp_request *http, void *server);

/* The desk has finished something. */
void serving_collect(struct server *server);

/* --- what needs no desk: false: it is none of these --------------------------------------------
 */

bool health_answer(struct server *server, struct evhttp_request *http, const char *path) MUST_CHECK;
bool page_answer(struct evhttp_request *http, const char *path) MUST_CHECK;

#endif
