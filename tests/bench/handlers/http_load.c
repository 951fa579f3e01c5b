/*
 * http_load: an HTTP server that says `200` at once, and a bare client for it: what there is to be
 * had without navvy, Redis and libcurl. Run by tests/bench/handlers/http.
 *
 *   bench_http_load serve                     prints its port; one thread, epoll, keeps connections
 *   bench_http_load load PORT THREADS COUNT   prints requests/s, one connection for each thread
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

enum { THREADS_MAX = 64, EVENTS_MAX = 64, FDS_MAX = 1024, REQUEST_MAX = 4096, BODY_BYTES = 100 };

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static atomic_long left;
static struct sockaddr_in address = {.sin_family = AF_INET};

/* What has come of a request, by fd. */
static struct {
    size_t len;
    char bytes[REQUEST_MAX];
} requests[FDS_MAX];

/* Bytes of a request with its body, 0: its head is not whole. */
static size_t whole_length(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");

    if (end == NULL || length == NULL)
        return 0;
    return (size_t)(end + 4 - text) + strtoul(length + 17, NULL, 10);
}

static void take(int epoll_fd, int listen_fd)
{
    int on = 1, fd = accept(listen_fd, NULL, NULL);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    CHECK(fd >= 0 && fd < FDS_MAX);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    requests[fd].len = 0;
    CHECK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void answer_one(int fd)
{
    size_t room = REQUEST_MAX - 1 - requests[fd].len;
    ssize_t got = read(fd, requests[fd].bytes + requests[fd].len, room);

    if (got <= 0) {
        close(fd);
        return;
    }
    requests[fd].len += (size_t)got;
    requests[fd].bytes[requests[fd].len] = '\0';
    size_t whole = whole_length(requests[fd].bytes);
    if (whole == 0 || requests[fd].len < whole)
        return;
    requests[fd].len = 0;
    (void)!write(fd, answer, sizeof answer - 1);
}

static int serve(void)
{
    int listen_fd = socket(AF_INET, SOCK_STREAM, 0), epoll_fd = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listen_fd}, events[EVENTS_MAX];
    socklen_t len = sizeof address;

    CHECK(bind(listen_fd, (struct sockaddr *)&address, len) == 0 && listen(listen_fd, 64) == 0);
    CHECK(getsockname(listen_fd, (struct sockaddr *)&address, &len) == 0);
    CHECK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &event) == 0);
    printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listen_fd)
                take(epoll_fd, listen_fd);
            else
                answer_one(events[i].data.fd);
        }
    }
}

static void *ask(void *arg)
{
    char request[512], reply[512];
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    int len = snprintf(request, sizeof request,
                       "POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%0*d",
                       BODY_BYTES, BODY_BYTES, 0);

    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while (atomic_fetch_sub(&left, 1) > 0) {
        CHECK(write(fd, request, (size_t)len) == len);
        for (size_t got = 0; got < sizeof answer - 1;) {
            ssize_t n = read(fd, reply, sizeof reply);
            CHECK(n > 0);
            got += (size_t)n;
        }
    }
    close(fd);
    return arg;
}

static int load(int threads, long count)
{
    pthread_t thread[THREADS_MAX];

    CHECK(threads >= 1 && threads <= THREADS_MAX);
    atomic_store(&left, count);
    int64_t began_ns = clock_mono_ns();
    for (int i = 0; i < threads; i++)
        CHECK(pthread_create(&thread[i], NULL, ask, NULL) == 0);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    printf("%.0f\n", (double)count * 1e9 / (double)(clock_mono_ns() - began_ns));
    return 0;
}

int main(int argc, char **argv)
{
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        return serve();
    if (argc != 5 || strcmp(argv[1], "load") != 0) {
        (void)fprintf(stderr, "usage: bench_http_load serve | load PORT THREADS COUNT\n");
        return 2;
    }
    address.sin_port = htons((uint16_t)atoi(argv[2]));
    return load(atoi(argv[3]), atol(argv[4]));
}
