#include "admin/http/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/http/door.h"
#include "admin/http/serving.h"
#include "base/log.h"

enum { STOP_DESK_MS = 1000, DOOR_NAME_MAX = 256 };

/* --- the address ---------------------------------------------------------------------------- */

/* Said once: whoever is there may stay for long. */
static void complain(struct server *server, int error)
{
    if (server->complained)
        return;
    server->complained = true;
    LOG(LOG_ERROR, "listen", LOG_S("address", server->config->admin_listen),
        LOG_S("err", strerror(error)),
        LOG_S("do", "trying again every 10 s, and jobs go on; see admin.listen"));
}

static void open_door(struct server *server)
{
    const struct timeval later = {.tv_sec = SERVER_RETRY_MS / 1000};
    char name[DOOR_NAME_MAX];

    if (server->door != NULL || server->at.kind == LISTEN_OFF)
        return;
    server->door = door_open(server->base, &server->at);
    server->bound = server->door != NULL ? evhttp_bind_listener(server->http, server->door) : NULL;
    if (server->bound == NULL) {
        complain(server, errno);
        if (server->door != NULL)
            evconnlistener_free(server->door);
        server->door = NULL;
        (void)event_add(server->retry, &later);
        return;
    }
    server->complained = false;
    door_name(server->door, &server->at, name, sizeof name);
    LOG(LOG_INFO, "listen", LOG_S("address", name));
}

/* Whoever is connected stays. */
static void close_door(struct server *server)
{
    (void)event_del(server->retry);
    if (server->bound != NULL)
        evhttp_del_accept_socket(server->http, server->bound);
    if (server->door != NULL && server->at.kind == LISTEN_UNIX)
        door_remove(&server->at);
    server->bound = NULL;
    server->door = NULL;
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    open_door(arg);
}

static void on_finished(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    serving_collect(arg);
}

/* --- the configuration ---------------------------------------------------------------------- */

static bool read_rules(const struct config *config, struct listen_at *at,
                       struct access_rules *rules, struct buf *errors)
{
    char error[LISTEN_ERROR_MAX];

    if (!listen_parse(config->admin_listen, at, error)) {
        buf_printf(errors, "admin.listen: %s\n", error);
        return false;
    }
    return at->kind == LISTEN_OFF || access_load(config, at, rules, errors);
}

bool server_check(const struct config *config, struct buf *errors)
{
    struct listen_at at;
    struct access_rules rules;

    return read_rules(config, &at, &rules, errors);
}

bool server_is_fine(const struct config *config)
{
    struct buf errors = {0};
    bool fine = server_check(config, &errors);

    if (!fine)
        fputs(errors.len > 0 ? errors.data : "navvy: no memory\n", stderr);
    buf_free(&errors);
    return fine;
}

static void log_faults(struct buf *errors)
{
    char *rest = errors->data;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line != 0)
            LOG(LOG_ERROR, "admin", LOG_S("err", line), LOG_S("do", "what was in force stays"));
    }
}

/* The same address, so that its door may stay open? */
static bool same_place(const struct listen_at *left, const struct listen_at *right)
{
    return left->kind == right->kind && left->port == right->port &&
           strcmp(left->host, right->host) == 0 && strcmp(left->path, right->path) == 0;
}

/* What is in force from now on; `config` is the desk's already. */
static void apply(struct server *server, const struct config *config, const struct listen_at *at,
                  const struct access_rules *rules)
{
    if (!same_place(&server->at, at))
        close_door(server);
    server->at = *at;
    server->rules = *rules; /* borrows from the configuration */
    server->config = config;
    open_door(server);
}

void server_reload(struct server *server, struct config *config)
{
    struct buf errors = {0};
    struct access_rules rules = {.hosts = NULL};
    struct listen_at at;

    if (!read_rules(config, &at, &rules, &errors)) {
        log_faults(&errors);
        config_free(config);
    } else if (desk_config(server->desk, config)) {
        apply(server, config, &at, &rules);
    }
    buf_free(&errors);
}

/* --- life ----------------------------------------------------------------------------------- */

static bool make_events(struct server *server)
{
    server->retry = evtimer_new(server->base, on_retry, server);
    server->finished =
        event_new(server->base, desk_fd(server->desk), EV_READ | EV_PERSIST, on_finished, server);
    return server->retry != NULL && server->finished != NULL &&
           event_add(server->finished, NULL) == 0;
}

/* Every method comes through: what it may not do is answered in words of our own. */
static bool make_http(struct server *server)
{
    static const struct conns_limits limits = CONNS_LIMITS;
    struct evhttp *http = server->http = evhttp_new(server->base);

    if (http == NULL || !conns_init(&server->conns, server->base, &limits))
        return false;
    evhttp_set_bevcb(http, conns_accept, &server->conns);
    evhttp_set_gencb(http, serving_ask, server);
    evhttp_set_max_headers_size(http, SERVER_HEADER_BYTES_MAX);
    evhttp_set_max_body_size(http, API_LINES_BYTES_MAX);
    evhttp_set_timeout(http, (int)(limits.idle_ms / 1000) + 1);
    evhttp_set_default_content_type(http, NULL);
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                         EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
                                         EVHTTP_REQ_PATCH);
    return true;
}

static bool make_all(struct server *server, struct config *config)
{
    struct buf errors = {0};
    struct access_rules rules = {.hosts = NULL};
    struct listen_at at;

    server->desk = desk_new(config);
    bool made = server->desk != NULL && make_http(server) && make_events(server) &&
                read_rules(config, &at, &rules, &errors);
    if (made)
        apply(server, config, &at, &rules);
    log_faults(&errors);
    buf_free(&errors);
    return made;
}

struct server *server_new(struct event_base *base, struct config *config,
                          const struct api_host *host)
{
    struct server *server = calloc(1, sizeof *server);

    if (server == NULL) {
        config_free(config);
        return NULL;
    }
    server->base = base;
    server->host = host;
    if (make_all(server, config))
        return server;
    LOG(LOG_ERROR, "admin",
        LOG_S("err", "no memory or threads, or a configuration that is not fine"));
    (void)!server_free(server);
    return NULL;
}

bool server_free(struct server *server)
{
    if (server == NULL)
        return true;
    if (server->retry != NULL)
        close_door(server);
    if (!desk_free(server->desk, STOP_DESK_MS))
        return false;
    if (server->finished != NULL)
        event_free(server->finished);
    if (server->retry != NULL)
        event_free(server->retry);
    if (server->http != NULL)
        evhttp_free(server->http);
    conns_fini(&server->conns);
    free(server);
    return true;
}
