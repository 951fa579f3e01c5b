/* job: what a failure leaves behind. */
#include "job/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_failure_has_an_outcome_and_a_text(void **state)
{
    (void)state;
    struct job job = {0};

    job_fail(&job, JOB_RETRY, "exit status %d", 1);
    assert_int_equal(job.result.outcome, JOB_RETRY);
    assert_string_equal(job.result.error, "exit status 1");
    job_fail(&job, JOB_PERMANENT, "%s", "no such user");
    assert_int_equal(job.result.outcome, JOB_PERMANENT);
    assert_string_equal(job.result.error, "no such user");
    job_fail(&job, JOB_RETRY, "%s", "x");
    assert_string_equal(job.result.error, "x");
    job_fail(&job, JOB_RETRY, "%s", "");
    assert_null(job.result.error);
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    char text[RECORD_ERROR_MAX + 2];
    struct job job = {0};

    memset(text, 'e', sizeof text);
    for (int len = RECORD_ERROR_MAX - 1; len <= RECORD_ERROR_MAX + 1; len++) {
        job_fail(&job, JOB_RETRY, "%.*s", len, text);
        assert_int_equal(strlen(job.result.error), len < RECORD_ERROR_MAX ? len : RECORD_ERROR_MAX);
    }
    free(job.result.error);
}

static void nobody_said_anything_is_not_done(void **state)
{
    (void)state;
    struct job job = {0};
    assert_int_equal(job.result.outcome, JOB_UNKNOWN);
    assert_int_not_equal(JOB_UNKNOWN, JOB_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_has_an_outcome_and_a_text),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(nobody_said_anything_is_not_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
