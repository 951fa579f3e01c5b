/* answer: what a line means, and which lines mean nothing. */
#include "handler/answer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static struct job job;

static struct slice line_of(const char *text)
{
    return slice_of(text);
}

/* Parses and settles; the job's outcome. */
static enum job_outcome settle(const char *line)
{
    struct answer answer;
    char why[ANSWER_WHY_MAX] = "";

    job_result_clear(&job);
    if (!answer_parse(line_of(line), &answer, why))
        fail_msg("%s: %s", line, why);
    assert_int_equal(answer.kind, ANSWER_OUTCOME);
    answer_settle(&answer, &job, 16);
    answer_free(&answer);
    return job.result.outcome;
}

static void an_answer_becomes_the_result_of_the_job(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum job_outcome outcome;
        int64_t delay_ms;
        const char *error, *bytes;
    } rows[] = {
        {"{\"outcome\":\"done\"}", JOB_DONE, -1, NULL, NULL},
        {"{\"outcome\":\"done\",\"result\":null}", JOB_DONE, -1, NULL, NULL},
        {"{\"outcome\":\"done\",\"result\":\"\"}", JOB_DONE, -1, NULL, ""},
        {"{\"outcome\":\"done\",\"result\":\"a b\"}", JOB_DONE, -1, NULL, "a b"},
        {"{\"outcome\":\"done\",\"result\":{\"n\":[1, 2]}}", JOB_DONE, -1, NULL, "{\"n\":[1,2]}"},
        {"{\"outcome\":\"done\",\"result\":17}", JOB_DONE, -1, NULL, "17"},
        {"{\"outcome\":\"done\",\"result\":\"0123456789abcdef\"}", JOB_DONE, -1, NULL,
         "0123456789abcdef"},
        {"{\"outcome\":\"done\",\"result\":\"0123456789abcdefg\"}", JOB_DONE, -1,
         "its result of 17 bytes is over answer_max, 16, and was not kept", NULL},
        {" {\"outcome\":\"retry\"} ", JOB_RETRY, -1, "the handler gave no error text", NULL},
        {"{\"outcome\":\"retry\",\"delay\":\"30s\",\"error\":\"e\"}", JOB_RETRY, 30000, "e", NULL},
        {"{\"outcome\":\"retry\",\"delay\":0,\"error\":\"e\"}", JOB_RETRY, 0, "e", NULL},
        {"{\"outcome\":\"retry\",\"delay\":1500.7,\"error\":\"e\"}", JOB_RETRY, 1500, "e", NULL},
        {"{\"outcome\":\"permanent\",\"error\":\"no\"}", JOB_PERMANENT, -1, "no", NULL},
        {"{\"outcome\":\"snooze\",\"delay\":\"2h\"}", JOB_SNOOZE, 7200000, NULL, NULL},
        {"{\"outcome\":\"snooze\",\"future\":[]}", JOB_SNOOZE, -1, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_int_equal(settle(rows[i].line), rows[i].outcome);
        assert_int_equal(job.result.delay_ms, rows[i].delay_ms);
        assert_true((job.result.error == NULL) == (rows[i].error == NULL));
        if (rows[i].error != NULL)
            assert_string_equal(job.result.error, rows[i].error);
        assert_true((job.result.bytes == NULL) == (rows[i].bytes == NULL));
        if (rows[i].bytes != NULL) {
            assert_int_equal(job.result.len, strlen(rows[i].bytes));
            assert_memory_equal(job.result.bytes, rows[i].bytes, job.result.len);
        }
    }
    job_result_clear(&job);
}

static void a_result_may_be_any_bytes(void **state)
{
    (void)state;
    assert_int_equal(settle("{\"outcome\":\"done\",\"result\":\"a\\u0000b\"}"), JOB_DONE);
    assert_int_equal(job.result.len, 3);
    assert_memory_equal(job.result.bytes, "a\0b", 3);
    job_result_clear(&job);
}

static void an_answer_says_whose_it_is_and_how_far_it_got(void **state)
{
    (void)state;
    static const struct {
        const char *line, *id;
        int percent;
    } rows[] = {
        {"{\"id\":\"w:1\",\"progress\":40}", "w:1", 40},
        {"{\"progress\":40.9}", NULL, 40},
        {"{\"progress\":-1}", NULL, 0},
        {"{\"progress\":1e300}", NULL, 100},
        {"{\"id\":7,\"progress\":100}", NULL, 100},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct answer answer;
        char why[ANSWER_WHY_MAX];
        assert_true(answer_parse(line_of(rows[i].line), &answer, why));
        assert_int_equal(answer.kind, ANSWER_PROGRESS);
        assert_int_equal(answer.percent, rows[i].percent);
        assert_true(slice_equal(answer.id, slice_of(rows[i].id)));
        answer_free(&answer);
    }
}

static void what_is_no_answer_is_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"", "no answer: \"\""},
        {"hello", "no answer: \"hello\""},
        {"[]", "no answer: \"[]\""},
        {"{\"outcome\":\"done\"", "no answer: \"{\"outcome\":\"done\"\""},
        {"{}", "an answer whose outcome is none of done, retry, permanent, snooze: \"{}\""},
        {"{\"outcome\":\"stopped\"}", "an answer whose outcome is none of done, retry, permanent, "
                                      "snooze: \"{\"outcome\":\"stopped\"}\""},
        {"{\"outcome\":\"retry\",\"delay\":\"soon\"}",
         "an answer whose delay is neither a duration like \"30s\" nor milliseconds: "
         "\"{\"outcome\":\"retry\",\"delay\":\"soon\"}\""},
        {"{\"outcome\":\"retry\",\"delay\":-1}",
         "an answer whose delay is neither a duration like \"30s\" nor milliseconds: "
         "\"{\"outcome\":\"retry\",\"delay\":-1}\""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct answer answer;
        char why[ANSWER_WHY_MAX] = "";
        assert_false(answer_parse(line_of(rows[i].line), &answer, why));
        assert_string_equal(why, rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_becomes_the_result_of_the_job),
        cmocka_unit_test(a_result_may_be_any_bytes),
        cmocka_unit_test(an_answer_says_whose_it_is_and_how_far_it_got),
        cmocka_unit_test(what_is_no_answer_is_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
