/* builtin: noop, echo, sleep and fail. */
#include "tests/unit/handler/errand.h"

#include <pthread.h>

static void builtin(enum handler_builtin which)
{
    errand.queue.name = (char *)(uintptr_t) "email";
    errand.queue.handler.kind = HANDLER_BUILTIN;
    errand.queue.handler.builtin = which;
}

static void noop_and_echo_are_done(void **state)
{
    (void)state;
    errand_payload("\0\xff", 2);
    builtin(BUILTIN_NOOP);
    assert_int_equal(errand_run(), JOB_DONE);
    builtin(BUILTIN_ECHO);
    errand.queue.handler.answer_bytes_max = 2;
    assert_int_equal(errand_run(), JOB_DONE);
    assert_null(errand.job.result.error);
    assert_int_equal(errand.job.result.len, 2);
    assert_memory_equal(errand.job.result.bytes, "\0\xff", 2);
}

static void fail_fails_as_often_as_it_is_told(void **state)
{
    (void)state;
    const struct {
        uint32_t times, attempt; /* failures so far */
        enum job_outcome outcome;
    } rows[] = {
        {0, 0, JOB_RETRY}, {0, 999, JOB_RETRY}, {1, 0, JOB_RETRY}, {1, 1, JOB_DONE},
        {2, 0, JOB_RETRY}, {2, 1, JOB_RETRY},   {2, 2, JOB_DONE},  {2, 3, JOB_DONE},
    };

    builtin(BUILTIN_FAIL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        errand.queue.handler.fail_times = rows[i].times;
        errand.job.record.attempt = rows[i].attempt;
        assert_int_equal(errand_run(), rows[i].outcome);
    }
    errand.queue.handler.fail_times = 0;
    errand.job.record.attempt = 1;
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_string_equal(errand.job.result.error, "failed on purpose, attempt 2");
}

static void sleep_takes_as_long_as_it_should(void **state)
{
    (void)state;
    const int64_t times_ms[] = {0, 1, 30};

    builtin(BUILTIN_SLEEP);
    for (size_t i = 0; i < sizeof(times_ms) / sizeof(times_ms[0]); i++) {
        int64_t start_ms = clock_mono_ms();
        errand.queue.handler.sleep_ms = times_ms[i];
        assert_int_equal(errand_run(), JOB_DONE);
        assert_true(clock_mono_ms() - start_ms >= times_ms[i]);
    }
}

static void sleep_that_is_longer_than_the_timeout_fails(void **state)
{
    (void)state;
    builtin(BUILTIN_SLEEP);
    errand.queue.handler.sleep_ms = 3600000;
    errand_timeout(20);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_string_equal(errand.job.result.error, "timed out after 20ms");
}

static void *stop(void *why)
{
    errand_stop(*(enum job_stop *)why);
    return NULL;
}

static void sleep_ends_when_it_is_asked_to(void **state)
{
    (void)state;
    enum job_stop reasons[] = {JOB_STOP_SHUTDOWN, JOB_STOP_LOST};

    builtin(BUILTIN_SLEEP);
    errand.queue.handler.sleep_ms = 3600000;
    for (size_t i = 0; i < 2; i++) {
        pthread_t thread;
        atomic_store(&errand.job.stop, JOB_STOP_NONE);
        assert_int_equal(pthread_create(&thread, NULL, stop, &reasons[i]), 0);
        assert_int_equal(errand_run(), JOB_STOPPED);
        assert_null(errand.job.result.error);
        pthread_join(thread, NULL);
    }
}

int main(void)
{
#define BUILTIN_TEST(f) cmocka_unit_test_setup_teardown(f, errand_setup, errand_teardown)
    const struct CMUnitTest tests[] = {
        BUILTIN_TEST(noop_and_echo_are_done),
        BUILTIN_TEST(fail_fails_as_often_as_it_is_told),
        BUILTIN_TEST(sleep_takes_as_long_as_it_should),
        BUILTIN_TEST(sleep_that_is_longer_than_the_timeout_fails),
        BUILTIN_TEST(sleep_ends_when_it_is_asked_to),
    };
    return cmocka_run_group_tests_name("builtin", tests, NULL, NULL);
}
