/*
 * http_server: an HTTP server that does as a test tells it, right or wrong: on a port of its own on
 * the loopback, a thread for each connection. What goes wrong in it ends the connection.
 *
 * Request n gets the nth of the acts, and the last one for ever.
 */
#ifndef SUPPORT_HTTP_SERVER_H
#define SUPPORT_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_then {
    HTTP_KEEP,          /* wait for the next request */
    HTTP_CLOSE,         /* orderly */
    HTTP_RESET,         /* a RST, as of a process that died */
    HTTP_HANG,          /* say nothing more, for ever */
    HTTP_FLOOD,         /* 1 GB more */
    HTTP_FLOOD_HEADERS, /* 1 GB of header lines */
    HTTP_DRIP,          /* a byte, and another, for ever */
};

struct http_act {
    const char *say; /* sent as it is; NULL: nothing */
    enum http_then then;
    bool unread; /* at once when the connection is there, without reading the request */
};

enum { HTTP_URL_MAX = 128 };

struct http_server;

/* `acts` stays as long as the server. */
struct http_server *http_server_start(const struct http_act *acts, size_t count);
/* With TLS; the file has a certificate and its key (PEM). */
struct http_server *http_server_start_tls(const struct http_act *acts, size_t count,
                                          const char *pem);
void http_server_stop(struct http_server *server);

/* http://127.0.0.1:PORT and the path; returns `out`. */
const char *http_server_url(const struct http_server *server, const char *path,
                            char out[HTTP_URL_MAX]);
int http_server_port(const struct http_server *server);

/* So far: */
size_t http_server_requests(struct http_server *server); /* read whole, or acted upon unread */
size_t http_server_connections(struct http_server *server);
uint64_t http_server_sent_bytes(struct http_server *server);
/* The last request, head and body; yours. NULL: there was none. */
char *http_server_last(struct http_server *server);
/* The bodies of all requests, a line each if they have no line feed; yours. */
char *http_server_bodies(struct http_server *server);

#define HTTP_ANSWER(status, headers, body)                                                         \
    "HTTP/1.1 " status "\r\n" headers "Connection: close\r\n\r\n" body
#define HTTP_EMPTY(status, headers) "HTTP/1.1 " status "\r\n" headers "Content-Length: 0\r\n\r\n"

#endif
