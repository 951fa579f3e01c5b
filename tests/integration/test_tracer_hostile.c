/*
 * tracer: collectors that hang, flood, lie or are away. Whatever they do, who tells the tracer
 * never waits.
 */
#include "tests/integration/tracer_rig.h"

/* The ring holds what it holds; the rest is dropped, and counted. */
static void a_collector_that_hangs_costs_spans_and_nothing_else(void **state)
{
    (void)state;
    SERVE({NULL, HTTP_HANG, false});
    tell(BATCH);
    EVENTUALLY(http_server_requests(server) == 1, TEST_LIMIT_MS);
    tell(1000);
    assert_int_equal(tracer_stats(tracer).dropped, 1000 - RING);
    assert_true(counted(0, 0));
    int64_t began_ms = clock_mono_ms();
    tracer_free(tracer, 100);
    tracer = NULL;
    assert_in_range(clock_mono_ms() - began_ms, 100, 100 + 3000);
}

static void a_request_that_is_not_answered_is_given_up_and_tried_again(void **state)
{
    (void)state;
    config.traces_timeout_ms = 100;
    SERVE({NULL, HTTP_HANG, false}, {HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    tell(1);
    EVENTUALLY(counted(1, 0), TEST_LIMIT_MS);
    assert_int_equal(http_server_requests(server), 2);
}

static void an_endless_answer_is_cut(void **state)
{
    (void)state;
    SERVE({"HTTP/1.1 200 OK\r\n\r\n", HTTP_FLOOD, false},
          {"HTTP/1.1 200 OK\r\n", HTTP_FLOOD_HEADERS, false});
    for (uint64_t i = 1; i <= 2; i++) {
        tell(1);
        EVENTUALLY(counted(0, i), TEST_LIMIT_MS);
    }
    assert_in_range(http_server_sent_bytes(server), 1, 64 * 1024 * 1024);
}

static void garbage_and_resets_are_no_answer(void **state)
{
    (void)state;
    SERVE({"\x16\x03\x01 what?\n\n", HTTP_CLOSE, false}, {NULL, HTTP_RESET, false},
          {HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    tell(1);
    EVENTUALLY(counted(1, 0), TEST_LIMIT_MS);
}

static void where_nobody_listens_the_end_comes_all_the_same(void **state)
{
    (void)state;
    static const struct http_act act = {NULL, HTTP_CLOSE, false};

    server = http_server_start(&act, 1);
    (void)http_server_url(server, "/", url);
    http_server_stop(server);
    server = NULL;
    trace_to(url);
    tell(1000);
    int64_t began_ms = clock_mono_ms();
    tracer_free(tracer, NEVER_MS);
    tracer = NULL;
    assert_in_range(clock_mono_ms() - began_ms, 0, TEST_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_collector_that_hangs_costs_spans_and_nothing_else),
        CASE(a_request_that_is_not_answered_is_given_up_and_tried_again),
        CASE(an_endless_answer_is_cut),
        CASE(garbage_and_resets_are_no_answer),
        CASE(where_nobody_listens_the_end_comes_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
