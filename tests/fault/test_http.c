/*
 * http: a worker whose handler is a server that hangs, floods, drops and lies. Whatever it does, no
 * job is lost, none is done that should not be, and the books balance.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/http_server.h"
#include "tests/support/scene.h"

enum { SETTINGS_MAX = 512, LIMIT_MS = 30000 };

static struct http_server *server;
static char settings[SETTINGS_MAX];

static void serve(struct scene *scene, const struct http_act *acts, size_t count)
{
    char url[HTTP_URL_MAX];

    server = http_server_start(acts, count);
    (void)snprintf(settings, sizeof settings,
                   SCENE_QUICK "queues: { jobs: { handler: { http: \"%s\" }, timeout: 1s,\n"
                               "  retry: { max_attempts: 2, base: 10ms, jitter: none } } }\n",
                   http_server_url(server, "/jobs", url));
    scene->settings = settings;
    scene->first = scene_start(scene, NULL);
}

static int setup(void **state)
{
    unsetenv("http_proxy");
    return scene_setup(state);
}

static int teardown(void **state)
{
    int failed = scene_teardown(state);

    http_server_stop(server);
    return failed;
}

static void push(struct scene *scene, int count)
{
    for (int i = 0; i < count; i++) {
        char payload[16];
        (void)snprintf(payload, sizeof payload, "job-%d", i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
}

static struct books settled(struct scene *scene, int jobs)
{
    EVENTUALLY(books_read(scene->server, "jobs").done + books_read(scene->server, "jobs").dlq ==
                   jobs,
               LIMIT_MS);
    return scene_end(scene, "jobs");
}

static void jobs_are_posted_and_done_on_kept_connections(void **state)
{
    struct scene *scene = *state;
    static const struct http_act fine[] = {{.say = HTTP_EMPTY("200 OK", "")}};
    serve(scene, fine, 1);
    push(scene, 100);
    assert_int_equal(settled(scene, 100).done, 100);
    assert_int_equal(http_server_requests(server), 100);
    assert_true(http_server_connections(server) <= 4); /* as there are threads */
}

static void every_misdeed_is_a_failed_attempt_and_the_last_of_them_a_dead_job(void **state)
{
    struct scene *scene = *state;
    static const struct http_act acts[] = {
        {.then = HTTP_HANG},
        {.say = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .then = HTTP_HANG},
        {.say = "HTTP/1.1 500 Oh\r\n\r\n", .then = HTTP_FLOOD},
        {.say = "HTTP/1.1 200 OK\r\n", .then = HTTP_FLOOD_HEADERS},
        {.say = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .then = HTTP_CLOSE},
        {.say = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .then = HTTP_RESET},
        {.say = "garbage\n", .then = HTTP_CLOSE},
        {.then = HTTP_RESET},
        {.say = "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\nback soon", .then = HTTP_CLOSE},
    };

    serve(scene, acts, ARRAY_COUNT(acts));
    push(scene, 8);
    struct books books = settled(scene, 8);
    assert_int_equal(books.done, 0);
    assert_int_equal(books.dlq, 8);
    assert_dead_letter(scene->server, "jobs", "reason=retries");
    assert_dead_letter(scene->server, "jobs", "http://127.0.0.1:");
}

static void a_client_error_is_for_good(void **state)
{
    struct scene *scene = *state;
    static const struct http_act acts[] = {
        {.say = HTTP_ANSWER("422 No", "", "no such user\r\n"), .then = HTTP_CLOSE}};
    serve(scene, acts, 1);
    push(scene, 1);
    assert_int_equal(settled(scene, 1).dlq, 1);
    assert_dead_letter(scene->server, "jobs", "reason=permanent");
    assert_dead_letter(scene->server, "jobs", "/jobs: no such user\"");
    assert_int_equal(http_server_requests(server), 1);
}

static void a_retry_after_is_waited_for_and_a_snooze_costs_no_attempt(void **state)
{
    struct scene *scene = *state;
    static const struct http_act acts[] = {
        {.say = HTTP_EMPTY("200 OK", "Navvy-Outcome: snooze\r\nNavvy-Delay: 100ms\r\n")},
        {.say = HTTP_EMPTY("200 OK", "Navvy-Outcome: snooze\r\nNavvy-Delay: 100ms\r\n")},
        {.say = HTTP_EMPTY("429 Slow", "Retry-After: 1\r\n")},
        {.say = HTTP_EMPTY("200 OK", "")},
    };

    serve(scene, acts, ARRAY_COUNT(acts));
    push(scene, 1);
    EVENTUALLY(http_server_requests(server) == 3, LIMIT_MS);
    int64_t refused_ms = clock_mono_ms();
    assert_int_equal(settled(scene, 1).done, 1); /* of two attempts; three would be one too many */
    assert_true(clock_mono_ms() - refused_ms >= 900);
    char *last = http_server_last(server);
    assert_non_null(strstr(last, "\r\nNavvy-Attempt: 2\r\n"));
    assert_non_null(strstr(last, "\r\nNavvy-Delivery: 4\r\n"));
    free(last);
}

static void a_worker_that_ends_gives_back_what_waits_for_an_answer(void **state)
{
    struct scene *scene = *state;
    static const struct http_act acts[] = {{.then = HTTP_HANG}};
    serve(scene, acts, 1);
    scene->settings = NULL;
    worker_free(scene->first);
    (void)snprintf(settings + strlen(settings), sizeof settings - strlen(settings),
                   "shutdown_timeout: 100ms\n");
    char *at = strstr(settings, "timeout: 1s");
    memcpy(at, "timeout: 1h", 11);
    scene->settings = settings;
    scene->first = scene_start(scene, NULL);
    push(scene, 4);
    EVENTUALLY(http_server_requests(server) == 4, LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0); /* long before the jobs are out of time */
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books_waiting(&books), 4);
    assert_int_equal(books.released, 4);
}

int main(void)
{
#define HTTP_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        HTTP_TEST(jobs_are_posted_and_done_on_kept_connections),
        HTTP_TEST(every_misdeed_is_a_failed_attempt_and_the_last_of_them_a_dead_job),
        HTTP_TEST(a_client_error_is_for_good),
        HTTP_TEST(a_retry_after_is_waited_for_and_a_snooze_costs_no_attempt),
        HTTP_TEST(a_worker_that_ends_gives_back_what_waits_for_an_answer),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
