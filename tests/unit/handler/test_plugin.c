/* plugin: facts, outcomes, calls and stops of a plugin that does as its payload says. */
#include "tests/unit/handler/plugged.h"

#include <pthread.h>

static void every_outcome_is_kept_with_its_error_and_delay(void **state)
{
    (void)state;
    const struct {
        const char *words;
        enum job_outcome outcome;
        int64_t delay_ms;
        const char *error;
    } rows[] = {
        {"", JOB_DONE, -1, "(none)"},
        {"return=1", JOB_DONE, -1, "(none)"},
        {"fail=said_and_forgotten delay=7 return=1", JOB_DONE, -1, "(none)"},
        {"return=2", JOB_RETRY, -1, "the handler gave no error text"},
        {"fail=one fail=two return=2", JOB_RETRY, -1, "two"},
        {"fail=later delay=1500 return=2", JOB_RETRY, 1500, "later"},
        {"delay=-5 fail=x return=2", JOB_RETRY, -1, "x"},
        {"delay=0 fail=x return=2", JOB_RETRY, 0, "x"},
        {"fail=never return=3", JOB_PERMANENT, -1, "never"},
        {"return=4", JOB_SNOOZE, -1, "(none)"},
        {"delay=60000 return=4", JOB_SNOOZE, 60000, "(none)"},
        {"fail=closed delay=60000 return=4", JOB_SNOOZE, 60000, "closed"},
        {"return=5", JOB_RETRY, -1, "the plugin says that it was stopped, and nobody asked it"},
        {"return=0", JOB_RETRY, -1, "the plugin returned 0, which is no outcome"},
        {"return=6", JOB_RETRY, -1, "the plugin returned 6, which is no outcome"},
        {"return=-1", JOB_RETRY, -1, "the plugin returned -1, which is no outcome"},
        {"return=2147483647", JOB_RETRY, -1, "the plugin returned 2147483647, which is no outcome"},
    };

    plug("behave", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(behave(rows[i].words), rows[i].outcome);
        assert_string_equal(error(), rows[i].error);
        assert_true(errand.job.result.delay_ms == rows[i].delay_ms);
        assert_null(errand.job.result.bytes);
    }
    unplug();
}

static void a_result_is_that_of_a_done_job_alone(void **state)
{
    (void)state;
    const struct {
        const char *words, *result;
    } rows[] = {
        {"result=one result=two", "two"},  {"result=", ""},
        {"result=x result_null", NULL},    {"result=x fail=y return=2", NULL},
        {"result=x fail=y return=1", "x"}, {"result=x return=9", NULL},
        {"result=x return=4", NULL},
    };

    plug("behave", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct job_result *result = &errand.job.result;
        (void)behave(rows[i].words);
        if (rows[i].result == NULL) {
            assert_null(result->bytes);
            continue;
        }
        assert_int_equal(result->len, strlen(rows[i].result));
        assert_memory_equal(result->bytes, rows[i].result, result->len);
    }
    unplug();
}

static void a_result_over_answer_max_is_left_out_and_the_job_is_done(void **state)
{
    (void)state;
    plug("behave", NULL);
    assert_int_equal(behave("result_size=65536"), JOB_DONE);
    assert_int_equal(errand.job.result.len, ANSWER_MAX);

    assert_int_equal(behave("result_size=65537"), JOB_DONE);
    assert_null(errand.job.result.bytes);
    assert_string_equal(error(), "its result of 65537 bytes is over answer_max, 65536, and was not "
                                 "kept");

    assert_int_equal(behave("result_size=10485760"), JOB_DONE);
    assert_null(errand.job.result.bytes);
    assert_int_equal(behave("result_size=10485760 result=small"), JOB_DONE);
    assert_string_equal(error(), "(none)");
    assert_int_equal(errand.job.result.len, strlen("small"));
    unplug();
}

static void an_error_of_10_mb_is_cut(void **state)
{
    (void)state;
    plug("behave", NULL);
    assert_int_equal(behave("fail_size=10485760 return=2"), JOB_RETRY);
    assert_int_equal(strlen(error()), RECORD_ERROR_MAX);
    assert_int_equal(behave("fail_size=10485760 fail=short return=2"), JOB_RETRY);
    assert_string_equal(error(), "short");
    unplug();
}

static void progress_stays_between_0_and_100(void **state)
{
    (void)state;
    const struct {
        const char *words;
        int percent;
    } rows[] = {
        {"progress=-2147483648", 0},  {"progress=-1", 0},    {"progress=0", 0},
        {"progress=41", 41},          {"progress=100", 100}, {"progress=101", 100},
        {"progress=2147483647", 100},
    };

    plug("behave", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(behave(rows[i].words), JOB_DONE);
        assert_int_equal(atomic_load(&errand.job.percent), rows[i].percent);
    }
    unplug();
}

/* What a done job returned, terminated. */
static const char *returned(void)
{
    static char text[8192];
    assert_int_equal(errand.job.result.outcome, JOB_DONE);
    snprintf(text, sizeof text, "%.*s", (int)errand.job.result.len, errand.job.result.bytes);
    return text;
}

static const char *facts(void)
{
    (void)behave("facts");
    return returned();
}

static void the_facts_are_those_of_the_job(void **state)
{
    (void)state;
    static const char header[] = "o-7mail00-4bf";
    struct record *record = &errand.job.record;

    plug("behave", "a b");
    assert_string_equal(facts(), "id=web1-4711-9f:17 claim=web1-4711-9f:17 queue=email type=- "
                                 "trace=- attempt=1 delivery=1 deadline=0 left=-1 payload=5 "
                                 "options=a b");
    /* as they stand in a header: one behind the other, not terminated */
    record->id = (struct slice){header, 3};
    record->type = (struct slice){header + 3, 4};
    record->traceparent = (struct slice){header + 7, 6};
    record->attempt = 2;
    record->deliveries = 6;
    assert_string_equal(facts(), "id=o-7 claim=web1-4711-9f:17 queue=email type=mail trace=00-4bf "
                                 "attempt=3 delivery=7 deadline=0 left=-1 payload=5 options=a b");
    record->id = (struct slice){"a\0b", 3}; /* no text: as if none were given */
    record->type = (struct slice){"", 0};
    record->traceparent = (struct slice){NULL, 0};
    assert_non_null(strstr(facts(), "id=web1-4711-9f:17 claim=web1-4711-9f:17 queue=email type= "
                                    "trace=- "));
    unplug();
}

static void texts_as_long_as_a_header_are_told_whole(void **state)
{
    (void)state;
    static char header[RECORD_HEADER_MAX];
    struct record *record = &errand.job.record;

    memset(header, 'i', sizeof header);
    record->id = (struct slice){header, sizeof header - 2};
    record->type = (struct slice){header, 1};
    record->traceparent = (struct slice){header, 1};
    plug("behave", NULL);
    const char *text = facts();
    assert_int_equal(strspn(text + strlen("id="), "i"), sizeof header - 2);
    assert_non_null(strstr(text, " type=i trace=i "));
    unplug();
}

static void the_deadline_is_told_as_a_time_and_as_what_is_left(void **state)
{
    (void)state;
    plug("behave", NULL);
    errand_timeout(60000);
    int64_t soonest_ms = clock_wall_ms() + 59000;
    const char *text = facts();
    const char *deadline = strstr(text, "deadline="), *left = strstr(text, "left=");
    assert_non_null(deadline);
    assert_non_null(left);
    assert_true(atoll(deadline + strlen("deadline=")) >= soonest_ms);
    assert_true(atoll(deadline + strlen("deadline=")) <= soonest_ms + 60000);
    assert_true(atoi(left + strlen("left=")) > 0 && atoi(left + strlen("left=")) <= 60000);
    unplug();
}

static void payloads_are_what_was_pushed(void **state)
{
    (void)state;
    plug("behave", NULL);
    errand_payload("facts\0\xff", 7);
    (void)errand_run();
    assert_non_null(strstr(returned(), "payload=7 ")); /* it sees the word, and all seven bytes */
    errand_payload("", 0);
    assert_int_equal(errand_run(), JOB_DONE);
    unplug();
}

/* --- stops --------------------------------------------------------------------------------- */

static void out_of_time_is_a_failure_with_the_limit(void **state)
{
    (void)state;
    const char *const words[] = {"wait return=5", "poll return=5"};

    plug("behave", NULL);
    for (size_t i = 0; i < 2; i++) {
        errand_timeout(20);
        assert_int_equal(behave(words[i]), JOB_RETRY);
        assert_string_equal(error(), "timed out after 20ms");
    }
    errand_timeout(20);
    assert_int_equal(behave("wait result=late return=1"), JOB_DONE); /* it says that it is done */
    assert_int_equal(errand.job.result.len, strlen("late"));
    unplug();
}

static void *stop(void *why)
{
    errand_stop(*(enum job_stop *)why);
    return NULL;
}

static void a_handler_that_never_returns_ends_when_it_is_asked_to(void **state)
{
    (void)state;
    enum job_stop reasons[] = {JOB_STOP_SHUTDOWN, JOB_STOP_LOST};
    const char *const words[] = {"wait result=x fail=y delay=9 return=5", "poll return=5"};

    plug("behave", NULL);
    for (size_t i = 0; i < 4; i++) {
        pthread_t thread;
        uint64_t rings;
        atomic_store(&errand.job.stop, JOB_STOP_NONE);
        assert_int_equal(pthread_create(&thread, NULL, stop, &reasons[i % 2]), 0);
        assert_int_equal(behave(words[i / 2]), JOB_STOPPED);
        assert_string_equal(error(), "(none)");
        assert_null(errand.job.result.bytes);
        assert_true(errand.job.result.delay_ms == -1);
        pthread_join(thread, NULL);
        assert_int_equal(eventfd_read(errand.stopper.wake_fd, &rings), 0);
    }
    unplug();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGGED_TEST(every_outcome_is_kept_with_its_error_and_delay),
        PLUGGED_TEST(a_result_is_that_of_a_done_job_alone),
        PLUGGED_TEST(a_result_over_answer_max_is_left_out_and_the_job_is_done),
        PLUGGED_TEST(an_error_of_10_mb_is_cut),
        PLUGGED_TEST(progress_stays_between_0_and_100),
        PLUGGED_TEST(the_facts_are_those_of_the_job),
        PLUGGED_TEST(texts_as_long_as_a_header_are_told_whole),
        PLUGGED_TEST(the_deadline_is_told_as_a_time_and_as_what_is_left),
        PLUGGED_TEST(payloads_are_what_was_pushed),
        PLUGGED_TEST(out_of_time_is_a_failure_with_the_limit),
        PLUGGED_TEST(a_handler_that_never_returns_ends_when_it_is_asked_to),
    };
    return cmocka_run_group_tests_name("plugin", tests, NULL, NULL);
}
