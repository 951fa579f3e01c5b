#include "tests/support/proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/folder.h"
#include "tests/support/resp.h"
#include "tests/support/test.h"

enum { PAIRS_MAX = 64, READ_BYTES = 65536 };

/* One client's connection and the one to Redis that belongs to it. */
struct pair {
    int client, server; /* -1: free */
    struct buf requests, replies;
    size_t asked, answered; /* commands forwarded, replies passed on */
    size_t cut_reply;       /* the reply of this command is not passed on; 0: none */
    bool blackhole, trickle;
};

struct proxy {
    struct folder folder;
    char path[FOLDER_FILE_MAX], url[REDIS_URL_MAX], server_path[ENDPOINT_TEXT_MAX];
    int listener, stop[2];
    pthread_t thread;
    struct pair pair[PAIRS_MAX];

    pthread_mutex_t lock; /* what follows is shared with the test */
    char call[32];
    int nth, calls;
    enum proxy_fault fault;
    bool broke;
};

static int unix_socket(const char *path, int (*use)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd >= 0 && use(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void pair_end(struct pair *pair)
{
    if (pair->client >= 0)
        (void)close(pair->client);
    if (pair->server >= 0)
        (void)close(pair->server);
    buf_free(&pair->requests);
    buf_free(&pair->replies);
    *pair = (struct pair){.client = -1, .server = -1};
}

static void pair_begin(struct proxy *proxy)
{
    int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    for (size_t i = 0; i < PAIRS_MAX && client >= 0; i++) {
        struct pair *pair = &proxy->pair[i];
        if (pair->client >= 0)
            continue;
        pair->client = client;
        pair->server = unix_socket(proxy->server_path, connect);
        if (pair->server < 0)
            pair_end(pair);
        return;
    }
    if (client >= 0)
        (void)close(client);
}

/* What is to be done to this command; counts it. */
static enum proxy_fault judge(struct proxy *proxy, struct slice command)
{
    enum proxy_fault fault = PROXY_WHOLE;

    (void)pthread_mutex_lock(&proxy->lock);
    if (slice_equal(resp_call(command), slice_of(proxy->call)) && ++proxy->calls == proxy->nth) {
        fault = proxy->fault;
        proxy->broke = fault != PROXY_CUT_REPLY; /* that one has yet to be answered */
    }
    (void)pthread_mutex_unlock(&proxy->lock);
    return fault;
}

static void mark_broke(struct proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
    proxy->broke = true;
    (void)pthread_mutex_unlock(&proxy->lock);
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void buf_drop(struct buf *buf, size_t len)
{
    memmove(buf->data, buf->data + len, buf->len - len);
    buf->len -= len;
}

/* False: the connection is to end. */
static bool pass_command(struct proxy *proxy, struct pair *pair, struct slice command)
{
    switch (judge(proxy, command)) {
    case PROXY_CUT_REQUEST:
        return false;
    case PROXY_CUT_REPLY:
        pair->cut_reply = pair->asked + 1;
        break;
    case PROXY_BLACKHOLE:
        pair->blackhole = true;
        return true;
    case PROXY_TRICKLE:
        pair->trickle = true;
        break;
    case PROXY_WHOLE:
        break;
    }
    pair->asked++;
    return send_all(pair->server, command.ptr, command.len);
}

static bool pass_reply(struct proxy *proxy, struct pair *pair, struct slice reply)
{
    if (++pair->answered == pair->cut_reply) {
        mark_broke(proxy);
        return false;
    }
    size_t step = pair->trickle ? 1 : reply.len;
    for (size_t at = 0; at < reply.len; at += step) {
        if (!send_all(pair->client, reply.ptr + at, step))
            return false;
    }
    return true;
}

/* Reads what there is and passes on each whole message. */
static bool pump(struct proxy *proxy, struct pair *pair, int from, struct buf *stream,
                 bool (*pass)(struct proxy *, struct pair *, struct slice))
{
    char bytes[READ_BYTES];
    ssize_t got = read(from, bytes, sizeof bytes);
    size_t len, at = 0;

    if (got <= 0)
        return false;
    buf_append(stream, bytes, (size_t)got);
    while (!pair->blackhole &&
           (len = resp_len((struct slice){stream->data + at, stream->len - at})) > 0) {
        if (!pass(proxy, pair, (struct slice){stream->data + at, len}))
            return false;
        at += len;
    }
    buf_drop(stream, at);
    return true;
}

static void serve(struct proxy *proxy, struct pair *pair, const struct pollfd *fds)
{
    bool goes_on = true;
    if (fds[0].revents != 0)
        goes_on = pump(proxy, pair, pair->client, &pair->requests, pass_command);
    if (goes_on && fds[1].revents != 0)
        goes_on = pump(proxy, pair, pair->server, &pair->replies, pass_reply);
    if (!goes_on)
        pair_end(pair);
}

static void *proxy_main(void *arg)
{
    struct proxy *proxy = arg;
    struct pollfd fds[2 + 2 * PAIRS_MAX];

    for (;;) {
        fds[0] = (struct pollfd){.fd = proxy->stop[0], .events = POLLIN};
        fds[1] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            const struct pair *pair = &proxy->pair[i];
            fds[2 + 2 * i] = (struct pollfd){.fd = pair->client, .events = POLLIN};
            fds[3 + 2 * i] = (struct pollfd){.fd = pair->server, .events = POLLIN};
        }
        if (poll(fds, ARRAY_COUNT(fds), -1) < 0 && errno != EINTR)
            return NULL;
        if (fds[0].revents != 0)
            return NULL;
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            if (proxy->pair[i].client >= 0)
                serve(proxy, &proxy->pair[i], &fds[2 + 2 * i]);
        }
        if (fds[1].revents != 0)
            pair_begin(proxy);
    }
}

static int listen_at(int fd, const struct sockaddr *address, socklen_t len)
{
    return bind(fd, address, len) == 0 ? listen(fd, PAIRS_MAX) : -1;
}

struct proxy *proxy_start(const struct redis_server *server)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));

    assert_non_null(proxy);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        proxy->pair[i] = (struct pair){.client = -1, .server = -1};
    folder_init(&proxy->folder);
    (void)snprintf(proxy->url, sizeof proxy->url, "unix://%s",
                   folder_file(&proxy->folder, "proxy.sock", proxy->path));
    (void)snprintf(proxy->server_path, sizeof proxy->server_path, "%s", server->endpoint.path);
    proxy->listener = unix_socket(proxy->path, listen_at);
    assert_true(proxy->listener >= 0);
    assert_int_equal(pipe(proxy->stop), 0);
    assert_int_equal(pthread_mutex_init(&proxy->lock, NULL), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, proxy_main, proxy), 0);
    return proxy;
}

void proxy_free(struct proxy *proxy)
{
    if (proxy == NULL)
        return;
    CHECK(write(proxy->stop[1], "", 1) == 1);
    CHECK(pthread_join(proxy->thread, NULL) == 0);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        pair_end(&proxy->pair[i]);
    (void)close(proxy->listener);
    (void)close(proxy->stop[0]);
    (void)close(proxy->stop[1]);
    (void)pthread_mutex_destroy(&proxy->lock);
    folder_fini(&proxy->folder);
    free(proxy);
}

const char *proxy_url(const struct proxy *proxy)
{
    return proxy->url;
}

void proxy_break(struct proxy *proxy, const char *call, int nth, enum proxy_fault fault)
{
    (void)pthread_mutex_lock(&proxy->lock);
    (void)snprintf(proxy->call, sizeof proxy->call, "%s", call);
    proxy->nth = nth;
    proxy->calls = 0;
    proxy->fault = fault;
    proxy->broke = false;
    (void)pthread_mutex_unlock(&proxy->lock);
}

bool proxy_broke(struct proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
    bool broke = proxy->broke;
    (void)pthread_mutex_unlock(&proxy->lock);
    return broke;
}

int proxy_calls(struct proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
    int calls = proxy->calls;
    (void)pthread_mutex_unlock(&proxy->lock);
    return calls;
}
