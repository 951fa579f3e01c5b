#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"

enum { CONNECTIONS_MAX = 256, REQUEST_MAX = 1024 * 1024, FLOOD_BYTES = 1000 * 1000 * 1000 };

struct connection {
    struct http_server *server;
    pthread_t thread;
    int fd;
    SSL *tls; /* NULL: none */
    char *request;
    size_t len;
};

struct http_server {
    const struct http_act *acts;
    size_t act_count;
    SSL_CTX *tls; /* NULL: none */
    int listen_fd, stop_fd, port;
    pthread_t thread;
    struct connection connections[CONNECTIONS_MAX];
    _Atomic size_t connection_count, request_count;
    _Atomic uint64_t sent_bytes;
    pthread_mutex_t mutex; /* of the next two */
    char *last;
    struct buf bodies;
};

/* False: the server stops, or nobody speaks for a time. */
static bool wait_readable(const struct http_server *server, int fd, int limit_ms)
{
    struct pollfd fds[] = {{.fd = server->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    return poll(fds, 2, limit_ms) > 0 && fds[0].revents == 0;
}

static ssize_t connection_read(struct connection *connection, char *to, size_t room)
{
    if (connection->tls != NULL && SSL_pending(connection->tls) > 0)
        return SSL_read(connection->tls, to, (int)room);
    if (!wait_readable(connection->server, connection->fd, -1))
        return 0;
    return connection->tls != NULL ? SSL_read(connection->tls, to, (int)room)
                                   : read(connection->fd, to, room);
}

static bool say(struct connection *connection, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = connection->tls != NULL ? SSL_write(connection->tls, bytes, (int)len)
                                               : send(connection->fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        atomic_fetch_add(&connection->server->sent_bytes, (uint64_t)sent);
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* Of the request in the buffer, 0: its head is not there yet. */
static size_t request_length(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");

    if (end == NULL)
        return 0;
    size_t head = (size_t)(end + 4 - text);
    return length != NULL && length < end ? head + strtoul(length + 17, NULL, 10) : head;
}

static void remember(struct http_server *server, const char *request)
{
    pthread_mutex_lock(&server->mutex);
    free(server->last);
    server->last = strdup(request);
    buf_append_str(&server->bodies, strstr(request, "\r\n\r\n") + 4);
    buf_append_str(&server->bodies, "\n");
    pthread_mutex_unlock(&server->mutex);
}

static bool read_request(struct connection *connection)
{
    size_t wanted = 0;

    connection->len = 0;
    while (wanted == 0 || connection->len < wanted) {
        ssize_t got = connection_read(connection, connection->request + connection->len,
                                      REQUEST_MAX - 1 - connection->len);
        if (got <= 0)
            return false;
        connection->len += (size_t)got;
        connection->request[connection->len] = '\0';
        wanted = request_length(connection->request);
    }
    remember(connection->server, connection->request);
    return true;
}

/* Until the client or the server has enough. */
static void flood(struct connection *connection, const char *line)
{
    char block[16 * 1024];
    size_t len = strlen(line), full = sizeof block / len * len;

    for (size_t at = 0; at < full; at += len)
        memcpy(block + at, line, len);
    for (size_t sent = 0; sent < FLOOD_BYTES && say(connection, block, full);)
        sent += full;
}

static void drip(struct connection *connection)
{
    struct pollfd stop = {.fd = connection->server->stop_fd, .events = POLLIN};

    while (poll(&stop, 1, 1) == 0 && say(connection, "x", 1)) {
    }
}

/* True: the connection goes on. */
static bool perform(struct connection *connection, const struct http_act *act)
{
    struct linger now = {.l_onoff = 1};

    if (act->say != NULL && !say(connection, act->say, strlen(act->say)))
        return false;
    switch (act->then) {
    case HTTP_KEEP:
        return true;
    case HTTP_RESET:
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return false;
    case HTTP_HANG: /* what the client sends meanwhile is its goodbye */
        (void)wait_readable(connection->server, connection->fd, -1);
        return false;
    case HTTP_FLOOD:
        flood(connection, "x");
        return false;
    case HTTP_FLOOD_HEADERS:
        flood(connection, "X-More: of the same\r\n");
        return false;
    case HTTP_DRIP:
        drip(connection);
        return false;
    case HTTP_CLOSE:
        return false;
    }
    return false;
}

static const struct http_act *nth_act(const struct http_server *server, size_t n)
{
    return &server->acts[n < server->act_count ? n : server->act_count - 1];
}

static void converse(struct connection *connection)
{
    struct http_server *server = connection->server;
    bool goes_on = connection->tls == NULL || SSL_accept(connection->tls) == 1;

    while (goes_on) {
        bool unread = nth_act(server, atomic_load(&server->request_count))->unread;
        if (!unread && !read_request(connection))
            break;
        goes_on = perform(connection, nth_act(server, atomic_fetch_add(&server->request_count, 1)));
    }
}

static void *serve(void *arg)
{
    struct connection *connection = arg;

    connection->request = calloc(1, REQUEST_MAX);
    CHECK(connection->request != NULL);
    if (connection->server->tls != NULL) {
        connection->tls = SSL_new(connection->server->tls);
        SSL_set_fd(connection->tls, connection->fd);
    }
    converse(connection);
    SSL_free(connection->tls);
    close(connection->fd);
    free(connection->request);
    return NULL;
}

static void *take_connections(void *arg)
{
    struct http_server *server = arg;
    struct timeval patience = {.tv_sec = 20};

    while (wait_readable(server, server->listen_fd, -1)) {
        size_t n = atomic_load(&server->connection_count);
        struct connection *connection = &server->connections[n];
        CHECK(n < CONNECTIONS_MAX);
        *connection = (struct connection){.server = server};
        connection->fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (connection->fd < 0)
            continue;
        setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        atomic_store(&server->connection_count, n + 1); /* before anybody is answered */
        CHECK(pthread_create(&connection->thread, NULL, serve, connection) == 0);
    }
    return NULL;
}

static void listen_on_loopback(struct http_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(server->listen_fd, (struct sockaddr *)&address, len) == 0);
    CHECK(listen(server->listen_fd, 64) == 0);
    CHECK(getsockname(server->listen_fd, (struct sockaddr *)&address, &len) == 0);
    server->port = ntohs(address.sin_port);
}

static struct http_server *start(const struct http_act *acts, size_t count, SSL_CTX *tls)
{
    struct http_server *server = calloc(1, sizeof(*server));

    CHECK(server != NULL && count > 0);
    server->acts = acts;
    server->act_count = count;
    server->tls = tls;
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    CHECK(pthread_mutex_init(&server->mutex, NULL) == 0);
    listen_on_loopback(server);
    CHECK(pthread_create(&server->thread, NULL, take_connections, server) == 0);
    return server;
}

struct http_server *http_server_start(const struct http_act *acts, size_t count)
{
    return start(acts, count, NULL);
}

struct http_server *http_server_start_tls(const struct http_act *acts, size_t count,
                                          const char *pem)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    CHECK(tls != NULL);
    CHECK(SSL_CTX_use_certificate_chain_file(tls, pem) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(tls, pem, SSL_FILETYPE_PEM) == 1);
    return start(acts, count, tls);
}

void http_server_stop(struct http_server *server)
{
    CHECK(eventfd_write(server->stop_fd, 1) == 0);
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < atomic_load(&server->connection_count); i++)
        pthread_join(server->connections[i].thread, NULL);
    close(server->listen_fd);
    close(server->stop_fd);
    SSL_CTX_free(server->tls);
    pthread_mutex_destroy(&server->mutex);
    free(server->last);
    buf_free(&server->bodies);
    free(server);
}

const char *http_server_url(const struct http_server *server, const char *path,
                            char out[HTTP_URL_MAX])
{
    (void)snprintf(out, HTTP_URL_MAX, "%s://127.0.0.1:%d%s", server->tls != NULL ? "https" : "http",
                   server->port, path);
    return out;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

size_t http_server_requests(struct http_server *server)
{
    return atomic_load(&server->request_count);
}

size_t http_server_connections(struct http_server *server)
{
    return atomic_load(&server->connection_count);
}

uint64_t http_server_sent_bytes(struct http_server *server)
{
    return atomic_load(&server->sent_bytes);
}

char *http_server_last(struct http_server *server)
{
    pthread_mutex_lock(&server->mutex);
    char *last = server->last != NULL ? strdup(server->last) : NULL;
    pthread_mutex_unlock(&server->mutex);
    return last;
}

char *http_server_bodies(struct http_server *server)
{
    pthread_mutex_lock(&server->mutex);
    char *bodies = strdup(server->bodies.data != NULL ? server->bodies.data : "");
    pthread_mutex_unlock(&server->mutex);
    return bodies;
}
