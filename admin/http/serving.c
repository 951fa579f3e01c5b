/*
 * serving: one request, from its last byte to the answer.
 */
#include "admin/http/serving.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "admin/http/response.h"
#include "base/clock.h"
#include "base/log.h"

/* Who waits for an errand: the request, unless its connection has ended meanwhile. */
static const char *header(struct evhttp_request *http, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(http), name);
}

static struct conn *conn_of(struct server *server, struct evhttp_request *http)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(http);

    if (connection == NULL)
        return NULL;
    return conns_find(&server->conns, evhttp_connection_get_bufferevent(connection));
}

static void on_taken(struct evhttp_request *http, void *arg)
{
    conn_enter(conn_of(arg, http), CONN_IDLES);
}

/* --- the way back --------------------------------------------------------------------------- */

static void on_gone(struct evhttp_connection *connection, void *arg)
{
    struct errand *errand = arg;
    (void)connection;

    errand->asker = NULL;
}

static void log_answer(const struct errand *errand)
{
    const struct api_request *request = &errand->request;
    int status = errand->answer.status != 0 ? errand->answer.status : 200;

    if (request->method == API_POST)
        LOG(LOG_INFO, "order", LOG_S("path", errand->path), LOG_I("status", status),
            LOG_S("who", request->who), LOG_S("from", errand->where));
    else
        LOG(LOG_DEBUG, "request", LOG_S("path", errand->path), LOG_I("status", status),
            LOG_I("took_ms", clock_mono_ms() - errand->begun_ms));
}

static void send_errand(struct server *server, struct errand *errand)
{
    struct evhttp_request *http = errand->asker;

    log_answer(errand);
    if (http != NULL) {
        evhttp_connection_set_closecb(evhttp_request_get_connection(http), NULL, NULL);
        FILE *file = errand->answer.file;
        conn_takes(conn_of(server, http), file != NULL ? ftello(file) : 0);
        response_answer(http, &errand->answer);
    }
    errand_free(errand);
}

void serving_collect(struct server *server)
{
    struct errand *errand = desk_finished(server->desk);

    while (errand != NULL) {
        struct errand *next = errand->next;
        send_errand(server, errand);
        errand = next;
    }
}

/* --- the way there -------------------------------------------------------------------------- */

static void refuse(struct server *server, struct evhttp_request *http, int status,
                   const char *error, const char *hint)
{
    conn_enter(conn_of(server, http), CONN_TAKES);
    if (status == 401)
        response_header(http, "WWW-Authenticate", "Bearer realm=\"navvy\"");
    if (status == 503)
        response_header(http, "Retry-After", "1");
    response_error(http, status, error, hint);
}

static bool admit(struct server *server, struct evhttp_request *http, struct errand *errand)
{
    const struct api_row *row = errand->row;
    struct access_ask ask = {
        .host = header(http, "Host"),
        .authorization = header(http, "Authorization"),
        .content_type = header(http, "Content-Type"),
        .marker = header(http, "X-Navvy"),
        .changes = row->method == API_POST,
        .body = row->body,
    };
    struct access_verdict verdict = access_judge(&server->rules, &ask, row->access);

    if (verdict.status == 0) {
        errand->request.role = verdict.role;
        errand->request.who = verdict.who;
        return true;
    }
    LOG_SPARSE(LOG_WARN, "refused", LOG_S("why", verdict.error), LOG_S("from", errand->where));
    refuse(server, http, verdict.status, verdict.error, verdict.hint);
    return false;
}

static void note_where(struct evhttp_request *http, struct errand *errand)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    char *address = NULL;
    ev_uint16_t port = 0;

    if (connection != NULL)
        evhttp_connection_get_peer(connection, &address, &port);
    (void)snprintf(errand->where, sizeof errand->where, "%s",
                   address != NULL && address[0] != 0 ? address : "local");
    errand->request.where = errand->where;
}

static bool take_body(struct server *server, struct evhttp_request *http, struct errand *errand)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(http);
    size_t len = evbuffer_get_length(input);
    bool lines = errand->row->body == API_BODY_LINES;

    if (len > (size_t)(lines ? API_LINES_BYTES_MAX : API_JSON_BYTES_MAX)) {
        refuse(server, http, 413, "the body is too large", "send it in parts");
        return false;
    }
    if (len > 0)
        buf_append(&errand->bytes, evbuffer_pullup(input, -1), len);
    if (!errand->bytes.failed)
        return true;
    refuse(server, http, 503, "no memory for the request", NULL);
    return false;
}

static bool fill_errand(struct server *server, struct evhttp_request *http, struct errand *errand,
                        const char *query)
{
    struct api_request *request = &errand->request;

    errand->begun_ms = clock_mono_ms();
    request->host = server->host;
    request->path = errand->path;
    request->method = errand->row->method;
    for (size_t i = 0; i < API_PARAMS_MAX; i++)
        request->param[i] = errand->room[i][0] != 0 ? errand->room[i] : NULL;
    note_where(http, errand);
    if (!admit(server, http, errand))
        return false;
    if (!errand_query(errand, query)) {
        refuse(server, http, 400, "the query is not readable",
               "it has at most 16 fields, percent-encoded, without %00");
        return false;
    }
    return take_body(server, http, errand);
}

/* To the desk, if it is one that may be asked. */
static void send_to_desk(struct server *server, struct evhttp_request *http, struct errand *errand,
                         const char *query)
{
    if (!fill_errand(server, http, errand, query)) {
        errand_free(errand);
        return;
    }
    errand->asker = http;
    if (!desk_put(server->desk, errand)) {
        errand_free(errand);
        refuse(server, http, 503, "too many requests are waiting for Redis", "try again");
        return;
    }
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), on_gone, errand);
}

static void refuse_path(struct server *server, struct evhttp_request *http, unsigned allowed)
{
    if (allowed == 0) {
        refuse(server, http, 404, "there is no such path", "docs/api.md names those there are");
        return;
    }
    response_header(http, "Allow", allowed & (1u << API_GET) ? "GET, HEAD" : "POST");
    refuse(server, http, 405, "this path does not take that method", NULL);
}

static void ask_api(struct server *server, struct evhttp_request *http, enum api_method method,
                    const char *query, const char *path)
{
    struct errand *errand = errand_new();
    unsigned allowed = 0;

    if (errand == NULL) {
        refuse(server, http, 503, "no memory for the request", NULL);
        return;
    }
    (void)snprintf(errand->path, sizeof errand->path, "%s", path);
    errand->row = api_find(method, path, errand->room, &allowed);
    if (errand->row != NULL) {
        send_to_desk(server, http, errand, query);
        return;
    }
    errand_free(errand);
    refuse_path(server, http, allowed);
}

static bool method_of(struct evhttp_request *http, enum api_method *method)
{
    enum evhttp_cmd_type command = evhttp_request_get_command(http);

    *method = command == EVHTTP_REQ_POST ? API_POST : API_GET;
    return command == EVHTTP_REQ_POST || command == EVHTTP_REQ_GET || command == EVHTTP_REQ_HEAD;
}

/* The path of what was asked for, and its query behind the ?. False: neither. */
static bool split(const char *target, char path[ERRAND_PATH_MAX], const char **query)
{
    size_t len = target != NULL ? strcspn(target, "?#") : 0;

    if (target == NULL || target[0] != '/' || len >= ERRAND_PATH_MAX)
        return false;
    memcpy(path, target, len);
    path[len] = 0;
    *query = target[len] == '?' ? target + len + 1 : "";
    return true;
}

void serving_ask(struct evhttp_request *http, void *arg)
{
    struct server *server = arg;
    char path[ERRAND_PATH_MAX];
    const char *query = "";
    enum api_method method;

    conn_enter(conn_of(server, http), CONN_ASKS);
    evhttp_request_set_on_complete_cb(http, on_taken, server);
    if (!split(evhttp_request_get_uri(http), path, &query)) {
        refuse(server, http, 400, "the path is not readable", NULL);
    } else if (!method_of(http, &method)) {
        response_header(http, "Allow", "GET, HEAD, POST");
        refuse(server, http, 405, "this method is not served", NULL);
    } else if (method == API_POST ||
               (!health_answer(server, http, path) && !page_answer(http, path))) {
        ask_api(server, http, method, query, path);
    }
}
