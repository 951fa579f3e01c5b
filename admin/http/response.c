#include "admin/http/response.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char type_json[] = "application/json; charset=utf-8";

/*
 * What a browser must not do with what it gets. The page's script, style and pictures come from
 * here and so do its requests; nothing else is loaded, nothing is framed, nothing is guessed.
 */
static const struct {
    const char *name, *value;
} for_all[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
     "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

static const struct {
    int status;
    const char *words;
} reasons[] = {
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status)
            return reasons[i].words;
    }
    return "Status";
}

void response_header(struct evhttp_request *http, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(http);

    (void)evhttp_remove_header(headers, name);
    (void)evhttp_add_header(headers, name, value);
}

/* Behind what is there already. After a HEAD it is not sent: evhttp would, and the client take it
 * for the next answer. */
static void add_body(struct evhttp_request *http, struct slice bytes)
{
    struct evbuffer *out = evhttp_request_get_output_buffer(http);
    char length[24];

    (void)evbuffer_add(out, bytes.ptr, bytes.len);
    (void)snprintf(length, sizeof length, "%zu", evbuffer_get_length(out));
    response_header(http, "Content-Length", length);
    if (evhttp_request_get_command(http) == EVHTTP_REQ_HEAD)
        (void)evbuffer_drain(out, evbuffer_get_length(out));
}

void response_bytes(struct evhttp_request *http, int status, const char *type, const char *cache,
                    struct slice bytes)
{
    for (size_t i = 0; i < sizeof for_all / sizeof for_all[0]; i++)
        response_header(http, for_all[i].name, for_all[i].value);
    response_header(http, "Cache-Control", cache);
    if (type != NULL) {
        response_header(http, "Content-Type", type);
        add_body(http, bytes);
    }
    evhttp_send_reply(http, status, reason(status), NULL);
}

static void send_json(struct evhttp_request *http, int status, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);

    if (text != NULL)
        response_bytes(http, status, type_json, "no-store", slice_of(text));
    else
        response_bytes(http, 500, type_json, "no-store",
                       slice_of("{\"error\":\"no memory for the answer\"}"));
    free(text);
}

void response_error(struct evhttp_request *http, int status, const char *error, const char *hint)
{
    json_t *json = json_pack("{s:s,s:s*}", "error", error, "hint", hint);

    send_json(http, status, json);
    json_decref(json);
}

/* What is large is read by the kernel as it is sent; the file lives as long as it is needed. */
static void send_file(struct evhttp_request *http, int status, const char *type, FILE *file)
{
    struct evbuffer *out = evhttp_request_get_output_buffer(http);
    int fd = dup(fileno(file));
    off_t len = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;

    (void)evbuffer_set_flags(out, EVBUFFER_FLAG_DRAINS_TO_FD);
    if (len > 0 && evbuffer_add_file(out, fd, 0, len) == 0)
        fd = -1; /* evbuffer's */
    if (fd >= 0)
        (void)close(fd);
    if (len < 0 || evbuffer_get_length(out) != (size_t)len) {
        response_error(http, 500, "the answer could not be sent", NULL);
        return;
    }
    response_bytes(http, status, type, "no-store", (struct slice){"", 0});
}

void response_answer(struct evhttp_request *http, const struct api_answer *answer)
{
    int status = answer->status != 0 ? answer->status : 200;
    char seconds[16];

    if (answer->retry_s > 0) {
        (void)snprintf(seconds, sizeof seconds, "%d", answer->retry_s);
        response_header(http, "Retry-After", seconds);
    }
    if (answer->file != NULL)
        send_file(http, status, answer->type, answer->file);
    else if (answer->json != NULL)
        send_json(http, status, answer->json);
    else if (answer->text.failed)
        response_error(http, 500, "no memory for the answer", NULL);
    else
        response_bytes(http, status,
                       answer->type != NULL ? answer->type : "text/plain; charset=utf-8",
                       "no-store", (struct slice){answer->text.data, answer->text.len});
}
