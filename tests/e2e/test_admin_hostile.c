/*
 * admin_hostile: what no client should send. Whatever it is, it gets an answer or is hung up on,
 * and the next one is served.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/admin_rig.h"
#include "tests/support/cli_rig.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

static struct admin_rig *rig;

static int start_rig(void **state)
{
    (void)start_server(state);
    rig = admin_rig_start_with_port(server->url, "");
    return 0;
}

static int stop_rig(void **state)
{
    admin_rig_free(rig);
    return stop_server(state);
}

/* Whatever came before, it serves. */
static void assert_serves(void)
{
    struct asked asked = ask_get(rig->address, "/api/v1/version", "");

    assert_int_equal(asked.status, 200);
    asked_free(&asked);
    assert_false(process_ended(rig->process));
}

#define HOST "Host: localhost\r\n"
#define POST "POST /api/v1/queues/jobs/dlq/tasks HTTP/1.1\r\n" HOST
#define MEANT "Content-Type: application/json\r\nX-Navvy: 1\r\n"

/* `status` 0: hung up on without an answer; -1: one or the other. */
static const struct {
    const char *request;
    int status;
} requests[] = {
    {"\r\n\r\n\r\n", 0},
    {"garbage\r\n\r\n", 0},
    {"GET\r\n\r\n", 0},
    {"GET /\r\n\r\n", 0},
    {"GET / HTTP/9.9\r\n\r\n", -1},
    {"GET / HTTP/1.1 HTTP/1.1\r\n\r\n", -1},
    {"GET  /  HTTP/1.1\r\n\r\n", -1},
    {"get / HTTP/1.1\r\n" HOST "\r\n", -1},
    {"BREW /pot HTTP/1.1\r\n" HOST "\r\n", -1},
    {"CONNECT localhost:80 HTTP/1.1\r\n" HOST "\r\n", -1},
    {"GET http://evil.example/livez HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET //evil.example/livez HTTP/1.1\r\n" HOST "\r\n", -1},
    {"GET livez HTTP/1.1\r\n" HOST "\r\n", -1},
    {"GET * HTTP/1.1\r\n" HOST "\r\n", -1},
    {"GET /api/v1/queues/%zz HTTP/1.1\r\n" HOST "\r\n", 404},
    {"GET /api/v1/queues/%00 HTTP/1.1\r\n" HOST "\r\n", 404},
    {"GET /api/v1/queues/a%00b HTTP/1.1\r\n" HOST "\r\n", 404},
    {"GET /api/v1/queues/% HTTP/1.1\r\n" HOST "\r\n", 404},
    {"GET /api/v1/queues/%0d%0aX-Evil:1 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /api/v1/queues/%7b%7d HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /api/v1/version?a=%00 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /api/v1/version?%=1 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /api/v1/version?a&b&&&c=d=e&=f HTTP/1.1\r\n" HOST "\r\n", 200},
    {"GET /api/v1/version?a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1"
     " HTTP/1.1\r\n" HOST "\r\n",
     400}, /* 17 */
    {"GET /api/v1/version HTTP/1.1\r\n" HOST "no colon\r\n\r\n", -1},
    {"GET /api/v1/version HTTP/1.1\r\n" HOST ": no name\r\n\r\n", -1},
    {"GET /api/v1/version HTTP/1.1\r\n" HOST " folded: yes\r\n\r\n", -1},
    {"GET /api/v1/version HTTP/1.1\nHost: localhost\n\n", -1},
    {POST MEANT "Content-Length: -1\r\n\r\n", -1},
    {POST MEANT "Content-Length: 99999999999999999999999\r\n\r\n", -1},
    {POST MEANT "Content-Length: 1048577\r\n\r\n", -1},
    {POST MEANT "Content-Length: abc\r\n\r\n", -1},
    {POST MEANT "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", -1},
    {POST MEANT "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n", -1},
    {POST MEANT "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", -1},
    {POST MEANT "Transfer-Encoding: chunked\r\n\r\n-5\r\nabc", -1},
    {POST MEANT "Transfer-Encoding: gzip\r\n\r\n", -1},
    {POST MEANT "Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}", -1},
    {POST MEANT "Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfc", 400},
    {POST MEANT "Content-Length: 22\r\n\r\n{\"action\":\"\\u0000drop\"}", 400},
    {POST MEANT "Content-Length: 13\r\n\r\n{\"a\":1,\"a\":2}", 400},
    {POST MEANT "Content-Length: 1\r\n\r\n[", 400},
};

static void strange_requests_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(requests); i++) {
        int fd = ask_connect(rig->address, false);
        (void)ask_send(fd, requests[i].request, strlen(requests[i].request));
        (void)shutdown(fd, SHUT_WR); /* nothing more will come */
        struct asked asked = ask_read(fd, TEST_LIMIT_MS);
        int wanted = requests[i].status;
        if ((wanted >= 0 && asked.status != wanted && !(wanted == 0 && asked.status == 400)) ||
            asked.status >= 500 + (wanted == -1 ? 100 : 0))
            TEST_FAIL("%s: %d, not %d:\n%s", requests[i].request, asked.status, wanted, asked.text);
        assert_null(strstr(asked.text, "X-Evil:1\r\n"));
        asked_free(&asked);
        (void)close(fd);
        assert_serves();
    }
    assert_int_equal(redis_int(server, "DBSIZE"), 0);
}

static void random_bytes_do_no_harm(void **state)
{
    unsigned char bytes[512];
    uint64_t seed = 1;
    (void)state;

    for (int i = 0; i < 300; i++) {
        for (size_t at = 0; at < sizeof bytes; at++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u; /* Knuth, MMIX */
            bytes[at] = (unsigned char)(seed >> 56);
        }
        int fd = ask_connect(rig->address, false);
        (void)ask_send(fd, i % 2 != 0 ? "GET /" : "", i % 2 != 0 ? 5 : 0);
        (void)ask_send(fd, bytes, sizeof bytes);
        (void)ask_send(fd, "\r\n\r\n", 4);
        (void)close(fd);
    }
    assert_serves();
}

static void headers_have_a_size(void **state)
{
    struct buf request = {0};
    (void)state;

    buf_append_str(&request, "GET /api/v1/version HTTP/1.1\r\n" HOST "X: ");
    for (int i = 0; i < 20 * 1024; i++)
        buf_append_str(&request, "x");
    buf_append_str(&request, "\r\n\r\n");
    struct asked asked = ask_raw(rig->address, request.data);
    assert_true(asked.status == 0 || asked.status == 400 || asked.status == 413);
    asked_free(&asked);

    buf_reset(&request);
    buf_append_str(&request, "GET /");
    for (int i = 0; i < 20 * 1024; i++)
        buf_append_str(&request, "x");
    buf_append_str(&request, " HTTP/1.1\r\n\r\n");
    asked = ask_raw(rig->address, request.data);
    assert_true(asked.status == 0 || asked.status == 400 || asked.status == 414);
    asked_free(&asked);

    buf_reset(&request); /* a path that evhttp takes, and we do not */
    buf_append_str(&request, "GET /");
    for (int i = 0; i < 4000; i++)
        buf_append_str(&request, "x");
    buf_append_str(&request, " HTTP/1.1\r\n" HOST "\r\n");
    asked = ask_raw(rig->address, request.data);
    assert_int_equal(asked.status, 400);
    asked_free(&asked);
    buf_free(&request);
    assert_serves();
}

static void a_body_has_a_size(void **state)
{
    static char body[64 * 1024 + 2];
    (void)state;

    memset(body, ' ', sizeof body - 1);
    body[0] = '{';
    body[1] = '}';
    struct asked large = ask_post(rig->address, "/api/v1/queues/jobs/dlq/tasks", "", body);
    assert_int_equal(large.status, 413);
    assert_true(asked_says(&large, "the body is too large"));
    asked_free(&large);
    body[64 * 1024] = 0;
    struct asked fits = ask_post(rig->address, "/api/v1/queues/jobs/dlq/tasks", "", body);
    assert_int_equal(fits.status, 400); /* for what is in it */
    asked_free(&fits);
    assert_serves();
}

static void requests_in_a_row_are_answered_in_order(void **state)
{
    static const char two[] = "GET /livez HTTP/1.1\r\n" HOST "\r\n"
                              "GET /api/v1/version HTTP/1.1\r\n" HOST "\r\n";
    (void)state;
    int fd = ask_connect(rig->address, false);

    struct buf all = {0};
    assert_true(ask_send(fd, two, sizeof two - 1));
    buf_append_str(&all, "");
    while (strstr(all.data, "\"version\"") == NULL) {
        struct asked part = ask_read(fd, TEST_LIMIT_MS);
        assert_true(part.text[0] != 0);
        buf_append_str(&all, part.text);
        asked_free(&part);
    }
    const char *first = strstr(all.data, "live\n");
    assert_non_null(first);
    assert_non_null(strstr(first, "\"version\""));
    buf_free(&all);
    (void)close(fd);
    assert_serves();
}

/* The client goes before its answer is there. */
static void askers_that_go_do_no_harm(void **state)
{
    static const char request[] = "GET /api/v1/overview HTTP/1.1\r\n" HOST "\r\n";
    (void)state;

    for (int i = 0; i < 300; i++) {
        int fd = ask_connect(rig->address, false);
        (void)ask_send(fd, request, sizeof request - 1 - (size_t)(i % 2));
        (void)close(fd);
    }
    assert_serves();
}

/* As many as this process may have open at once. */
static size_t room_for_descriptors(void)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return (size_t)limit.rlim_cur - 64;
}

/* 10,000 in all, and as many as can be at once; each with half a request. */
static void ten_thousand_connections_lock_nobody_out(void **state)
{
    enum { ALL = 10000 };
    size_t room = room_for_descriptors(), open = 0;
    int *fds = calloc(room, sizeof *fds);
    (void)state;

    for (int i = 0; i < ALL; i++) {
        if (open == room)
            (void)close(fds[--open]);
        int fd = ask_connect(rig->address, true);
        if (fd < 0)
            continue;
        (void)ask_send(fd, "GET /live", 9);
        fds[open++] = fd;
        if (i % 1000 == 999)
            assert_serves();
    }
    assert_true(open > 500);
    assert_serves();
    while (open > 0)
        (void)close(fds[--open]);
    free(fds);
}

static void no_redis_is_said_and_hurts_nobody(void **state)
{
    static const char queue[] = "/api/v1/queues/jobs";
    (void)state;

    redis_server_kill(server);
    struct asked gone = ask_get(rig->address, queue, "");
    assert_int_equal(gone.status, 503);
    assert_true(asked_says(&gone, "\"error\""));
    assert_true(asked_says(&gone, "Retry-After: 1"));
    asked_free(&gone);
    struct asked ready = ask_get(rig->address, "/readyz", ""), live;
    assert_int_equal(ready.status, 503);
    asked_free(&ready);
    live = ask_get(rig->address, "/livez", "");
    assert_int_equal(live.status, 200);
    asked_free(&live);
    redis_server_restart(server);
    for (int i = 0; i < 4; i++) /* each of the desks finds that its connection is gone */
        assert_serves();
}

static int ask_status(const char *path)
{
    struct asked asked = ask_get(rig->address, path, "");
    int status = asked.status;

    asked_free(&asked);
    return status;
}

/* Two requests hang with it, 64 wait, and all others are told at once; health is not touched. */
static void a_frozen_redis_fills_the_queue_and_no_more(void **state)
{
    enum { ASKERS = 100 };
    static const char request[] = "GET /api/v1/queues/jobs HTTP/1.1\r\n" HOST "\r\n";
    int fds[ASKERS];
    int busy = 0;
    (void)state;

    redis_server_freeze(server);
    for (int i = 0; i < ASKERS; i++) {
        fds[i] = ask_connect(rig->address, false);
        assert_true(ask_send(fds[i], request, sizeof request - 1));
    }
    struct asked live = ask_get(rig->address, "/livez", "");
    assert_int_equal(live.status, 200);
    asked_free(&live);
    for (int i = ASKERS - 1; i >= ASKERS - 20; i--) {
        struct asked asked = ask_read(fds[i], TEST_LIMIT_MS);
        busy += asked.status == 503;
        asked_free(&asked);
    }
    assert_int_equal(busy, 20);
    redis_server_thaw(server);
    for (int i = 0; i < ASKERS; i++)
        (void)close(fds[i]);
    EVENTUALLY(ask_status("/api/v1/version") == 200, TEST_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strange_requests_do_no_harm),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(headers_have_a_size),
        cmocka_unit_test(a_body_has_a_size),
        cmocka_unit_test(requests_in_a_row_are_answered_in_order),
        cmocka_unit_test(askers_that_go_do_no_harm),
        cmocka_unit_test(ten_thousand_connections_lock_nobody_out),
        cmocka_unit_test(no_redis_is_said_and_hurts_nobody),
        cmocka_unit_test(a_frozen_redis_fills_the_queue_and_no_more),
    };
    return cmocka_run_group_tests(tests, start_rig, stop_rig);
}
