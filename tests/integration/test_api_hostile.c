/*
 * Every route that there is, also those that come later: whatever is put in the place of names, in
 * the query and in the body, the answer is JSON that says what is wrong, never a fault of ours, and
 * nothing has changed in Redis.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/api/api.h"
#include "base/buf.h"
#include "tests/support/api_rig.h"
#include "tests/support/cli.h"
#include "tests/support/test.h"

/* In the place of ":name". */
static const char *const names[] = {
    "x%7b%7dy",
    "%0d%0aDEL%20email",
    "navvy:%7bemail%7d:meta",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "%25s%25n",
    "<script>",
    "nobody",
    "-1",
    "18446744073709551616",
    "%f0%9f%92%a9",
    "a%2fb%3fc",
};

static const char *const queries[] = {
    "limit=-1&cursor=../..",
    "limit=99999999999999999999&state=%00",
    "limit=1e9&preview=-5&payload=x",
    "cursor=%ff&queue=x%7b%7d&limit=",
    "state=done&state=dlq",
    "queue=%0d%0a&reason=nonsense",
    "a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=1&k=2&l=3&m=4&n=5&o=6&p=7&q=8",
    "%",
    "=&=&&",
};

static const char *const bodies[] = {
    "",
    "{}",
    "[]",
    "null",
    "{",
    "{\"value\":}",
    "{\"value\":1e400}",
    "{\"value\":-1,\"level\":-1,\"action\":-1,\"limit\":-1,\"ids\":-1}",
    "{\"value\":99999999999999999999}",
    "{\"value\":9223372036854775807,\"rate\":9223372036854775807,\"limit\":0}",
    "{\"value\":\"4\",\"level\":\"nonsense\",\"action\":\"nonsense\",\"select\":\"x\"}",
    "{\"value\":{\"value\":{}},\"level\":[],\"action\":null,\"select\":[],\"canary\":[]}",
    "{\"a\":1,\"a\":2}",
    "{\"action\":\"drop\",\"select\":{\"reason\":\"nonsense\"}}",
    "{\"action\":\"drop\",\"select\":{\"ids\":[1,{},null]}}",
    "{\"action\":\"drop\",\"select\":{\"older_ms\":-5,\"younger_ms\":1e3}}",
    "{\"action\":\"retry\",\"select\":{\"unknown\":\"x\"}}",
    "{\"action\":\"drop\",\"select\":{},\"canary\":{\"jobs\":-1,\"stop_if_fail_percent\":101}}",
    "\xff\xfe{\"value\":1}",
    "{\"value\":\"\xc0\x80\"}",
    "{\"record\":\"!!!\"}",
};

/* The row's path with a name for each of its parameters, a query behind it. */
static void path_of(const struct api_row *row, const char *name, const char *query, struct buf *out)
{
    const char *at = row->path;

    buf_reset(out);
    for (const char *colon; (colon = strstr(at, "/:")) != NULL;) {
        buf_append(out, at, (size_t)(colon + 1 - at));
        buf_append_str(out, name);
        at = colon + 2 + strcspn(colon + 2, "/");
    }
    buf_append_str(out, at);
    if (query != NULL)
        buf_printf(out, "?%s", query);
}

/* 503 is fine where only so many may do this at once. */
static void ask(const struct api_row *row, const char *path, const char *body, bool must_fail)
{
    const char *method = row->method == API_GET ? "GET" : "POST";
    struct api_reply reply = api_ask(method, path, body);
    bool fine = reply.status >= 200 && reply.status < 500 && (!must_fail || reply.status >= 400);

    if (!fine)
        TEST_FAIL("%s %s %s: %d %s", method, path, body != NULL ? body : "", reply.status,
                  reply.body);
    if (reply.status >= 400) {
        if (reply.json == NULL || json_object_get(reply.json, "error") == NULL)
            TEST_FAIL("%s %s %s: no error in %s", method, path, body != NULL ? body : "",
                      reply.body);
        if (strchr(reply.body, '\r') != NULL || strchr(reply.head, '<') != NULL)
            TEST_FAIL("%s %s: repeats what it was asked: %s %s", method, path, reply.head,
                      reply.body);
    }
    api_reply_free(&reply);
}

static bool is_below_api(const struct api_row *row)
{
    return strncmp(row->path, "/api/", 5) == 0;
}

static void no_name_makes_a_route_fail(void **state)
{
    struct buf path = {0};
    (void)state;
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
            path_of(row, names[i], NULL, &path);
            if (is_below_api(row) && strchr(row->path, ':') != NULL)
                ask(row, path.data, row->method == API_POST ? "{\"value\":-1}" : NULL, true);
        }
    }
    buf_free(&path);
    assert_int_equal(redis_int(api_redis, "DBSIZE"), 0);
}

static void no_query_makes_a_route_fail(void **state)
{
    struct buf path = {0};
    (void)state;
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        for (size_t i = 0; i < ARRAY_COUNT(queries) && row->method == API_GET; i++) {
            path_of(row, "email", queries[i], &path);
            if (is_below_api(row))
                ask(row, path.data, NULL, false);
        }
    }
    buf_free(&path);
    assert_int_equal(redis_int(api_redis, "DBSIZE"), 0);
}

/* Some bodies are good for some routes; what they order is no matter here. */
static void no_body_makes_a_route_fail(void **state)
{
    struct buf path = {0};
    (void)state;
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        for (size_t i = 0; i < ARRAY_COUNT(bodies) && row->method == API_POST; i++) {
            path_of(row, "email", NULL, &path);
            ask(row, path.data, bodies[i], false);
        }
    }
    buf_free(&path);
}

static void a_deep_or_large_body_is_refused(void **state)
{
    enum { DEEP = 20000, LARGE = 2 * 1024 * 1024 };
    struct buf path = {0};
    char *deep = calloc(1, DEEP + 1), *large = calloc(1, LARGE + 1);
    (void)state;
    memset(deep, '[', DEEP);
    memset(large, ' ', LARGE);
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        if (row->method != API_POST)
            continue;
        path_of(row, "email", NULL, &path);
        if (row->body == API_BODY_JSON)
            ask(row, path.data, deep, true);
        struct api_reply reply = api_ask("POST", path.data, large);
        assert_int_equal(reply.status, 413);
        api_reply_free(&reply);
    }
    free(deep);
    free(large);
    buf_free(&path);
}

static int start(void **state)
{
    (void)state;
    api_rig_start("queues:\n  email: { handler: { builtin: noop } }\n");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    api_rig_stop();
    return 0;
}

static int clean(void **state)
{
    (void)state;
    redis_run(api_redis, "FLUSHALL");
    return 0;
}

#define CASE(name) cmocka_unit_test_setup(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_name_makes_a_route_fail),
        CASE(no_query_makes_a_route_fail),
        CASE(no_body_makes_a_route_fail),
        CASE(a_deep_or_large_body_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
