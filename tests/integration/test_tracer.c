/* tracer: what reaches a collector, and what becomes of spans that it does not take. */
#include "tests/integration/tracer_rig.h"

static void spans_come_in_batches_with_the_headers(void **state)
{
    (void)state;
    SERVE({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    tell(200);
    EVENTUALLY(counted(200, 0), TEST_LIMIT_MS);
    assert_in_range(http_server_requests(server), 2, 4);
    assert_int_equal(http_server_connections(server), 1); /* kept */
    char *last = http_server_last(server);
    assert_non_null(strstr(last, "POST /v1/traces HTTP/1.1\r\n"));
    assert_non_null(strstr(last, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(last, "\r\nAuthorization: Bearer hush\r\n"));
    assert_non_null(
        strstr(last, "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}"));
    free(last);
}

static void what_may_be_tried_again_is(void **state)
{
    (void)state;
    SERVE({HTTP_EMPTY("503 Busy", "Retry-After: 0\r\n"), HTTP_KEEP, false},
          {HTTP_EMPTY("429 Slow down", "Retry-After: 1\r\n"), HTTP_CLOSE, false},
          {HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    tell(3);
    EVENTUALLY(counted(3, 0), TEST_LIMIT_MS);
    assert_int_equal(http_server_requests(server), 3);
}

static void what_is_final_is_lost_and_the_next_ones_go_on(void **state)
{
    (void)state;
    SERVE({HTTP_EMPTY("400 Bad", ""), HTTP_KEEP, false},
          {HTTP_EMPTY("301 Elsewhere", "Location: /elsewhere\r\n"), HTTP_KEEP, false},
          {HTTP_EMPTY("500 Broken", ""), HTTP_KEEP, false},
          {HTTP_ANSWER(
               "200 OK", "Content-Length: 66\r\n",
               "{\"partialSuccess\":{\"rejectedSpans\":\"2\",\"errorMessage\":\"old\\u0007\"}}"
               "  "),
           HTTP_CLOSE, false});
    for (uint64_t i = 1; i <= 3; i++) {
        tell(1);
        EVENTUALLY(counted(0, i), TEST_LIMIT_MS);
        assert_int_equal(http_server_requests(server), i);
    }
    tell(1);
    EVENTUALLY(counted(1, 3), TEST_LIMIT_MS);
}

static void what_is_left_is_sent_at_the_end(void **state)
{
    (void)state;
    SERVE({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    tell(RING);
    tracer_free(tracer, NEVER_MS);
    tracer = NULL;
    char *bodies = http_server_bodies(server);
    int spans = 0;
    for (const char *at = bodies; (at = strstr(at, "\"process email\"")) != NULL; at++)
        spans++;
    assert_int_equal(spans, RING);
    free(bodies);
}

static void a_parent_decides_and_else_the_ratio(void **state)
{
    (void)state;
    static const char parent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";
    struct job_trace trace;
    char text[64];

    SERVE({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    tracer_set_sample(tracer, 100);
    (void)snprintf(text, sizeof text, "%s0", parent);
    assert_false(tracer_begin(tracer, &trace, slice_of("w:1"), slice_of(text)));
    assert_true(tracer_begin(tracer, &trace, slice_of("w:1"), slice_of("broken")));
    assert_int_not_equal(trace.own.trace_high, 0x4bf92f3577b34da6);
    assert_int_equal(trace.parent, 0);
    tracer_set_sample(tracer, 0);
    assert_false(tracer_begin(tracer, &trace, slice_of("w:1"), slice_of("broken")));
    (void)snprintf(text, sizeof text, "%s1", parent);
    assert_true(tracer_begin(tracer, &trace, slice_of("w:1"), slice_of(text)));
    assert_true(trace.own.sampled && trace.taken_ns != 0 && trace.claim_ns == 0);
    assert_int_equal(trace.own.trace_high, 0x4bf92f3577b34da6);
    assert_int_equal(trace.parent, 0x00f067aa0ba902b7);
    assert_int_not_equal(trace.own.span, trace.parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(spans_come_in_batches_with_the_headers),        CASE(what_may_be_tried_again_is),
        CASE(what_is_final_is_lost_and_the_next_ones_go_on), CASE(what_is_left_is_sent_at_the_end),
        CASE(a_parent_decides_and_else_the_ratio),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
