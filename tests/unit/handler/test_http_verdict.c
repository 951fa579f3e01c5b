/* http_verdict: what an answer means, without a server. */
#include "tests/unit/handler/errand.h"

#include "handler/http_verdict.h"

#define URL "http://host/path"
#define NOW_MS INT64_C(784111777000) /* Sun, 06 Nov 1994 08:49:37 GMT */

static struct slice text(const char *bytes)
{
    return slice_of(bytes);
}

/* What becomes of the job; its error is in errand.job.result. */
static enum job_outcome judged(struct http_reply *reply, const char *body)
{
    const struct task task = {&errand.job, &errand.queue, &errand.queue.handler, &errand.stopper,
                              NULL};

    job_result_clear(&errand.job);
    if (errand.queue.handler.answer_bytes_max == 0)
        errand.queue.handler.answer_bytes_max = 65536;
    buf_append_str(&reply->body, body);
    http_judge(&task, reply, URL, NOW_MS);
    buf_free(&reply->body);
    return errand.job.result.outcome;
}

static const char *error(void)
{
    return errand.job.result.error != NULL ? errand.job.result.error : "(none)";
}

static void the_status_decides(void **state)
{
    (void)state;
    static const struct {
        long status;
        enum job_outcome outcome;
        const char *error;
    } rows[] = {
        {200, JOB_DONE, "(none)"},
        {204, JOB_DONE, "(none)"},
        {299, JOB_DONE, "(none)"},
        {199, JOB_RETRY, "HTTP 199 from " URL ": why"},
        {300, JOB_PERMANENT, "HTTP 300 from " URL ": redirects are not followed"},
        {304, JOB_PERMANENT, "HTTP 304 from " URL ": redirects are not followed"},
        {400, JOB_PERMANENT, "HTTP 400 from " URL ": why"},
        {404, JOB_PERMANENT, "HTTP 404 from " URL ": why"},
        {407, JOB_PERMANENT, "HTTP 407 from " URL ": why"},
        {408, JOB_RETRY, "HTTP 408 from " URL ": why"},
        {409, JOB_PERMANENT, "HTTP 409 from " URL ": why"},
        {424, JOB_PERMANENT, "HTTP 424 from " URL ": why"},
        {425, JOB_RETRY, "HTTP 425 from " URL ": why"},
        {429, JOB_RETRY, "HTTP 429 from " URL ": why"},
        {499, JOB_PERMANENT, "HTTP 499 from " URL ": why"},
        {500, JOB_RETRY, "HTTP 500 from " URL ": why"},
        {503, JOB_RETRY, "HTTP 503 from " URL ": why"},
        {600, JOB_RETRY, "HTTP 600 from " URL ": why"},
        {999, JOB_RETRY, "HTTP 999 from " URL ": why"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_reply reply = {.status = rows[i].status};
        assert_int_equal(judged(&reply, "why\n"), rows[i].outcome);
        assert_string_equal(error(), rows[i].error);
        assert_true(errand.job.result.delay_ms == -1);
    }
}

static void a_retry_after_is_seconds_or_a_date_and_has_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t delay_ms;
    } rows[] = {
        {"0", 0},
        {"1", 1000},
        {"86399", 86399000},
        {"86400", HTTP_RETRY_AFTER_MAX_MS},
        {"999999999", HTTP_RETRY_AFTER_MAX_MS},
        {"18446744073709551615", HTTP_RETRY_AFTER_MAX_MS},
        {"18446744073709551616", -1},
        {"-1", -1},
        {"1.5", -1},
        {"30s", -1},
        {"", -1},
        {"soon", -1},
        {"tomorrow, if you are lucky", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:38 GMT", 1000},
        {"Sunday, 06-Nov-94 08:50:37 GMT", 60000},
        {"Sun Nov  6 08:49:39 1994", 2000},
        {"Sun, 06 Nov 1994 08:49:36 GMT", 0}, /* the past */
        {"Tue, 06 Nov 2096 08:49:37 GMT", HTTP_RETRY_AFTER_MAX_MS},
        {"Sun, 06 Nov 1994 99:99:99 GMT", -1},
        {"Sun, 45 Foo 1994 08:49:37 GMT", -1},
    };

    assert_true(http_retry_after_ms((struct slice){NULL, 0}, NOW_MS) == -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (http_retry_after_ms(text(rows[i].text), NOW_MS) != rows[i].delay_ms)
            fail_msg("%s", rows[i].text);
    }
}

static void it_counts_where_another_attempt_does(void **state)
{
    (void)state;
    struct http_reply busy = {.status = 503, .retry_after = text("7")};
    assert_int_equal(judged(&busy, ""), JOB_RETRY);
    assert_true(errand.job.result.delay_ms == 7000);
    assert_string_equal(error(), "HTTP 503 from " URL);
    struct http_reply gone = {.status = 410, .retry_after = text("7")};
    assert_int_equal(judged(&gone, ""), JOB_PERMANENT);
    assert_true(errand.job.result.delay_ms == -1);
}

static void a_success_may_name_another_outcome(void **state)
{
    (void)state;
    static const struct {
        const char *outcome, *delay;
        enum job_outcome becomes;
        int64_t delay_ms;
        const char *error;
    } rows[] = {
        {"done", NULL, JOB_DONE, -1, "(none)"},
        {"DONE", NULL, JOB_DONE, -1, "(none)"},
        {"snooze", "30s", JOB_SNOOZE, 30000, "(none)"},
        {"Snooze", NULL, JOB_SNOOZE, -1, "(none)"},
        {"retry", "1.5m", JOB_RETRY, 90000, "HTTP 200 from " URL ": why"},
        {"retry", NULL, JOB_RETRY, -1, "HTTP 200 from " URL ": why"},
        {"permanent", NULL, JOB_PERMANENT, -1, "HTTP 200 from " URL ": why"},
        {"snooze", "30", JOB_RETRY, -1,
         "HTTP 200 from " URL ": Navvy-Delay is no duration like 30s: 30"},
        {"snooz", "30s", JOB_RETRY, 30000,
         "HTTP 200 from " URL ": Navvy-Outcome is none of done, retry, permanent, snooze: snooz"},
        {"", NULL, JOB_RETRY, -1,
         "HTTP 200 from " URL ": Navvy-Outcome is none of done, retry, permanent, snooze: "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_reply reply = {
            .status = 200, .outcome = text(rows[i].outcome), .delay = text(rows[i].delay)};
        assert_int_equal(judged(&reply, "why"), rows[i].becomes);
        assert_string_equal(error(), rows[i].error);
        assert_true(errand.job.result.delay_ms == rows[i].delay_ms);
    }
}

static void an_error_has_no_other_outcome(void **state)
{
    (void)state;
    struct http_reply reply = {.status = 404, .outcome = text("done")};
    assert_int_equal(judged(&reply, ""), JOB_PERMANENT);
}

static void half_an_answer_is_never_done(void **state)
{
    (void)state;
    struct http_reply none = {.why = "Empty reply from server"};
    assert_int_equal(judged(&none, ""), JOB_RETRY);
    assert_string_equal(error(), "no answer from " URL ": Empty reply from server");
    struct http_reply half = {.status = 200, .why = "it ended"};
    assert_int_equal(judged(&half, "half"), JOB_RETRY);
    assert_string_equal(error(), "HTTP 200 from " URL ", but not the whole answer: it ended");
}

static void the_body_is_the_result_where_results_are_kept(void **state)
{
    (void)state;
    struct http_reply unkept = {.status = 200}, kept = {.status = 200}, empty = {.status = 204};

    assert_int_equal(judged(&unkept, "42"), JOB_DONE);
    assert_null(errand.job.result.bytes);
    errand.queue.result_ttl_ms = 1000;
    assert_int_equal(judged(&kept, "42"), JOB_DONE);
    assert_int_equal(errand.job.result.len, 2);
    assert_memory_equal(errand.job.result.bytes, "42", 2);
    assert_int_equal(judged(&empty, ""), JOB_DONE);
}

static void a_body_that_was_cut_is_no_result_and_the_job_is_done(void **state)
{
    (void)state;
    errand.queue.result_ttl_ms = 1000;
    errand.queue.handler.answer_bytes_max = 1024;
    struct http_reply reply = {.status = 200, .body_cut = true};
    assert_int_equal(judged(&reply, "the beginning"), JOB_DONE);
    assert_null(errand.job.result.bytes);
    assert_string_equal(error(),
                        "the body from " URL " is over answer_max, 1024, and was not kept");
}

static void a_redirect_shows_where_to_and_no_secret(void **state)
{
    (void)state;
    struct http_reply reply = {.status = 302,
                               .location = text("https://me:pw@other/login?token=secret")};
    assert_int_equal(judged(&reply, "moved"), JOB_PERMANENT);
    assert_string_equal(error(), "HTTP 302 from " URL
                                 ": redirects are not followed; Location: https://other/login");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_status_decides, errand_setup, errand_teardown),
        cmocka_unit_test(a_retry_after_is_seconds_or_a_date_and_has_a_limit),
        cmocka_unit_test_setup_teardown(it_counts_where_another_attempt_does, errand_setup,
                                        errand_teardown),
        cmocka_unit_test_setup_teardown(a_success_may_name_another_outcome, errand_setup,
                                        errand_teardown),
        cmocka_unit_test_setup_teardown(an_error_has_no_other_outcome, errand_setup,
                                        errand_teardown),
        cmocka_unit_test_setup_teardown(half_an_answer_is_never_done, errand_setup,
                                        errand_teardown),
        cmocka_unit_test_setup_teardown(the_body_is_the_result_where_results_are_kept, errand_setup,
                                        errand_teardown),
        cmocka_unit_test_setup_teardown(a_body_that_was_cut_is_no_result_and_the_job_is_done,
                                        errand_setup, errand_teardown),
        cmocka_unit_test_setup_teardown(a_redirect_shows_where_to_and_no_secret, errand_setup,
                                        errand_teardown),
    };
    return cmocka_run_group_tests_name("http_verdict", tests, NULL, NULL);
}
