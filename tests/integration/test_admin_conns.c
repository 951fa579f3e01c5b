/*
 * conns: who is slow, large or one too many, on real sockets and with short limits.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/http/conns.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum { CONNECTIONS = 8, REQUEST_MS = 300, IDLE_MS = 600, ANSWER_MS = 400, BYTES_MAX = 100000 };

struct rig {
    struct event_base *base;
    struct evhttp *http;
    struct evconnlistener *door;
    struct conns conns;
    struct sockaddr_storage address;
    socklen_t address_len;
    size_t answer_bytes;
    struct evhttp_request *kept; /* not answered yet */
    bool keep;
};

static void on_taken(struct evhttp_request *http, void *arg)
{
    struct rig *rig = arg;
    struct evhttp_connection *connection = evhttp_request_get_connection(http);

    conn_enter(conns_find(&rig->conns, evhttp_connection_get_bufferevent(connection)), CONN_IDLES);
}

static void on_request(struct evhttp_request *http, void *arg)
{
    struct rig *rig = arg;
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    struct conn *conn = conns_find(&rig->conns, evhttp_connection_get_bufferevent(connection));
    char *bytes = calloc(1, rig->answer_bytes + 1);

    assert_non_null(conn);
    conn_enter(conn, CONN_ASKS);
    evhttp_request_set_on_complete_cb(http, on_taken, rig);
    (void)evbuffer_add(evhttp_request_get_output_buffer(http), bytes, rig->answer_bytes);
    free(bytes);
    if (rig->keep) {
        rig->kept = http;
        return;
    }
    conn_enter(conn, CONN_TAKES);
    evhttp_send_reply(http, 200, "OK", NULL);
}

static int setup(void **state)
{
    static const struct conns_limits limits = {CONNECTIONS, REQUEST_MS, IDLE_MS, ANSWER_MS,
                                               BYTES_MAX};
    struct rig *rig = calloc(1, sizeof *rig);

    rig->base = event_base_new();
    rig->http = evhttp_new(rig->base);
    rig->answer_bytes = 3;
    assert_true(conns_init(&rig->conns, rig->base, &limits));
    evhttp_set_bevcb(rig->http, conns_accept, &rig->conns);
    evhttp_set_gencb(rig->http, on_request, rig);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(rig->http, "127.0.0.1", 0);
    assert_non_null(bound);
    rig->address_len = sizeof rig->address;
    assert_int_equal(
        getsockname(evhttp_bound_socket_get_fd(bound), (void *)&rig->address, &rig->address_len),
        0);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    evhttp_free(rig->http);
    conns_fini(&rig->conns);
    event_base_free(rig->base);
    free(rig);
    return 0;
}

/* The loop's turn within a condition. */
static bool turn(struct rig *rig)
{
    (void)event_base_loop(rig->base, EVLOOP_NONBLOCK);
    return true;
}

static int join(struct rig *rig)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    (void)connect(fd, (const void *)&rig->address, rig->address_len);
    EVENTUALLY(turn(rig) && send(fd, "", 0, MSG_NOSIGNAL) == 0, TEST_LIMIT_MS);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Bytes that have come; -1: none yet, 0: the server has hung up. */
static ssize_t hear(int fd)
{
    char bytes[4096];
    ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    return got < 0 && errno == ECONNRESET ? 0 : got;
}

static void who_says_nothing_is_hung_up_on(void **state)
{
    struct rig *rig = *state;
    int64_t begun_ms = clock_mono_ms();
    int fd = join(rig);

    EVENTUALLY(turn(rig) && hear(fd) == 0, TEST_LIMIT_MS);
    assert_true(clock_mono_ms() - begun_ms >= REQUEST_MS);
    EVENTUALLY(turn(rig) && rig->conns.count == 0, TEST_LIMIT_MS);
    (void)close(fd);
}

/* A byte every now and then is not silence, and not enough. */
static void who_sends_a_byte_at_a_time_is_hung_up_on(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    struct rig *rig = *state;
    int64_t begun_ms = clock_mono_ms();
    int fd = join(rig);
    size_t sent = 0;

    while (hear(fd) != 0 && clock_mono_ms() - begun_ms < TEST_LIMIT_MS) {
        char byte = sent < sizeof request - 1 ? request[sent] : 'x';
        (void)send(fd, &byte, 1, MSG_NOSIGNAL);
        sent++;
        (void)poll(NULL, 0, 5);
        (void)turn(rig);
    }
    assert_in_range(clock_mono_ms() - begun_ms, REQUEST_MS, TEST_LIMIT_MS - 1);
    assert_true(sent > 10);
    (void)close(fd);
}

static void the_time_of_a_request_begins_with_its_first_byte(void **state)
{
    struct rig *rig = *state;
    int fd = join(rig);

    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(turn(rig) && hear(fd) > 0, TEST_LIMIT_MS);
    THROUGHOUT(turn(rig) && hear(fd) == -1, REQUEST_MS + 100); /* idle is no offence */
    say(fd, "GET / HT");
    int64_t begun_ms = clock_mono_ms();
    EVENTUALLY(turn(rig) && hear(fd) == 0, TEST_LIMIT_MS);
    assert_in_range(clock_mono_ms() - begun_ms, REQUEST_MS - 100, IDLE_MS + 3 * REQUEST_MS);
    (void)close(fd);
}

static void who_idles_for_long_is_hung_up_on(void **state)
{
    struct rig *rig = *state;
    int fd = join(rig);

    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(turn(rig) && hear(fd) > 0, TEST_LIMIT_MS);
    EVENTUALLY(turn(rig) && hear(fd) == 0, TEST_LIMIT_MS);
    (void)close(fd);
}

static void who_does_not_take_an_answer_is_hung_up_on(void **state)
{
    struct rig *rig = *state;
    int fd = join(rig);

    rig->answer_bytes = 64 * 1024 * 1024;
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(turn(rig) && rig->conns.evicted == 1, TEST_LIMIT_MS);
    EVENTUALLY(turn(rig) && rig->conns.count == 0, TEST_LIMIT_MS);
    (void)close(fd);
}

static void who_waits_for_an_answer_is_left_alone(void **state)
{
    struct rig *rig = *state;
    int fd = join(rig);

    rig->keep = true;
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(turn(rig) && rig->kept != NULL, TEST_LIMIT_MS);
    THROUGHOUT(turn(rig) && hear(fd) == -1, IDLE_MS + 200);
    conn_enter(rig->conns.first, CONN_TAKES);
    evhttp_send_reply(rig->kept, 200, "OK", NULL);
    EVENTUALLY(turn(rig) && hear(fd) > 0, TEST_LIMIT_MS);
    (void)close(fd);
}

static void one_too_many_takes_the_place_of_who_waits_longest(void **state)
{
    struct rig *rig = *state;
    int fds[CONNECTIONS + 1];

    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = join(rig);
        EVENTUALLY(turn(rig) && rig->conns.count == (size_t)i + 1, TEST_LIMIT_MS);
        if (i == 0)
            THROUGHOUT(turn(rig), 3); /* it is the eldest by the clock, too */
    }
    fds[CONNECTIONS] = join(rig);
    say(fds[CONNECTIONS], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(turn(rig) && hear(fds[CONNECTIONS]) > 0, TEST_LIMIT_MS);
    EVENTUALLY(turn(rig) && hear(fds[0]) == 0, TEST_LIMIT_MS);
    for (int i = 0; i <= CONNECTIONS; i++)
        (void)close(fds[i]);
}

static void a_flood_of_connections_leaves_room(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < 2000; i++) {
        int fd = join(rig);
        assert_true(rig->conns.count <= 4 * CONNECTIONS); /* some are on their way out */
        (void)close(fd);
    }
    EVENTUALLY(turn(rig) && rig->conns.count == 0, TEST_LIMIT_MS);
    int fd = join(rig);
    say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EVENTUALLY(turn(rig) && hear(fd) > 0, TEST_LIMIT_MS);
    (void)close(fd);
}

static void unfinished_requests_have_a_size_together(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n";
    static char bytes[BYTES_MAX / 2];
    struct rig *rig = *state;
    int fds[3];

    for (int i = 0; i < 3; i++) {
        fds[i] = join(rig);
        say(fds[i], head);
        (void)send(fds[i], bytes, sizeof bytes, MSG_NOSIGNAL);
        (void)turn(rig);
    }
    EVENTUALLY(turn(rig) && rig->conns.evicted > 0, TEST_LIMIT_MS);
    EVENTUALLY(turn(rig) && rig->conns.bytes <= BYTES_MAX, TEST_LIMIT_MS);
    for (int i = 0; i < 3; i++)
        (void)close(fds[i]);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* The product ignores SIGPIPE. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_says_nothing_is_hung_up_on),
        CASE(who_sends_a_byte_at_a_time_is_hung_up_on),
        CASE(the_time_of_a_request_begins_with_its_first_byte),
        CASE(who_idles_for_long_is_hung_up_on),
        CASE(who_does_not_take_an_answer_is_hung_up_on),
        CASE(who_waits_for_an_answer_is_left_alone),
        CASE(one_too_many_takes_the_place_of_who_waits_longest),
        CASE(a_flood_of_connections_leaves_room),
        CASE(unfinished_requests_have_a_size_together),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
