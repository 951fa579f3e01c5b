/* verdict: where a job goes after each end of a delivery, and what its header remembers. */
#include "dlq/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOW_MS = 1000000, RANDOM = 0 };

static const struct queue_conf queue = {
    .retry = {.max_attempts = 3, .base_ms = 1000, .factor = 2, .cap_ms = 60000}};

static struct job job_of(enum job_outcome outcome)
{
    return (struct job){
        .claim = "w:1",
        .record = {.claim = slice_of("w:1"),
                   .attempt = 1,
                   .deliveries = 4,
                   .recoveries = 2,
                   .crashes = 1,
                   .failed_at_wall_ms = 7,
                   .force = true,
                   .reason = slice_of("old"),
                   .error = slice_of("the last one")},
        .result = {.outcome = outcome, .delay_ms = -1},
    };
}

static void assert_text(struct slice text, const char *want)
{
    if (!slice_equal(text, slice_of(want)) || (text.ptr == NULL) != (want == NULL))
        fail_msg("\"%.*s\", not \"%s\"", (int)text.len, text.ptr ? text.ptr : "", want ? want : "");
}

static void each_outcome_leads_to_one_place(void **state)
{
    (void)state;
    static const struct {
        enum job_outcome outcome;
        enum verdict_to to;
        enum dlq_reason reason;
        int64_t delay_ms;
        uint32_t attempt, recoveries, crashes; /* before: 1, 2, 1 */
    } rows[] = {
        {JOB_DONE, VERDICT_DONE, DLQ_REASON_NONE, 0, 1, 0, 0},
        {JOB_RETRY, VERDICT_RETRY, DLQ_REASON_NONE, 2000, 2, 0, 0},
        {JOB_UNKNOWN, VERDICT_RETRY, DLQ_REASON_NONE, 2000, 2, 0, 0},
        {JOB_PERMANENT, VERDICT_DLQ, DLQ_PERMANENT, 0, 2, 0, 0},
        {JOB_SNOOZE, VERDICT_RETRY, DLQ_REASON_NONE, 0, 1, 0, 0},
        {JOB_STOPPED, VERDICT_READY, DLQ_REASON_NONE, 0, 1, 2, 1},
    };
    assert_int_equal(sizeof rows / sizeof rows[0], JOB_OUTCOME_COUNT);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct job job = job_of(rows[i].outcome);
        struct verdict verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
        assert_int_equal(verdict.to, rows[i].to);
        assert_int_equal(verdict.reason, rows[i].reason);
        assert_int_equal(verdict.delay_ms, rows[i].delay_ms);
        assert_int_equal(verdict.stamp.attempt, rows[i].attempt);
        assert_int_equal(verdict.stamp.recoveries, rows[i].recoveries);
        assert_int_equal(verdict.stamp.crashes, rows[i].crashes);
        assert_int_equal(verdict.stamp.deliveries, 5);
        assert_text(verdict.stamp.claim, "w:1");
        assert_true(verdict.stamp.force); /* a retry of what a person requeued is still theirs */
    }
}

static void a_failure_is_remembered_with_its_time_and_text(void **state)
{
    (void)state;
    struct job job = job_of(JOB_RETRY);
    char text[] = "exit status 1";

    job.result.error = text;
    struct verdict verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
    assert_int_equal(verdict.stamp.failed_at_wall_ms, NOW_MS);
    assert_text(verdict.stamp.error, "exit status 1");
    assert_text(verdict.stamp.reason, NULL);
    job.result.error = NULL;
    verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
    assert_text(verdict.stamp.error, "failed without a word");
    job = job_of(JOB_STOPPED); /* no failure: the one before stays */
    verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
    assert_int_equal(verdict.stamp.failed_at_wall_ms, 7);
    assert_text(verdict.stamp.error, "the last one");
}

static void what_an_operator_cancelled_is_dead_unless_it_is_done(void **state)
{
    (void)state;
    for (int outcome = 0; outcome < JOB_OUTCOME_COUNT; outcome++) {
        struct job job = job_of((enum job_outcome)outcome);
        atomic_store(&job.stop, JOB_STOP_CANCELLED);
        struct verdict verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
        if (outcome == JOB_DONE) {
            assert_int_equal(verdict.to, VERDICT_DONE);
            continue;
        }
        assert_int_equal(verdict.to, VERDICT_DLQ);
        assert_text(verdict.stamp.reason, "cancelled");
        assert_text(verdict.stamp.error, "cancelled while it ran");
        assert_int_equal(verdict.stamp.attempt, 1); /* it has not failed */
        assert_int_equal(verdict.stamp.failed_at_wall_ms, NOW_MS);
    }
}

static void attempts_are_counted_up_to_the_jobs_or_the_queues_limit(void **state)
{
    (void)state;
    static const struct {
        uint32_t attempt, job_max;
        enum verdict_to to;
    } rows[] = {
        {0, 0, VERDICT_RETRY},
        {1, 0, VERDICT_RETRY},
        {2, 0, VERDICT_DLQ}, /* the third failure of three */
        {9, 0, VERDICT_DLQ}, /* the limit was lowered meanwhile */
        {0, 1, VERDICT_DLQ},
        {2, 4, VERDICT_RETRY},
        {3, 4, VERDICT_DLQ},
        {1000, UINT32_MAX, VERDICT_RETRY},
        {UINT32_MAX - 1, UINT32_MAX, VERDICT_DLQ},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct job job = job_of(JOB_RETRY);
        job.record.attempt = rows[i].attempt;
        job.record.max_attempts = rows[i].job_max;
        struct verdict verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
        assert_int_equal(verdict.to, rows[i].to);
        assert_int_equal(verdict.stamp.attempt, rows[i].attempt + 1);
        assert_text(verdict.stamp.reason, rows[i].to == VERDICT_DLQ ? "retries" : NULL);
    }
}

static void counters_of_a_forged_header_stay_at_their_largest(void **state)
{
    (void)state;
    struct job job = job_of(JOB_RETRY);

    job.record.attempt = job.record.deliveries = UINT32_MAX;
    job.record.recoveries = job.record.crashes = UINT32_MAX;
    struct verdict verdict = verdict_after_run(&queue, &job, NOW_MS, RANDOM);
    assert_int_equal(verdict.to, VERDICT_DLQ);
    assert_true(verdict.stamp.attempt == UINT32_MAX && verdict.stamp.deliveries == UINT32_MAX);
    verdict = verdict_after_death(&job.record, slice_of("w:1"), "signal 11", NOW_MS);
    assert_int_equal(verdict.to, VERDICT_DLQ);
    assert_true(verdict.stamp.recoveries == UINT32_MAX && verdict.stamp.crashes == UINT32_MAX);
}

static void a_handler_may_ask_for_a_delay(void **state)
{
    (void)state;
    static const struct {
        enum job_outcome outcome;
        int64_t asked_ms, delay_ms;
    } rows[] = {
        {JOB_RETRY, -1, 2000},     {JOB_RETRY, 0, 0},          {JOB_RETRY, 1, 1},
        {JOB_SNOOZE, -1, 0},       {JOB_SNOOZE, 0, 0},         {JOB_SNOOZE, 1, 1},
        {JOB_RETRY, 90000, 90000}, {JOB_SNOOZE, 90000, 90000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct job job = job_of(rows[i].outcome);
        job.result.delay_ms = rows[i].asked_ms;
        assert_int_equal(verdict_after_run(&queue, &job, NOW_MS, RANDOM).delay_ms,
                         rows[i].delay_ms);
    }
}

static void a_job_whose_workers_die_becomes_poison(void **state)
{
    (void)state;
    static const struct {
        uint32_t recoveries, crashes;
        bool was_running;
        enum verdict_to to;
    } rows[] = {
        {0, 0, false, VERDICT_READY}, {0, 0, true, VERDICT_READY},  {5, 1, true, VERDICT_READY},
        {5, 2, true, VERDICT_DLQ},    {5, 2, false, VERDICT_READY}, {8, 0, false, VERDICT_READY},
        {9, 0, false, VERDICT_DLQ},   {9, 0, true, VERDICT_DLQ},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record record = {.attempt = 2,
                                .deliveries = 50, /* many, but with verdicts: no poison */
                                .recoveries = rows[i].recoveries,
                                .crashes = rows[i].crashes};
        struct verdict verdict = verdict_after_death(
            &record, slice_of("w:1"), rows[i].was_running ? "signal 11" : NULL, NOW_MS);
        assert_int_equal(verdict.to, rows[i].to);
        assert_int_equal(verdict.stamp.attempt, 2); /* no fault of the job is proven */
        assert_int_equal(verdict.stamp.deliveries, 51);
        assert_int_equal(verdict.stamp.recoveries, rows[i].recoveries + 1);
        assert_int_equal(verdict.stamp.crashes, rows[i].crashes + rows[i].was_running);
        assert_text(verdict.stamp.claim, "w:1");
        assert_text(verdict.stamp.reason, rows[i].to == VERDICT_DLQ ? "poison" : NULL);
        if (rows[i].was_running)
            assert_text(verdict.stamp.error, "signal 11");
        else
            assert_int_equal(verdict.stamp.error.ptr != NULL, rows[i].to == VERDICT_DLQ);
    }
}

static void what_is_buried_unrun_says_why(void **state)
{
    (void)state;
    static const enum dlq_reason reasons[] = {DLQ_MALFORMED, DLQ_UNSUPPORTED, DLQ_OVERSIZE};
    struct record record = {.payload = slice_of("navvy/1 id\nx")};

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        struct verdict verdict =
            verdict_bury(&record, slice_of("w:1"), reasons[i], "a key without '='", NOW_MS);
        assert_int_equal(verdict.to, VERDICT_DLQ);
        assert_int_equal(verdict.reason, reasons[i]);
        assert_text(verdict.stamp.reason, dlq_reason_name(reasons[i]));
        assert_text(verdict.stamp.error, "a key without '='");
        assert_int_equal(verdict.stamp.failed_at_wall_ms, NOW_MS);
        assert_int_equal(verdict.stamp.deliveries, 1);
        assert_int_equal(verdict.stamp.attempt, 0);
    }
}

static void a_dead_job_goes_back_with_its_history_wiped(void **state)
{
    (void)state;
    static const struct {
        const char *dead, *back; /* NULL: not a record of a DLQ */
    } rows[] = {
        {"navvy/1 claim=w:1 attempt=3 deliveries=4 recoveries=1 crashes=1 failed_at=5 "
         "reason=retries id=x error=\"a b\"\nx",
         "navvy/1 claim=w:1 deliveries=4 force=1 id=x\nx"},
        {"navvy/1 claim=w:1 reason=permanent\n", "navvy/1 claim=w:1 force=1\n"},
        {"navvy/1 claim=w:1 deliveries=1 reason=malformed error=e\nnavvy/1 id\nx", "navvy/1 id\nx"},
        {"navvy/1 claim=w:1 deliveries=1 reason=unsupported\nnavvy/2 id=1\nx", "navvy/2 id=1\nx"},
        {"navvy/1 claim=w:1 deliveries=1 reason=oversize\nxxxxx", "xxxxx"},
        {"navvy/1 claim=w:1 deliveries=1 reason=oversize\n", ""},
        {"navvy/1 claim=w:1 deliveries=1 reason=oversize\nnavvy/1 key=k\nxxxxx",
         "navvy/1 key=k\nxxxxx"},
        {"x", NULL},
        {"", NULL},
        {"navvy/1 id=1\nx", NULL},
        {"navvy/1 claim=\nx", NULL},
        {"navvy/1 claim=w:1", NULL},
        {"navvy/2 claim=w:1\nx", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = {0};
        assert_int_equal(verdict_requeue(slice_of(rows[i].dead), (struct slice){0}, &out),
                         rows[i].back != NULL);
        const char *want = rows[i].back != NULL ? rows[i].back : "";
        if (!slice_equal((struct slice){out.data, out.len}, slice_of(want)))
            fail_msg("%s, not %s", out.data ? out.data : "nothing", want);
        buf_free(&out);
    }
}

static void a_canary_is_one_for_one_delivery(void **state)
{
    (void)state;
    static const char dead[] = "navvy/1 claim=w:1 canary=old reason=retries\nx";
    struct buf out = {0};
    assert_true(verdict_requeue(slice_of(dead), slice_of("9f"), &out));
    assert_string_equal(out.data, "navvy/1 claim=w:1 force=1 canary=9f\nx");
    buf_reset(&out);
    assert_true(verdict_requeue(slice_of(dead), (struct slice){0}, &out));
    assert_string_equal(out.data, "navvy/1 claim=w:1 force=1\nx");
    buf_free(&out);

    const struct record record = {.claim = slice_of("w:1"), .canary = slice_of("9f")};
    struct verdict verdict = verdict_after_death(&record, record.claim, NULL, NOW_MS);
    assert_text(verdict.stamp.canary, "9f"); /* it never ended */
    verdict = verdict_bury(&record, record.claim, DLQ_POISON, "x", NOW_MS);
    assert_null(verdict.stamp.canary.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_outcome_leads_to_one_place),
        cmocka_unit_test(a_failure_is_remembered_with_its_time_and_text),
        cmocka_unit_test(what_an_operator_cancelled_is_dead_unless_it_is_done),
        cmocka_unit_test(attempts_are_counted_up_to_the_jobs_or_the_queues_limit),
        cmocka_unit_test(counters_of_a_forged_header_stay_at_their_largest),
        cmocka_unit_test(a_handler_may_ask_for_a_delay),
        cmocka_unit_test(a_job_whose_workers_die_becomes_poison),
        cmocka_unit_test(what_is_buried_unrun_says_why),
        cmocka_unit_test(a_dead_job_goes_back_with_its_history_wiped),
        cmocka_unit_test(a_canary_is_one_for_one_delivery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
