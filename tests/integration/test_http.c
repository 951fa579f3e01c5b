/* http: a POST and its answer, over connections that are kept. */
#include "tests/integration/http_rig.h"

static void a_job_is_posted_with_its_facts_and_the_body_comes_back(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsent \x80"});
    errand_payload("to\0bob", 6);
    errand_timeout(TEST_LIMIT_MS);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(errand.job.result.len, 6);
    assert_memory_equal(errand.job.result.bytes, "sent \x80", 6);

    char *request = http_server_last(server);
    static const char *const has[] = {
        "POST /path HTTP/1.1\r\n",
        "\r\nNavvy-Id: web1-4711-9f:17\r\n",
        "\r\nNavvy-Claim: web1-4711-9f:17\r\n",
        "\r\nNavvy-Queue: email\r\n",
        "\r\nNavvy-Attempt: 1\r\n",
        "\r\nNavvy-Delivery: 1\r\n",
        "\r\nNavvy-Deadline: 1",
        "\r\nIdempotency-Key: web1-4711-9f:17\r\n",
        "\r\nContent-Type: application/octet-stream\r\n",
        "\r\nContent-Length: 6\r\n",
        "\r\nUser-Agent: navvy/",
        "\r\n\r\nto",
    };
    for (size_t i = 0; i < ARRAY_COUNT(has); i++) {
        if (strstr(request, has[i]) == NULL)
            fail_msg("not in the request: %s\n%s", has[i], request);
    }
    assert_null(strstr(request, "Expect"));
    free(request);
}

static void an_empty_payload_is_an_empty_body(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("204 No Content", "")});
    assert_int_equal(errand_run(), JOB_DONE);
    char *request = http_server_last(server);
    assert_non_null(strstr(request, "\r\nContent-Length: 0\r\n"));
    free(request);
}

static void one_connection_serves_one_job_after_the_other(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("200 OK", "")});
    for (int i = 0; i < 20; i++)
        assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(http_server_requests(server), 20);
    assert_int_equal(http_server_connections(server), 1);
}

static void nothing_of_an_answer_is_left_for_the_next_job(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy"},
               {.say = HTTP_EMPTY("200 OK", "Navvy-Outcome: snooze\r\nNavvy-Delay: 30s\r\n")},
               {.say = HTTP_EMPTY("500 Oh", "")}, {.say = HTTP_EMPTY("200 OK", "")},
               {.unread = true, .then = HTTP_CLOSE});
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_true(errand.job.result.delay_ms == 7000);
    assert_error_has("/path: busy");
    assert_int_equal(errand_run(), JOB_SNOOZE);
    assert_true(errand.job.result.delay_ms == 30000);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_true(errand.job.result.delay_ms == -1);
    assert_null(strstr(error(), "busy"));
    assert_int_equal(errand_run(), JOB_DONE);
    assert_string_equal(error(), "(none)");
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("no answer from http://127.0.0.1:");
}

static void what_comes_before_the_answer_does_not_count(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 100 Continue\r\nNavvy-Outcome: permanent\r\n\r\n"
                       "HTTP/1.1 103 Early Hints\r\nNavvy-Outcome: retry\r\n\r\n"
                       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
    assert_int_equal(errand_run(), JOB_DONE);
    assert_memory_equal(errand.job.result.bytes, "ok", 2);
}

static void two_outcomes_are_none(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("200 OK", "Navvy-Outcome: done\r\nNavvy-Outcome: snooze\r\n")});
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("Navvy-Outcome is none of done, retry, permanent, snooze: "
                     "(given more than once)");
}

static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("302 Found", "Location: /path?again=1\r\n")});
    assert_int_equal(errand_run(), JOB_PERMANENT);
    assert_error_has("HTTP 302 from http://127.0.0.1:");
    assert_error_has("redirects are not followed; Location: /path");
    assert_int_equal(http_server_requests(server), 1);
}

static void user_and_password_are_sent_and_never_shown(void **state)
{
    (void)state;
    static const struct http_act acts[] = {{.say = HTTP_EMPTY("500 Oh", "")}};
    char where[HTTP_URL_MAX];

    server = http_server_start(acts, 1);
    (void)snprintf(where, sizeof where, "http://me:sesame@127.0.0.1:%d/p?key=sesame",
                   http_server_port(server));
    http_to(where);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("HTTP 500 from http://127.0.0.1:");
    assert_null(strstr(error(), "sesame"));
    char *request = http_server_last(server);
    assert_non_null(strstr(request, "Authorization: Basic bWU6c2VzYW1l\r\n"));
    free(request);
}

static void a_connection_that_was_dropped_meanwhile_is_made_again(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("200 OK", ""), .then = HTTP_CLOSE},
               {.say = HTTP_EMPTY("200 OK", "")});
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(http_server_connections(server), 2);
}

/* The server may have worked on the first one: so it is at least once, with the same key. */
static void a_kept_connection_that_drops_a_job_has_it_sent_once_more(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("200 OK", "")}, {.then = HTTP_CLOSE},
               {.say = HTTP_EMPTY("200 OK", "")});
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(http_server_requests(server), 3);
}

static void but_not_again_and_again(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("200 OK", "")}, {.then = HTTP_CLOSE});
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("no answer from");
    assert_int_equal(http_server_requests(server), 3);
}

static void a_connection_that_nobody_uses_is_closed_after_a_minute(void **state)
{
    (void)state;
    HTTP_SERVE({.say = HTTP_EMPTY("200 OK", "")});
    assert_int_equal(errand_run(), JOB_DONE);
    registry_tick(clock_mono_ms() + 50000);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(http_server_connections(server), 1);
    registry_tick(clock_mono_ms() + 61000);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(http_server_connections(server), 2);
}

static void what_cannot_be_is_said_when_it_is_opened(void **state)
{
    (void)state;
    char bad_url[] = "http://host:99999/", folder[] = "/etc", none[] = "/nonexistent/ca.pem",
         text[] = "/etc/passwd", fine[] = "https://host/";
    const struct {
        char *url, *ca_file;
        const char *error;
    } rows[] = {
        {bad_url, NULL, "is no URL that can be used: "},
        {fine, none, "ca_file /nonexistent/ca.pem cannot be read: No such file or directory"},
        {fine, text, "ca_file /etc/passwd has no certificate in it (PEM)"},
        {fine, folder, "ca_file /etc has no certificate in it (PEM)"},
    };

    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct buf errors = {0};
        errand.queue.handler = (struct handler_conf){
            .kind = HANDLER_HTTP, .http = rows[i].url, .ca_file = rows[i].ca_file};
        assert_false(registry_open_queue(&errand.queue, &errors));
        if (strstr(errors.data, rows[i].error) == NULL)
            fail_msg("%s", errors.data);
        buf_free(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_job_is_posted_with_its_facts_and_the_body_comes_back),
        HTTP_TEST(an_empty_payload_is_an_empty_body),
        HTTP_TEST(one_connection_serves_one_job_after_the_other),
        HTTP_TEST(nothing_of_an_answer_is_left_for_the_next_job),
        HTTP_TEST(what_comes_before_the_answer_does_not_count),
        HTTP_TEST(two_outcomes_are_none),
        HTTP_TEST(a_redirect_is_not_followed),
        HTTP_TEST(user_and_password_are_sent_and_never_shown),
        HTTP_TEST(a_connection_that_was_dropped_meanwhile_is_made_again),
        HTTP_TEST(a_kept_connection_that_drops_a_job_has_it_sent_once_more),
        HTTP_TEST(but_not_again_and_again),
        HTTP_TEST(a_connection_that_nobody_uses_is_closed_after_a_minute),
        HTTP_TEST(what_cannot_be_is_said_when_it_is_opened),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
