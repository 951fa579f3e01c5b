/* http: servers that hang, flood, drop, lie. Each is a clear error, in time, and never done. */
#include "tests/integration/http_rig.h"

#include <pthread.h>

enum { SHORT_MS = 200 };

static void a_server_that_never_answers_runs_into_the_timeout(void **state)
{
    (void)state;
    HTTP_SERVE({.then = HTTP_HANG});
    int64_t began_ms = clock_mono_ms();
    errand_timeout(SHORT_MS);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("timed out after 200ms: no answer from http://127.0.0.1:");
    assert_true(clock_mono_ms() - began_ms >= SHORT_MS);
    assert_true(clock_mono_ms() - began_ms < TEST_LIMIT_MS);
}

static void so_does_one_that_hangs_after_the_headers(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", .then = HTTP_HANG});
    errand_timeout(SHORT_MS);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("timed out after 200ms: HTTP 200 from http://127.0.0.1:");
}

static void and_one_whose_body_drips(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 200 OK\r\nContent-Length: 3999\r\n\r\n", .then = HTTP_DRIP});
    errand_timeout(SHORT_MS);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("timed out after 200ms: ");
}

static void and_the_next_job_has_a_connection_of_its_own(void **state)
{
    (void)state;
    HTTP_SERVE({.then = HTTP_HANG}, {.say = HTTP_EMPTY("200 OK", "")});
    errand_timeout(SHORT_MS);
    assert_int_equal(errand_run(), JOB_RETRY);
    EVENTUALLY(http_server_requests(server) == 1, TEST_LIMIT_MS);
    errand_timeout(TEST_LIMIT_MS);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(http_server_connections(server), 2);
}

static void *stop_when_asked(void *why)
{
    EVENTUALLY(http_server_requests(server) == 1, TEST_LIMIT_MS);
    errand_stop(*(enum job_stop *)why);
    return NULL;
}

static void a_job_that_waits_can_be_stopped_at_once(void **state)
{
    (void)state;
    HTTP_SERVE({.then = HTTP_HANG});
    enum job_stop why = JOB_STOP_SHUTDOWN;
    pthread_t thread;
    int64_t began_ms = clock_mono_ms();

    assert_int_equal(pthread_create(&thread, NULL, stop_when_asked, &why), 0);
    assert_int_equal(errand_run(), JOB_STOPPED);
    pthread_join(thread, NULL);
    assert_true(clock_mono_ms() - began_ms < TEST_LIMIT_MS);
}

static void a_gigabyte_costs_neither_time_nor_memory(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", .then = HTTP_FLOOD},
               {.say = "HTTP/1.1 500 Oh\r\nContent-Length: 1000000000\r\n\r\n", .then = HTTP_FLOOD},
               {.say = "HTTP/1.1 200 OK\r\n\r\n", .then = HTTP_FLOOD});
    assert_int_equal(errand_run(), JOB_DONE);
    assert_error_has("is over answer_max, 4096, and was not kept");
    assert_null(errand.job.result.bytes);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("/path: xxxxx");
    assert_int_equal(errand_run(), JOB_DONE);
    assert_true(http_server_sent_bytes(server) < 100 * 1000 * 1000); /* what sockets hold */
}

static void an_answer_of_answer_max_is_kept_and_one_byte_more_is_not(void **state)
{
    (void)state;
    static char most[ANSWER_MAX + 64], more[ANSWER_MAX + 64];
    static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    static struct http_act acts[] = {{.say = most, .then = HTTP_CLOSE},
                                     {.say = more, .then = HTTP_CLOSE}};
    (void)snprintf(most, sizeof most, "%s%0*d", head, ANSWER_MAX, 0);
    (void)snprintf(more, sizeof more, "%s%0*d", head, ANSWER_MAX + 1, 0);

    http_serve(acts, ARRAY_COUNT(acts));
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(errand.job.result.len, ANSWER_MAX);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_null(errand.job.result.bytes);
    assert_error_has("is over answer_max");
}

static void what_is_no_whole_answer_is_a_failure_that_says_so(void **state)
{
    (void)state;
    static const struct {
        struct http_act act;
        const char *error;
    } rows[] = {
        {{.unread = true, .then = HTTP_CLOSE}, "no answer from http://127.0.0.1:"},
        {{.unread = true, .then = HTTP_RESET}, "no answer from http://127.0.0.1:"},
        {{.then = HTTP_CLOSE}, ": Empty reply from server"},
        {{.then = HTTP_RESET}, ": Recv failure: Connection reset by peer"},
        {{.say = "HTTP/1.1 200 OK\r\nContent-Le", .then = HTTP_CLOSE},
         "the connection ended in its headers"},
        {{.say = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .then = HTTP_CLOSE},
         ", but not the whole answer: transfer closed with 6 bytes remaining to read"},
        {{.say = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .then = HTTP_RESET},
         "HTTP 200 from http://127.0.0.1:"},
        {{.say = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf",
          .then = HTTP_CLOSE},
         ", but not the whole answer: "},
        {{.say = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
          .then = HTTP_CLOSE},
         ", but not the whole answer: "},
        {{.say = "HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n", .then = HTTP_CLOSE}, "/path"},
        {{.say = "HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nhalf", .then = HTTP_CLOSE},
         "HTTP 404 from"},
        {{.say = "what is this?\n", .then = HTTP_CLOSE}, "Received HTTP/0.9 when not allowed"},
        {{.say = "+PONG\r\n+PONG\r\n+PONG\r\n", .then = HTTP_CLOSE},
         "Received HTTP/0.9 when not allowed"},
        {{.say = "HTTP/9.9 200 OK\r\n\r\n", .then = HTTP_CLOSE}, "no answer from"},
        {{.say = "HTTP/1.1 100 Continue\r\n\r\n", .then = HTTP_CLOSE}, "no answer from"},
        {{.say = "HTTP/1.1 200 OK\r\n", .then = HTTP_FLOOD_HEADERS}, "its headers are over 64 KiB"},
        {{.say = "HTTP/1.1 200 OK\r\nX-Long: ", .then = HTTP_FLOOD}, "/path"},
    };

    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        http_serve(&rows[i].act, 1);
        errand_timeout(TEST_LIMIT_MS);
        if (errand_run() != JOB_RETRY)
            fail_msg("row %zu is %s: %s", i, job_outcome_name(errand.job.result.outcome), error());
        assert_error_has(rows[i].error);
        assert_null(strstr(error(), "timed out"));
        registry_release_queue(&errand.queue);
        http_server_stop(server);
        server = NULL;
    }
}

static void a_body_that_is_longer_than_it_said_spoils_nothing(void **state)
{
    (void)state;
    HTTP_SERVE({.say = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Ha\r\n\r\n"},
               {.say = HTTP_EMPTY("204 No Content", "")});
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(errand.job.result.len, 2);
    assert_int_equal(errand_run(), JOB_DONE); /* and the rest is nobody's answer */
}

static void nobody_there_is_a_failure_at_once(void **state)
{
    (void)state;
    static const struct http_act acts[] = {{.then = HTTP_CLOSE}};
    char where[HTTP_URL_MAX];
    struct http_server *gone = http_server_start(acts, 1);

    http_server_url(gone, "/path", where);
    http_server_stop(gone);
    http_to(where);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("Connection refused");
}

static void other_protocols_are_not_spoken(void **state)
{
    (void)state;
    char file[] = "file:///etc/passwd";
    struct buf errors = {0};

    errand.queue.handler =
        (struct handler_conf){.kind = HANDLER_HTTP, .http = file, .connect_timeout_ms = CONNECT_MS};
    assert_true(registry_open_queue(&errand.queue, &errors)); /* the loader would have refused it */
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("Protocol \"file\" ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(a_server_that_never_answers_runs_into_the_timeout),
        HTTP_TEST(so_does_one_that_hangs_after_the_headers),
        HTTP_TEST(and_one_whose_body_drips),
        HTTP_TEST(and_the_next_job_has_a_connection_of_its_own),
        HTTP_TEST(a_job_that_waits_can_be_stopped_at_once),
        HTTP_TEST(a_gigabyte_costs_neither_time_nor_memory),
        HTTP_TEST(an_answer_of_answer_max_is_kept_and_one_byte_more_is_not),
        HTTP_TEST(what_is_no_whole_answer_is_a_failure_that_says_so),
        HTTP_TEST(a_body_that_is_longer_than_it_said_spoils_nothing),
        HTTP_TEST(nobody_there_is_a_failure_at_once),
        HTTP_TEST(other_protocols_are_not_spoken),
    };
    return cmocka_run_group_tests_name("http_hostile", tests, NULL, NULL);
}
