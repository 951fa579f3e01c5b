#include "tests/support/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/folder.h"
#include "tests/support/resp.h"
#include "tests/support/test.h"

enum { PAIRS_MAX = 64, READ_BYTES = 65536, TRICKLE_TRIES = 200 };

/* One client's connection and the one to Redis that belongs to it. */
struct pair {
    int client, server; /* -1: free */
    struct buf requests, replies;
    size_t asked, answered;        /* commands forwarded, replies passed on */
    size_t cut_reply;              /* the reply of this command is not passed on; 0: none */
    size_t hold_reply;             /* it waits; 0: none */
    bool cut_inside;               /* half of cut_reply is passed on */
    bool request_held, reply_held; /* the front of the stream waits for proxy_release() */
    bool judged;                   /* a request that waited goes through */
    bool blackhole, trickle, reset;
};

struct proxy {
    struct folder folder;
    char path[FOLDER_FILE_MAX], url[REDIS_URL_MAX], server_path[ENDPOINT_TEXT_MAX];
    int listener;
    int orders[2]; /* a byte from the test: 'r' releases, 'c' cuts, 'p' parts, 's' stops */
    bool parted;   /* nothing gets through */
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

    CHECK(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (fd >= 0 && use(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void pair_end(struct pair *pair)
{
    const struct linger at_once = {.l_onoff = 1};
    if (pair->reset) /* the client gets an RST instead of a FIN */
        (void)setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
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
    bool meant =
        strcmp(proxy->call, "*") == 0 || slice_equal(resp_call(command), slice_of(proxy->call));
    if (meant && ++proxy->calls == proxy->nth) {
        fault = proxy->fault;
        proxy->broke = fault != PROXY_CUT_REPLY && fault != PROXY_HOLD_REPLY &&
                       fault != PROXY_CUT_INSIDE; /* not answered yet */
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
    enum proxy_fault fault = pair->judged ? PROXY_WHOLE : judge(proxy, command);

    pair->judged = false;
    switch (fault) {
    case PROXY_RESET:
        pair->reset = true;
        return false;
    case PROXY_CUT_REQUEST:
        return false;
    case PROXY_CUT_INSIDE:
        pair->cut_inside = true;
        pair->cut_reply = pair->asked + 1;
        break;
    case PROXY_CUT_REPLY:
        pair->cut_reply = pair->asked + 1;
        break;
    case PROXY_HOLD_REQUEST:
        pair->request_held = true;
        return true;
    case PROXY_HOLD_REPLY:
        pair->hold_reply = pair->asked + 1;
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

/* The other side has read all that was sent: so it reads byte by byte. Gives up after a while. */
static void wait_until_read(int fd)
{
    int unread = 0;
    for (int tries = 0; tries < TRICKLE_TRIES; tries++) {
        if (ioctl(fd, SIOCOUTQ, &unread) != 0 || unread == 0)
            return;
        poll(NULL, 0, tries < TRICKLE_TRIES / 2 ? 0 : 1);
    }
}

static bool pass_reply(struct proxy *proxy, struct pair *pair, struct slice reply)
{
    if (pair->answered + 1 == pair->hold_reply) {
        pair->reply_held = true;
        mark_broke(proxy);
        return true;
    }
    if (++pair->answered == pair->cut_reply) {
        if (pair->cut_inside)
            (void)send_all(pair->client, reply.ptr, reply.len / 2);
        mark_broke(proxy);
        return false;
    }
    size_t step = pair->trickle ? 1 : reply.len;
    for (size_t at = 0; at < reply.len; at += step) {
        if (!send_all(pair->client, reply.ptr + at, step))
            return false;
        if (pair->trickle)
            wait_until_read(pair->client);
    }
    return true;
}

typedef bool pass_message(struct proxy *proxy, struct pair *pair, struct slice message);

/* Passes on each whole message, until one is held. False: the connection is to end. */
static bool pass_all(struct proxy *proxy, struct pair *pair, struct buf *stream, const bool *held,
                     pass_message *pass)
{
    size_t len, at = 0;

    while (!pair->blackhole && !proxy->parted && !*held &&
           (len = resp_len((struct slice){stream->data + at, stream->len - at})) > 0) {
        if (!pass(proxy, pair, (struct slice){stream->data + at, len}))
            return false;
        at += *held ? 0 : len;
    }
    if (at > 0)
        buf_drop(stream, at);
    return true;
}

static bool pass_requests(struct proxy *proxy, struct pair *pair)
{
    return pass_all(proxy, pair, &pair->requests, &pair->request_held, pass_command);
}

static bool pass_replies(struct proxy *proxy, struct pair *pair)
{
    return pass_all(proxy, pair, &pair->replies, &pair->reply_held, pass_reply);
}

static bool read_some(int from, struct buf *stream)
{
    char bytes[READ_BYTES];
    ssize_t got = read(from, bytes, sizeof bytes);
    if (got > 0)
        buf_append(stream, bytes, (size_t)got);
    return got > 0;
}

static void serve(struct proxy *proxy, struct pair *pair, const struct pollfd *fds)
{
    bool goes_on = true;
    if (fds[0].revents != 0)
        goes_on = read_some(pair->client, &pair->requests) && pass_requests(proxy, pair);
    if (goes_on && fds[1].revents != 0)
        goes_on = read_some(pair->server, &pair->replies) && pass_replies(proxy, pair);
    if (!goes_on)
        pair_end(pair);
}

/* What was held goes on, and what came behind it. */
static void release(struct proxy *proxy, struct pair *pair)
{
    pair->judged = pair->request_held;
    pair->request_held = false;
    pair->reply_held = false;
    pair->hold_reply = 0;
    if (!pass_requests(proxy, pair) || !pass_replies(proxy, pair))
        pair_end(pair);
}

/* False: the test wants an end. */
static bool obey(struct proxy *proxy)
{
    char order = 's';
    if (read(proxy->orders[0], &order, 1) != 1 || order == 's')
        return false;
    proxy->parted = order == 'p';
    for (size_t i = 0; i < PAIRS_MAX && order != 'p'; i++) {
        if (proxy->pair[i].client < 0)
            continue;
        if (order == 'c')
            pair_end(&proxy->pair[i]);
        else
            release(proxy, &proxy->pair[i]);
    }
    return true;
}

static void *proxy_main(void *arg)
{
    struct proxy *proxy = arg;
    struct pollfd fds[2 + 2 * PAIRS_MAX];

    for (;;) {
        fds[0] = (struct pollfd){.fd = proxy->orders[0], .events = POLLIN};
        fds[1] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            const struct pair *pair = &proxy->pair[i];
            fds[2 + 2 * i] = (struct pollfd){.fd = pair->client, .events = POLLIN};
            fds[3 + 2 * i] = (struct pollfd){.fd = pair->server, .events = POLLIN};
        }
        if (poll(fds, ARRAY_COUNT(fds), -1) < 0 && errno != EINTR)
            return NULL;
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            if (proxy->pair[i].client >= 0)
                serve(proxy, &proxy->pair[i], &fds[2 + 2 * i]);
        }
        if (fds[1].revents != 0)
            pair_begin(proxy);
        if (fds[0].revents != 0 && !obey(proxy))
            return NULL;
    }
}

static int listen_at(int fd, const struct sockaddr *address, socklen_t len)
{
    return bind(fd, address, len) == 0 ? listen(fd, PAIRS_MAX) : -1;
}

static void listen_on_unix(struct proxy *proxy)
{
    (void)snprintf(proxy->url, sizeof proxy->url, "unix://%s",
                   folder_file(&proxy->folder, "proxy.sock", proxy->path));
    proxy->listener = unix_socket(proxy->path, listen_at);
    assert_true(proxy->listener >= 0);
}

static void listen_on_port(struct proxy *proxy)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;

    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(proxy->listener >= 0);
    assert_int_equal(listen_at(proxy->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(proxy->url, sizeof proxy->url, "redis://127.0.0.1:%d", ntohs(address.sin_port));
}

static struct proxy *proxy_new(const struct redis_server *server, void (*begin)(struct proxy *))
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));

    assert_non_null(proxy);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        proxy->pair[i] = (struct pair){.client = -1, .server = -1};
    folder_init(&proxy->folder);
    (void)snprintf(proxy->server_path, sizeof proxy->server_path, "%s", server->endpoint.path);
    begin(proxy);
    assert_int_equal(pipe2(proxy->orders, O_CLOEXEC), 0);
    assert_int_equal(pthread_mutex_init(&proxy->lock, NULL), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, proxy_main, proxy), 0);
    return proxy;
}

struct proxy *proxy_start(const struct redis_server *server)
{
    return proxy_new(server, listen_on_unix);
}

struct proxy *proxy_start_with_port(const struct redis_server *server)
{
    return proxy_new(server, listen_on_port);
}

void proxy_free(struct proxy *proxy)
{
    if (proxy == NULL)
        return;
    CHECK(write(proxy->orders[1], "s", 1) == 1);
    CHECK(pthread_join(proxy->thread, NULL) == 0);
    for (size_t i = 0; i < PAIRS_MAX; i++)
        pair_end(&proxy->pair[i]);
    (void)close(proxy->listener);
    (void)close(proxy->orders[0]);
    (void)close(proxy->orders[1]);
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

void proxy_release(struct proxy *proxy)
{
    CHECK(write(proxy->orders[1], "r", 1) == 1);
}

void proxy_cut(struct proxy *proxy)
{
    CHECK(write(proxy->orders[1], "c", 1) == 1);
}

void proxy_partition(struct proxy *proxy)
{
    CHECK(write(proxy->orders[1], "p", 1) == 1);
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
