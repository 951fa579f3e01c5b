/*
 * admin: the operators' view as a client sees it: what is served, who is let in, and in which words
 * everybody else is refused.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/admin_rig.h"
#include "tests/support/cli_rig.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

#define TOKEN "0123456789abcdef-operate"
#define READ_TOKEN "0123456789abcdef-read"
#define BEARER(token) "Authorization: Bearer " token "\r\n"

static struct admin_rig *open_rig;   /* no token */
static struct admin_rig *closed_rig; /* both tokens */

static int start_all(void **state)
{
    (void)start_server(state);
    open_rig = admin_rig_start(server->url, "admin: { allowed_hosts: [navvy.internal] }\n");
    closed_rig = admin_rig_start_with_port(server->url, "admin: { token: " TOKEN
                                                        ", read_token: " READ_TOKEN " }\n");
    return 0;
}

static int stop_all(void **state)
{
    admin_rig_free(open_rig);
    admin_rig_free(closed_rig);
    return stop_server(state);
}

/* Asks, and expects that status and these words. */
static void expect(struct asked asked, int status, const char *words)
{
    if (asked.status != status || !asked_says(&asked, words))
        TEST_FAIL("not %d and \"%s\", but:\n%s", status, words, asked.text);
    asked_free(&asked);
}

/* --- what is served ------------------------------------------------------------------------- */

static void health_needs_no_token(void **state)
{
    (void)state;
    expect(ask_get(closed_rig->address, "/livez", ""), 200, "live\n");
    expect(ask_get(closed_rig->address, "/readyz", ""), 200, "\"ready\":true");
    expect(ask_get(open_rig->address, "/livez?format=json", ""), 200, "\"live\":true");
    expect(ask_raw(open_rig->address, "GET /livez HTTP/1.1\r\nHost: 10.1.2.3:80\r\n\r\n"), 200,
           "live\n"); /* a probe calls by any name */
}

static void the_page_comes_with_its_rules(void **state)
{
    static const char *const wanted[] = {
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Referrer-Policy: no-referrer",
        "Cross-Origin-Resource-Policy: same-origin",
        "Content-Type: text/html; charset=utf-8",
        "Cache-Control: no-cache",
        "<!doctype html>",
    };
    (void)state;
    struct asked page = ask_get(closed_rig->address, "/", "");

    assert_int_equal(page.status, 200);
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        if (strcasestr(page.text, wanted[i]) == NULL)
            TEST_FAIL("no %s in:\n%s", wanted[i], page.text);
    }
    assert_null(strcasestr(page.text, "unsafe-"));
    assert_null(strcasestr(page.text, "Access-Control-")); /* nobody else's page may read it */
    assert_null(strcasestr(page.text, "Set-Cookie"));
    asked_free(&page);
}

static void a_file_that_is_known_is_not_sent_again(void **state)
{
    char headers[128];
    (void)state;
    struct asked first = ask_get(open_rig->address, "/", "");
    const char *tag = strstr(first.text, "ETag: ");

    assert_non_null(tag);
    (void)snprintf(headers, sizeof headers, "If-None-Match: %.*s\r\n", (int)strcspn(tag + 6, "\r"),
                   tag + 6);
    struct asked again = ask_get(open_rig->address, "/", headers);
    assert_int_equal(again.status, 304);
    assert_int_equal(again.body_len, 0);
    asked_free(&again);
    asked_free(&first);
}

static void a_head_is_a_get_without_its_body(void **state)
{
    (void)state;
    struct asked head = ask_raw(open_rig->address,
                                "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assert_int_equal(head.status, 200);
    assert_int_equal(head.body_len, 0);
    assert_true(asked_says(&head, "ETag: "));
    asked_free(&head);
}

static void a_connection_serves_one_request_after_the_other(void **state)
{
    static const char request[] = "GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\n\r\n";
    (void)state;
    int fd = ask_connect(open_rig->address, false);

    for (int i = 0; i < 50; i++) {
        assert_true(ask_send(fd, request, sizeof request - 1));
        expect(ask_read(fd, TEST_LIMIT_MS), 200, "\"role\":\"operate\"");
    }
    (void)close(fd);
}

static void many_ask_at_once(void **state)
{
    enum { ASKERS = 60 };
    static const char request[] = "GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\n\r\n";
    int fds[ASKERS];
    (void)state;

    for (int i = 0; i < ASKERS; i++) {
        fds[i] = ask_connect(open_rig->address, false);
        assert_true(ask_send(fds[i], request, sizeof request - 1));
    }
    for (int i = 0; i < ASKERS; i++) {
        expect(ask_read(fds[i], TEST_LIMIT_MS), 200, "\"who\":\"loopback\"");
        (void)close(fds[i]);
    }
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    expect(ask_get(open_rig->address, "/nope", ""), 404, "there is no such path");
    expect(ask_get(open_rig->address, "/api/v1/../v1/version", ""), 404, "no such path");
    expect(ask_get(open_rig->address, "/app.js%00.png", ""), 404, "no such path");
    expect(ask_post(open_rig->address, "/api/v1/version", "", "{}"), 405, "Allow: GET, HEAD");
    expect(ask_raw(open_rig->address, "DELETE /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405,
           "this method is not served");
    expect(ask_raw(open_rig->address, "OPTIONS / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405,
           "Allow: GET, HEAD, POST"); /* and no word that lets another site in */
}

/* --- who is let in -------------------------------------------------------------------------- */

static void a_token_decides_what_one_may(void **state)
{
    static const struct {
        const char *header;
        int status;
        const char *words;
    } rows[] = {
        {"", 401, "WWW-Authenticate: Bearer"},
        {"Authorization: Basic Zm9vOmJhcg==\r\n", 401, "a token is needed"},
        {BEARER(""), 401, "a token is needed"},
        {BEARER("0123456789abcdef"), 401, "not known"},
        {BEARER(TOKEN "x"), 401, "not known"},
        {BEARER("0123456789ABCDEF-operate"), 401, "not known"},
        {BEARER(TOKEN), 200, "\"role\":\"operate\",\"who\":\"token\""},
        {BEARER(READ_TOKEN), 200, "\"role\":\"read\",\"who\":\"read-token\""},
        {"authorization: bearer " TOKEN "\r\n", 200, "\"role\":\"operate\""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        expect(ask_get(closed_rig->address, "/api/v1/version", rows[i].header), rows[i].status,
               rows[i].words);
    expect(ask_get(closed_rig->address, "/metrics", ""), 401, "a token is needed");
    expect(ask_get(closed_rig->address, "/metrics", BEARER(READ_TOKEN)), 200, "navvy_build_info");
}

/* Behind a token the Host may be anything: a browser does not send it by itself. */
static void without_a_token_the_host_must_be_this_one(void **state)
{
    static const struct {
        const char *host;
        int status;
    } rows[] = {
        {"Host: localhost\r\n", 200},
        {"Host: LOCALHOST:7437\r\n", 200},
        {"Host: 127.0.0.1:7437\r\n", 200},
        {"Host: 127.8.8.8\r\n", 200},
        {"Host: [::1]:7437\r\n", 200},
        {"Host: navvy.internal\r\n", 200},
        {"Host: Navvy.Internal:80\r\n", 200},
        {"", 403},
        {"Host:\r\n", 403},
        {"Host: evil.example\r\n", 403},
        {"Host: localhost.evil.example\r\n", 403},
        {"Host: 127.0.0.1.evil.example\r\n", 403},
        {"Host: evil.example:7437\r\n", 403},
        {"Host: localhost:x\r\n", 403},
        {"Host: [::1\r\n", 403},
        {"Host: 10.0.0.1\r\n", 403},
        {"Host: 2130706433\r\n", 403},
        {"Host: 0\r\n", 403},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct buf request = {0};
        buf_printf(&request, "GET /api/v1/version HTTP/1.1\r\n%s\r\n", rows[i].host);
        expect(ask_raw(open_rig->address, request.data), rows[i].status,
               rows[i].status == 200 ? "\"role\"" : "admin.allowed_hosts");
        buf_free(&request);
    }
}

#define POST_HEAD "POST /api/v1/queues/jobs/dlq/tasks HTTP/1.1\r\nHost: localhost\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

/* What another site can make a browser send has no header of ours and no JSON in it. */
static void a_change_must_be_meant(void **state)
{
    static const struct {
        const char *request;
        int status;
        const char *words;
    } rows[] = {
        {POST_HEAD EMPTY, 415, "Content-Type: application/json"},
        {POST_HEAD "Content-Type: text/plain\r\nX-Navvy: 1\r\n" EMPTY, 415, "no JSON"},
        {POST_HEAD "Content-Type: application/x-www-form-urlencoded\r\nX-Navvy: 1\r\n" EMPTY, 415,
         "no JSON"},
        {POST_HEAD "Content-Type: application/jsonx\r\nX-Navvy: 1\r\n" EMPTY, 415, "no JSON"},
        {POST_HEAD "Content-Type: application/json\r\n" EMPTY, 403, "X-Navvy: 1"},
        {POST_HEAD "Content-Type: application/json\r\nX-Navvy: 0\r\n" EMPTY, 403, "X-Navvy: 1"},
        {POST_HEAD "Content-Type: application/json; charset=utf-8\r\nX-Navvy: 1\r\n"
                   "Content-Length: 3\r\n\r\n{]}",
         400, "no JSON object"},
        {POST_HEAD "Content-Type: application/json\r\nX-Navvy: 1\r\nContent-Length: 2\r\n\r\n[]",
         400, "no JSON object"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        expect(ask_raw(open_rig->address, rows[i].request), rows[i].status, rows[i].words);
    expect(ask_post(closed_rig->address, "/api/v1/queues/jobs/dlq/tasks", BEARER(READ_TOKEN), "{}"),
           403, "this token may only look");
    assert_int_equal(redis_int(server, "DBSIZE"), 0);
}

/* --- tokens --------------------------------------------------------------------------------- */

static struct cli admin_with(const char *const env[])
{
    const char *const words[] = {NAVVY_BIN, "admin", "--redis", server->url, NULL};
    return cli_end(process_start(words, env, NULL));
}

static void it_refuses_to_begin_where_strangers_could_come(void **state)
{
    static const struct {
        const char *listen, *token, *words;
    } rows[] = {
        {"NAVVY_ADMIN_LISTEN=:0", "NAVVY_ADMIN_TOKEN=", "there is no token"},
        {"NAVVY_ADMIN_LISTEN=0.0.0.0:0", "NAVVY_ADMIN_TOKEN=", "there is no token"},
        {"NAVVY_ADMIN_LISTEN=[::]:0", "NAVVY_ADMIN_TOKEN=", "there is no token"},
        {"NAVVY_ADMIN_LISTEN=127.0.0.1:0", "NAVVY_ADMIN_TOKEN=short", "less than 16 bytes"},
        {"NAVVY_ADMIN_LISTEN=127.0.0.1:0", "NAVVY_ADMIN_TOKEN_FILE=/nonexistent/t",
         "/nonexistent/t"},
        {"NAVVY_ADMIN_LISTEN=example.com:80", "NAVVY_ADMIN_TOKEN=", "the host is no address"},
        {"NAVVY_ADMIN_LISTEN=127.0.0.1", "NAVVY_ADMIN_TOKEN=", "it has no port"},
        {"NAVVY_ADMIN_LISTEN=unix:relative", "NAVVY_ADMIN_TOKEN=", "not absolute"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const char *const env[] = {rows[i].listen, rows[i].token, "NAVVY_CONFIG", NULL};
        struct cli run = admin_with(env);
        assert_int_equal(run.code, 1);
        assert_says(run.err, rows[i].words);
        cli_free(&run);
    }
}

static void a_token_is_in_no_log_and_not_in_what_check_shows(void **state)
{
    char path[FOLDER_FILE_MAX];
    (void)state;
    expect(ask_get(closed_rig->address, "/api/v1/version", BEARER("guess-" TOKEN)), 401, "known");
    char *log = process_errors(closed_rig->process);
    const char *const words[] = {NAVVY_BIN, "check", "--config",
                                 folder_file(&closed_rig->folder, "navvy.yaml", path), NULL};
    struct cli check = cli_end(process_start(words, NULL, NULL));

    assert_int_equal(check.code, 0);
    assert_says(log, "\"msg\":\"refused\"");
    assert_null(strstr(log, "0123456789abcdef"));
    assert_says(check.out, "token: \"********\"");
    assert_null(strstr(check.out, "0123456789abcdef"));
    cli_free(&check);
    free(log);
}

static bool logged(const struct process *process, const char *words)
{
    char *log = process_errors(process);
    bool found = strstr(log, words) != NULL;

    free(log);
    return found;
}

static int status_of(const char *address, const char *headers)
{
    struct asked asked = ask_get(address, "/api/v1/version", headers);
    int status = asked.status;

    asked_free(&asked);
    return status;
}

/* A new token is in force without a restart; a bad one changes nothing. */
static void a_token_file_is_read_again_at_hangup(void **state)
{
    char path[FOLDER_FILE_MAX];
    struct folder folder;
    struct buf settings = {0};
    (void)state;

    folder_init(&folder);
    folder_write(&folder, "token", 0600, "first-token-of-all\n");
    buf_printf(&settings, "admin: { token_file: %s }\n", folder_file(&folder, "token", path));
    struct admin_rig *rig = admin_rig_start(server->url, settings.data);
    expect(ask_get(rig->address, "/api/v1/version", BEARER("first-token-of-all")), 200, "token");

    folder_write(&folder, "token", 0600, "short\n");
    process_signal(rig->process, SIGHUP);
    EVENTUALLY(logged(rig->process, "less than 16 bytes"), TEST_LIMIT_MS);
    expect(ask_get(rig->address, "/api/v1/version", BEARER("first-token-of-all")), 200, "token");

    folder_write(&folder, "token", 0600, "second-token-of-all\n");
    process_signal(rig->process, SIGHUP);
    EVENTUALLY(status_of(rig->address, BEARER("second-token-of-all")) == 200, TEST_LIMIT_MS);
    expect(ask_get(rig->address, "/api/v1/version", BEARER("first-token-of-all")), 401, "known");
    admin_rig_free(rig);
    buf_free(&settings);
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_needs_no_token),
        cmocka_unit_test(the_page_comes_with_its_rules),
        cmocka_unit_test(a_file_that_is_known_is_not_sent_again),
        cmocka_unit_test(a_head_is_a_get_without_its_body),
        cmocka_unit_test(a_connection_serves_one_request_after_the_other),
        cmocka_unit_test(many_ask_at_once),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(a_token_decides_what_one_may),
        cmocka_unit_test(without_a_token_the_host_must_be_this_one),
        cmocka_unit_test(a_change_must_be_meant),
        cmocka_unit_test(it_refuses_to_begin_where_strangers_could_come),
        cmocka_unit_test(a_token_is_in_no_log_and_not_in_what_check_shows),
        cmocka_unit_test(a_token_file_is_read_again_at_hangup),
    };
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
