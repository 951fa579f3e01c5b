/*
 * fuzz_request: any bytes come in at the operators' view, over a real socket, and it stands:
 * evhttp, limits, access, routes, queries and bodies, all as in the product but for Redis, which
 * nobody runs here, so that whatever gets as far as a desk is answered with 503.
 *
 * The first byte says whether tokens are set. After each input a plain request must be served.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/http/server.h"
#include "base/check.h"
#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
/* A connection is freed within a second after its end, which libFuzzer would look for a leak
 * behind, for 50 ms each time. The replay of the corpus looks for leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

enum { SERVERS = 2, ANSWER_MAX = 256 };

static struct event_base *base;
static struct server *servers[SERVERS];
static char folder[] = "/tmp/navvy-fuzz-XXXXXX";

static void socket_path(int which, char out[64])
{
    (void)snprintf(out, 64, "%s/%d", folder, which);
}

static void remove_sockets(void)
{
    char path[64];

    for (int i = 0; i < SERVERS; i++) {
        socket_path(i, path);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void start_server(int which)
{
    static const struct api_host host = {.boxes = NULL};
    static const struct config_source source = {.redis_url = "unix:///nonexistent/redis.sock"};
    char path[64], listen[96];
    struct buf errors = {0};

    socket_path(which, path);
    (void)snprintf(listen, sizeof listen, "unix:%s", path);
    CHECK(setenv("NAVVY_ADMIN_LISTEN", listen, 1) == 0);
    if (which == 1)
        CHECK(setenv("NAVVY_ADMIN_TOKEN", "0123456789abcdef", 1) == 0);
    struct config *config = config_load(&source, &errors);
    CHECK(config != NULL);
    servers[which] = server_new(base, config, &host);
    CHECK(servers[which] != NULL);
}

static void start(void)
{
    log_init(LOG_ERROR, LOG_TEXT);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    CHECK(mkdtemp(folder) != NULL);
    base = event_base_new();
    CHECK(base != NULL);
    for (int i = 0; i < SERVERS; i++)
        start_server(i);
    CHECK(atexit(remove_sockets) == 0);
}

static int join(int which)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    socket_path(which, address.sun_path);
    CHECK(fd >= 0 && connect(fd, (const void *)&address, sizeof address) == 0);
    return fd;
}

static void send_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return; /* hung up on */
        at += sent > 0 ? sent : 0;
        len -= sent > 0 ? (size_t)sent : 0;
        CHECK(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
    }
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg; /* the loop has woken up: that is all */
}

/* Until it hangs up. The loop is the server's, and waits for desks, too. */
static void read_all(int fd, char first[ANSWER_MAX])
{
    struct event *answer = event_new(base, fd, EV_READ | EV_PERSIST, on_answer, NULL);
    char bytes[16384];
    size_t kept = 0;

    CHECK(answer != NULL && event_add(answer, NULL) == 0);
    for (ssize_t got = -1; got != 0;) {
        CHECK(event_base_loop(base, EVLOOP_ONCE) >= 0);
        got = recv(fd, bytes, sizeof bytes, 0);
        if (got < 0 && errno != EAGAIN)
            break;
        for (ssize_t i = 0; i < got && kept + 1 < ANSWER_MAX; i++)
            first[kept++] = bytes[i];
    }
    first[kept] = 0;
    event_free(answer);
    (void)close(fd);
}

static void ask(int which, const void *bytes, size_t len, char first[ANSWER_MAX])
{
    int fd = join(which);

    send_all(fd, bytes, len);
    (void)shutdown(fd, SHUT_WR);
    read_all(fd, first);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char plain[] =
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char first[ANSWER_MAX];
    int which = len > 0 && bytes[0] == 't';

    if (base == NULL)
        start();
    ask(which, bytes + (len > 0), len - (len > 0), first);
    CHECK(first[0] == 0 || strncmp(first, "HTTP/", 5) == 0);
    ask(which, plain, sizeof plain - 1, first);
    CHECK(strstr(first, " 200 OK") != NULL);
    return 0;
}
