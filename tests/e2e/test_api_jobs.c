/* The routes of queues, jobs and their stories: good, bad and hostile requests, and hostile jobs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/support/api_rig.h"
#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/test.h"

#define Q "/api/v1/queues/email"

static int start(void **state)
{
    (void)state;
    api_rig_start("queues:\n  email: { handler: { builtin: noop } }\n"
                  "  \"a b\": { handler: { builtin: noop } }\n");
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

static json_t *get(int status, const char *path)
{
    return api_json(status, "GET", path, NULL);
}

static const json_t *item(const json_t *page, size_t i)
{
    return json_array_get(json_object_get(page, "items"), i);
}

static size_t items(const json_t *page)
{
    return json_array_size(json_object_get(page, "items"));
}

/* --- good ------------------------------------------------------------------------------------- */

static void the_overview_has_every_queue_and_serves_one_second(void **state)
{
    (void)state;
    redis_run(api_redis, "LPUSH email a b");
    json_t *fleet = get(200, "/api/v1/overview");
    const json_t *queue = json_array_get(json_object_get(fleet, "queues"), 0);
    assert_string_equal(json_text_at(queue, "name"), "email");
    assert_string_equal(json_text_at(fleet, "role"), "operate");
    assert_true(json_is_true(json_object_get(queue, "configured")));
    json_decref(fleet);
}

static void a_queue_that_exists_only_in_redis_is_shown(void **state)
{
    (void)state;
    redis_run(api_redis, "HSET navvy:{other}:meta taken 3 done 3");
    json_t *queue = get(200, "/api/v1/queues/other");
    assert_true(json_is_false(json_object_get(queue, "configured")));
    assert_int_equal(json_int_at(json_object_get(queue, "counters"), "done"), 3);
    json_decref(queue);
    redis_run(api_redis, "LPUSH only_a_list a");
    queue = get(200, "/api/v1/queues/only_a_list");
    assert_int_equal(json_int_at(queue, "waiting"), 1);
    json_decref(queue);
    json_decref(get(200, "/api/v1/queues/only_a_list/jobs"));
}

static void pages_join_to_the_whole(void **state)
{
    char path[256] = Q "/jobs?state=dlq&limit=3";
    size_t seen = 0;
    (void)state;
    dead_letters_fill(api_redis, "email", 7);
    while (path[0] != '\0') {
        json_t *page = get(200, path);
        for (size_t i = 0; i < items(page); i++, seen++) {
            char preview[32];
            snprintf(preview, sizeof preview, "job %zu", 6 - seen);
            assert_string_equal(json_text_at(item(page, i), "preview"), preview);
        }
        const char *next = json_string_value(json_object_get(page, "next"));
        path[0] = '\0';
        if (next != NULL)
            snprintf(path, sizeof path, Q "/jobs?state=dlq&limit=3&cursor=%s", next);
        json_decref(page);
    }
    assert_int_equal(seen, 7);
}

static void a_story_is_told_by_either_id(void **state)
{
    (void)state;
    redis_run(api_redis, "ZADD navvy:{email}:retry 1763690000000 %s",
              "navvy/1 claim=w-1-aa:5 id=order-17 attempt=1 error=down\n{}");
    json_t *story = get(200, Q "/jobs/order-17"), *same = get(200, Q "/jobs/w-1-aa:5");
    assert_string_equal(json_text_at(story, "id"), "w-1-aa:5");
    assert_string_equal(json_text_at(story, "asked"), "order-17");
    assert_string_equal(json_text_at(same, "state"), "retry");
    assert_string_equal(json_text_at(json_object_get(same, "header"), "error"), "down");
    assert_string_equal(json_text_at(same, "payload"), "{}");
    assert_true(json_array_size(json_object_get(same, "explain")) >= 2);
    json_decref(story);
    json_decref(same);
}

static void a_long_search_is_gone_on_with(void **state)
{
    static const char fill[] =
        "for i = 1, 100000 do redis.call('RPUSH', KEYS[1], 'navvy/1 id=j-' .. i .. '-x\\n{}') end";
    char path[256] = Q "/jobs/j-100000-x";
    size_t parts = 0;
    (void)state;
    redis_run(api_redis, "EVAL %s 1 email", fill);
    for (bool searching = true; searching; parts++) {
        struct api_reply reply = api_get(path);
        searching = reply.status == 202;
        assert_true(searching || reply.status == 200);
        snprintf(path, sizeof path, Q "/jobs/j-100000-x?cursor=%s",
                 json_text_at(reply.json, "cursor"));
        assert_string_equal(json_text_at(reply.json, "state"), searching ? "searching" : "waiting");
        api_reply_free(&reply);
    }
    json_t *again = get(200, path); /* from where it was found */
    assert_int_equal(json_int_at(again, "position"), 0);
    json_decref(again);
}

/* --- bad -------------------------------------------------------------------------------------- */

static void what_is_wrong_is_said_with_the_right_status(void **state)
{
    static const struct {
        int status;
        const char *method, *path, *error;
    } rows[] = {
        {404, "GET", "/api/v1/queues/nobody", "there is no such queue"},
        {404, "GET", "/api/v1/queues/nobody/jobs", "there is no such queue"},
        {404, "GET", "/api/v1/queues/nobody/jobs/x", "there is no such queue"},
        {404, "GET", Q "/jobs/x", "there is no such job"},
        {400, "GET", "/api/v1/queues/x%7b%7dy", "the queue name"},
        {400, "GET", "/api/v1/queues/navvy:x/jobs", "the queue name"},
        {400, "GET", "/api/v1/queues/%0d%0aDEL/jobs", "the queue name"},
        {400, "GET", Q "/jobs?state=done", "no such state"},
        {400, "GET", Q "/jobs?state=", "no such state"},
        {400, "GET", Q "/jobs?limit=0", "limit must be 1 to 500"},
        {400, "GET", Q "/jobs?limit=501", "limit must be 1 to 500"},
        {400, "GET", Q "/jobs?limit=-1", "limit must be a whole number"},
        {400, "GET", Q "/jobs?limit=99999999999999999999", "limit must be a whole number"},
        {400, "GET", Q "/jobs?limit=", "limit must be a whole number"},
        {400, "GET", Q "/jobs?limit=1e2", "limit must be a whole number"},
        {400, "GET", Q "/jobs?preview=65537", "preview must be 0 to 65536"},
        {400, "GET", Q "/jobs?cursor=d1", "no cursor of jobs that are waiting"},
        {400, "GET", Q "/jobs?state=retry&cursor=r1%20-inf%20x_1", "no cursor"},
        {400, "GET", Q "/jobs?state=held&cursor=h1_..%2f..%2f", "no cursor"},
        {400, "GET", Q "/jobs/x?cursor=99.0", "no cursor of a search"},
        {400, "GET", Q "/jobs/x?cursor=0.-1", "no cursor of a search"},
        {400, "GET", Q "/jobs/x?payload=262145", "payload must be 0 to 262144"},
        {405, "POST", Q "/jobs", ""},
        {405, "POST", "/api/v1/overview", ""},
        {404, "GET", "/api/v1/queues", ""},
        {404, "GET", "/api/v1/queues/", ""},
        {404, "GET", Q "/jobs/", ""},
        {404, "GET", Q "/jobs/a/b/c", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        json_t *answer = api_json(rows[i].status, rows[i].method, rows[i].path, NULL);
        if (strstr(json_text_at(answer, "error"), rows[i].error) == NULL)
            TEST_FAIL("%s: %s", rows[i].path, json_text_at(answer, "error"));
        json_decref(answer);
    }
    assert_int_equal(redis_int(api_redis, "DBSIZE"), 0);
}

static void a_key_of_another_type_is_an_answer_too(void **state)
{
    (void)state;
    redis_run(api_redis, "SET email x");
    redis_run(api_redis, "SET navvy:{email}:retry x");
    json_t *queue = get(200, Q);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(queue, "trouble_names"), 0)),
        "quarantined");
    json_decref(queue);
    json_t *answer = get(502, Q "/jobs");
    assert_non_null(strstr(json_text_at(answer, "error"), "WRONGTYPE"));
    json_decref(answer);
    json_decref(get(502, Q "/jobs?state=retry"));
    json_decref(get(502, Q "/jobs/x"));
}

static void a_stale_cursor_is_no_fault(void **state)
{
    static const char *const paths[] = {
        Q "/jobs?cursor=w9007199254740992",
        Q "/jobs?state=dlq&cursor=d9007199254740992",
        Q "/jobs?state=dlq&cursor=d0",
        Q "/jobs?state=retry&cursor=r1e300_5",
        Q "/jobs?state=retry&cursor=r-inf_9007199254740992",
        Q "/jobs?state=held&cursor=h99_gone-1-aa",
    };
    (void)state;
    redis_run(api_redis, "ZADD navvy:{email}:retry 5 a");
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        json_t *page = get(200, paths[i]);
        assert_int_equal(items(page), 0);
        assert_true(json_is_null(json_object_get(page, "next")));
        json_decref(page);
    }
}

/* --- hostile ---------------------------------------------------------------------------------- */

static void names_may_be_any_text(void **state)
{
    (void)state;
    redis_run(api_redis, "LPUSH %s %s", "a b", "navvy/1 id=\"x/y?z#\\\"\"\n{}");
    json_t *page = get(200, "/api/v1/queues/a%20b/jobs");
    assert_string_equal(json_text_at(item(page, 0), "id"), "x/y?z#\"");
    json_decref(page);
    json_t *story = get(200, "/api/v1/queues/a%20b/jobs/x%2Fy%3Fz%23%22");
    assert_string_equal(json_text_at(story, "queue"), "a b");
    json_decref(story);
    redis_run(api_redis, "LPUSH %s a", "\xff<b>");
    json_t *queue = get(200, "/api/v1/queues/%ff%3Cb%3E");
    assert_string_equal(json_text_at(queue, "name_base64"), "/zxiPg==");
    json_decref(queue);
}

static void a_plus_is_a_plus_in_a_path(void **state)
{
    (void)state;
    redis_run(api_redis, "LPUSH a+b x");
    json_decref(get(200, "/api/v1/queues/a+b"));
    json_decref(get(200, "/api/v1/queues/a%2Bb"));
}

/* What a job says is never markup, and never breaks the JSON. */
static void bytes_of_jobs_stay_data(void **state)
{
    static const char html[] = "<script>alert(1)</script>\xe2\x80\xa8\x01\"\\";
    static const char binary[] = "\xc0\x80\0\xff";
    (void)state;
    dead_letter_push(api_redis, "email", 1, "<b>", html, slice_of(html), 0);
    dead_letter_push(api_redis, "email", 2, "retries", "\xff\xfe",
                     (struct slice){binary, sizeof(binary) - 1}, 0);
    struct api_reply reply = api_get(Q "/jobs?state=dlq");
    assert_non_null(strstr(reply.head, "Content-Type: application/json"));
    assert_non_null(strstr(reply.head, "X-Content-Type-Options: nosniff"));
    assert_string_equal(json_text_at(item(reply.json, 1), "error"), html);
    assert_string_equal(json_text_at(item(reply.json, 1), "preview"), html);
    assert_string_equal(json_text_at(item(reply.json, 1), "reason"), "<b>");
    assert_string_equal(json_text_at(item(reply.json, 0), "error_base64"), "//4=");
    assert_string_equal(json_text_at(item(reply.json, 0), "preview_base64"), "wIAA/w==");
    api_reply_free(&reply);
    json_t *story = get(200, Q "/jobs/" DEAD_LETTER_WORKER ":2");
    assert_string_equal(json_text_at(story, "payload_base64"), "wIAA/w==");
    assert_string_equal(json_text_at(json_object_get(story, "header"), "error_base64"), "//4=");
    assert_non_null(json_object_get(json_object_get(story, "header"), "line_base64"));
    json_decref(story);
}

static void a_large_payload_is_cut_and_its_size_told(void **state)
{
    enum { LARGE = 3 * 1024 * 1024 };
    char *bytes = malloc(LARGE);
    (void)state;
    memset(bytes, 'x', LARGE);
    memcpy(bytes, "navvy/1 id=big\n", 15);
    redis_run(api_redis, "LPUSH email %b", &(struct slice){bytes, LARGE});
    json_t *story = get(200, Q "/jobs/big");
    assert_int_equal(json_int_at(story, "payload_size"), LARGE - 15);
    assert_true(json_is_true(json_object_get(story, "truncated")));
    assert_int_equal(strlen(json_text_at(story, "payload")), 64 * 1024);
    json_decref(story);
    json_t *page = get(200, Q "/jobs?preview=10");
    assert_int_equal(json_int_at(item(page, 0), "size"), LARGE - 15);
    assert_string_equal(json_text_at(item(page, 0), "preview"), "xxxxxxxxxx");
    json_decref(page);
    free(bytes);
}

static void ids_of_any_bytes_are_looked_for(void **state)
{
    static const char *const ids[] = {"%00",
                                      "%ff%fe",
                                      "..",
                                      "%2e%2e%2f%2e%2e",
                                      "'%3bFLUSHALL",
                                      "%25n%25s",
                                      "*",
                                      "%5b%5e%5d",
                                      "a%0d%0aSET%20x",
                                      "%f0%9f%92%a9",
                                      "unreadable-0000000000000000",
                                      ":",
                                      "w:",
                                      ":99999999999999999999"};
    (void)state;
    redis_run(api_redis, "LPUSH email a");
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
        char path[256];
        snprintf(path, sizeof path, Q "/jobs/%s", ids[i]);
        struct api_reply reply = api_get(path);
        if (reply.status != 404 && reply.status != 400)
            TEST_FAIL("%s: %d", path, reply.status);
        assert_non_null(reply.json);
        api_reply_free(&reply);
    }
    assert_int_equal(redis_int(api_redis, "DBSIZE"), 1);
}

/* What stands in navvy's keys although navvy never wrote it. */
static void keys_that_others_have_spoilt_do_no_harm(void **state)
{
    (void)state;
    redis_run(api_redis, "ZADD navvy:{email}:workers 1 %s 2 w-1-aa", "no worker\r\n");
    redis_run(api_redis, "HSET navvy:{email}:status w-1-aa %s",
              "{\"running\":[5,null,{\"tag\":\"x\"}]");
    redis_run(api_redis, "HSET navvy:{email}:held:w-1-aa x y -1 z 7 {}");
    redis_run(api_redis, "HSET navvy:{email}:meta taken x paused <b>");
    json_decref(get(200, Q));
    json_t *page = get(200, Q "/jobs?state=held");
    assert_int_equal(items(page), 1);
    json_decref(page);
    json_t *story = get(200, Q "/jobs/w-1-aa:7");
    assert_string_equal(json_text_at(story, "state"), "held");
    json_decref(story);
    redis_run(api_redis, "HSET navvy:{email}:status w-1-aa %s",
              "{\"running\":[5,null,{\"tag\":7,\"since_ms\":-1}],\"pool\":\"<b>\"}");
    json_decref(get(200, Q));
    json_decref(get(200, Q "/jobs/w-1-aa:7"));
}

static void no_redis_is_said_and_over_when_it_is_back(void **state)
{
    static const char *const paths[] = {Q, Q "/jobs", Q "/jobs/x"};
    (void)state;
    redis_server_stop(api_redis);
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        struct api_reply reply = api_get(paths[i]);
        assert_int_equal(reply.status, 503);
        assert_non_null(strstr(reply.head, "Retry-After: "));
        assert_non_null(json_object_get(reply.json, "error"));
        api_reply_free(&reply);
    }
    redis_server_restart(api_redis);
    for (size_t i = 0; i < 2; i++)
        json_decref(get(200, paths[i]));
}

#define CASE(name) cmocka_unit_test_setup(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_overview_has_every_queue_and_serves_one_second),
        CASE(a_queue_that_exists_only_in_redis_is_shown),
        CASE(pages_join_to_the_whole),
        CASE(a_story_is_told_by_either_id),
        CASE(a_long_search_is_gone_on_with),
        CASE(what_is_wrong_is_said_with_the_right_status),
        CASE(a_key_of_another_type_is_an_answer_too),
        CASE(a_stale_cursor_is_no_fault),
        CASE(names_may_be_any_text),
        CASE(a_plus_is_a_plus_in_a_path),
        CASE(bytes_of_jobs_stay_data),
        CASE(a_large_payload_is_cut_and_its_size_told),
        CASE(ids_of_any_bytes_are_looked_for),
        CASE(keys_that_others_have_spoilt_do_no_harm),
        CASE(no_redis_is_said_and_over_when_it_is_back),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
