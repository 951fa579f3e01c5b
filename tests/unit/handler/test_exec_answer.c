/* exec: what a program says on its descriptor 3, and on its stdout where that is the result. */
#include "tests/unit/handler/script.h"

#define DONE "{\"outcome\":\"done\"}"
#define SAY(text) "echo '" text "' >&3"

struct row {
    const char *script;
    enum job_outcome outcome;
    const char *error, *result;
    int64_t delay_ms;
};

static void run_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum job_outcome outcome = script(rows[i].script);
        if (outcome != rows[i].outcome)
            print_error("%s: %s\n", rows[i].script, error());
        assert_int_equal(outcome, rows[i].outcome);
        assert_string_equal(error(), rows[i].error);
        assert_string_equal(result(), rows[i].result);
        assert_int_equal(errand.job.result.delay_ms, rows[i].delay_ms);
    }
}

#define RUN_ROWS(rows) run_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void an_answer_is_the_verdict(void **state)
{
    (void)state;
    const struct row rows[] = {
        {SAY(DONE), JOB_DONE, "(none)", "(none)", -1},
        {"printf '" DONE "' >&3", JOB_DONE, "(none)", "(none)", -1}, /* no line feed */
        {"printf '\n \r\n" DONE "\r\n\n' >&3", JOB_DONE, "(none)", "(none)", -1},
        {"printf '{\"outcome\":' >&3; sleep 0.02; echo '\"done\"}' >&3", JOB_DONE, "(none)",
         "(none)", -1},
        {SAY("{\"outcome\":\"done\",\"result\":{\"sent\":3}}"), JOB_DONE, "(none)", "{\"sent\":3}",
         -1},
        {SAY("{\"outcome\":\"done\",\"result\":\"a text\"}"), JOB_DONE, "(none)", "a text", -1},
        {SAY("{\"outcome\":\"retry\",\"error\":\"on fire\",\"delay\":\"30s\"}"), JOB_RETRY,
         "on fire", "(none)", 30000},
        {SAY("{\"outcome\":\"permanent\",\"error\":\"gone\"}"), JOB_PERMANENT, "gone", "(none)",
         -1},
        {SAY("{\"outcome\":\"snooze\",\"delay\":500}"), JOB_SNOOZE, "(none)", "(none)", 500},
        {"echo why >&2; " SAY("{\"outcome\":\"retry\",\"delay\":0}"), JOB_RETRY,
         "answered retry: why", "(none)", 0},
        {SAY("{\"outcome\":\"permanent\"}"), JOB_PERMANENT, "answered permanent", "(none)", -1},
        {"echo '{\"id\":\"'$NAVVY_CLAIM'\",\"outcome\":\"done\"}' >&$NAVVY_ANSWER_FD", JOB_DONE,
         "(none)", "(none)", -1},
        {"echo '{\"id\":\"'$NAVVY_ID'\",\"outcome\":\"done\"}' >&3", JOB_DONE, "(none)", "(none)",
         -1},
    };

    errand.job.record.id = slice_of("order-4711");
    RUN_ROWS(rows);
}

static void an_exit_that_fits_the_answer_adds_nothing(void **state)
{
    (void)state;
    const struct row rows[] = {
        {SAY("{\"outcome\":\"retry\",\"error\":\"on fire\"}") "; exit 1", JOB_RETRY, "on fire",
         "(none)", -1},
        {SAY("{\"outcome\":\"permanent\",\"error\":\"gone\"}") "; exit 1", JOB_PERMANENT, "gone",
         "(none)", -1},
        {SAY("{\"outcome\":\"permanent\",\"error\":\"gone\"}") "; kill -9 $$", JOB_PERMANENT,
         "gone", "(none)", -1},
        {SAY("{\"progress\":40}") "; exit 65", JOB_PERMANENT, "exit status 65", "(none)", -1},
    };

    RUN_ROWS(rows);
}

static void one_that_contradicts_it_is_a_failure_that_names_both(void **state)
{
    (void)state;
    const struct row rows[] = {
        {SAY(DONE) "; exit 1", JOB_RETRY, "answered done, but exit status 1", "(none)", -1},
        {SAY(DONE) "; echo late >&2; exit 65", JOB_RETRY, "answered done, but exit status 65: late",
         "(none)", -1},
        {SAY(DONE) "; kill -SEGV $$", JOB_RETRY,
         "answered done, but killed by signal 11 (Segmentation fault)", "(none)", -1},
        {SAY("{\"outcome\":\"snooze\",\"delay\":\"1h\"}") "; exit 3", JOB_RETRY,
         "answered snooze, but exit status 3", "(none)", -1},
    };

    RUN_ROWS(rows);
}

static void what_is_no_answer_is_a_failure_that_shows_it(void **state)
{
    (void)state;
    const struct row rows[] = {
        {SAY("hello"), JOB_RETRY, "wrote to its answers no answer: \"hello\"", "(none)", -1},
        {SAY("hello") "; " SAY(DONE), JOB_RETRY, "wrote to its answers no answer: \"hello\"",
         "(none)", -1},
        {SAY("hello") "; echo oops >&2; exit 3", JOB_RETRY,
         "wrote to its answers no answer: \"hello\"; exit status 3: oops", "(none)", -1},
        {SAY(DONE) "; " SAY(DONE), JOB_RETRY, "answered twice", "(none)", -1},
        {SAY(DONE) "; " SAY("{\"outcome\":\"retry\"}"), JOB_RETRY, "answered twice", "(none)", -1},
        {SAY("{\"id\":\"web1-1-1:1\",\"outcome\":\"done\"}"), JOB_RETRY,
         "answered for another job, \"web1-1-1:1\"", "(none)", -1},
        {SAY("{\"outcome\":\"fine\"}"), JOB_RETRY,
         "wrote to its answers an answer whose outcome is none of done, retry, permanent, snooze: "
         "\"{\"outcome\":\"fine\"}\"",
         "(none)", -1},
        {"printf '{\"outcome\":' >&3", JOB_RETRY,
         "wrote to its answers no answer: \"{\"outcome\":\"", "(none)", -1},
    };

    RUN_ROWS(rows);
}

static void garbage_of_any_size_neither_stops_it_nor_is_kept(void **state)
{
    (void)state;
    const char *too_long = "wrote an answer that is longer than answer_max, 64KiB";

    assert_int_equal(script("head -c 10000000 /dev/zero >&3; : > $D/whole"), JOB_RETRY);
    assert_string_equal(error(), too_long);
    assert_int_equal(access(path_of("whole"), F_OK), 0);
    assert_int_equal(script("head -c 10000000 /dev/urandom >&3"), JOB_RETRY);
    assert_int_equal(script("head -c 65537 /dev/zero >&3"), JOB_RETRY);
    assert_string_equal(error(), too_long);
}

/* An answer of 30 bytes, and that many in its result. */
static enum job_outcome answer_of(int bytes)
{
    char text[256];

    snprintf(text, sizeof(text),
             "(printf '{\"outcome\":\"done\",\"result\":\"'; head -c %d /dev/zero | tr '\\0' x;"
             "printf '\"}\\n') >&3",
             bytes);
    return script(text);
}

static void an_answer_may_be_as_long_as_allowed(void **state)
{
    (void)state;
    assert_int_equal(answer_of(ANSWER_MAX - 30), JOB_DONE);
    assert_int_equal(errand.job.result.len, ANSWER_MAX - 30);
    assert_int_equal(answer_of(ANSWER_MAX - 29), JOB_RETRY);
}

static void progress_is_told_at_once_and_as_often_as_it_likes(void **state)
{
    (void)state;
    atomic_store(&errand.job.percent, -1);
    assert_int_equal(script("for i in 1 2 3 40; do "
                            "echo '{\"progress\":'$i'}' >&3; done"),
                     JOB_DONE);
    assert_int_equal(atomic_load(&errand.job.percent), 40);
    assert_int_equal(script("yes '{\"progress\":7}' | head -n 20000 >&3; " SAY(DONE)), JOB_DONE);
    assert_int_equal(atomic_load(&errand.job.percent), 7);
}

static void a_grandchild_that_holds_the_answers_does_not_hold_us(void **state)
{
    (void)state;
    assert_int_equal(script("sleep 60 2>/dev/null & echo $! > $D/pid; " SAY(DONE)), JOB_DONE);
    assert_int_equal(script("sleep 60 & echo $! >> $D/pid; exit 3"), JOB_RETRY);
    assert_int_equal(script("echo y >&3; yes >&3 & echo $! >> $D/pid; exit 0"), JOB_RETRY);
    assert_memory_equal(error(), "wrote to its answers no answer: \"y\"", 35);
    FILE *file = fopen(path_of("pid"), "re");
    for (int pid; fscanf(file, "%d", &pid) == 1;)
        assert_int_equal(kill(pid, SIGKILL), 0);
    fclose(file);
    while (wait(NULL) > 0)
        ;
}

static void a_program_may_close_its_answers(void **state)
{
    (void)state;
    assert_int_equal(script("exec 3>&-; exit 0"), JOB_DONE);
    assert_int_equal(script("exec 3>&- 2>&-; sleep 0.05; exit 4"), JOB_RETRY);
    assert_string_equal(error(), "exit status 4");
}

static void what_it_answers_after_it_was_told_to_go_does_not_count(void **state)
{
    (void)state;
    errand_timeout(200);
    assert_int_equal(script("trap '"
                            "echo {\\\"outcome\\\":\\\"done\\\"} >&3; exit 0' TERM;"
                            "while :; do sleep 0.01; done"),
                     JOB_RETRY);
    assert_memory_equal(error(), "timed out", 9);
}

/* --- stdout ---------------------------------------------------------------------------------- */

static void stdout_is_the_result_where_results_are_kept(void **state)
{
    (void)state;
    const struct row rows[] = {
        {"echo 42", JOB_DONE, "(none)", "42\n", -1},
        {"printf 42; " SAY(DONE), JOB_DONE, "(none)", "42", -1},
        {"printf 42; " SAY("{\"outcome\":\"done\",\"result\":7}"), JOB_DONE, "(none)", "7", -1},
        {"printf 42; " SAY("{\"outcome\":\"done\",\"result\":null}"), JOB_DONE, "(none)", "42", -1},
        {"exit 0", JOB_DONE, "(none)", "(none)", -1},
        {"exec 1>&-", JOB_DONE, "(none)", "(none)", -1},
        {"printf 42; exit 3", JOB_RETRY, "exit status 3", "(none)", -1},
        {"printf 42; " SAY("{\"outcome\":\"retry\",\"error\":\"no\"}"), JOB_RETRY, "no", "(none)",
         -1},
        {"head -c 65537 /dev/zero", JOB_DONE,
         "its result of 65537 bytes is over answer_max, 65536, and was not kept", "(none)", -1},
        {"head -c 10000000 /dev/zero", JOB_DONE,
         "its result of 10000000 bytes is over answer_max, 65536, and was not kept", "(none)", -1},
    };

    errand.queue.result_ttl_ms = 60000;
    RUN_ROWS(rows);
    assert_int_equal(script("head -c 65536 /dev/zero"), JOB_DONE);
    assert_int_equal(errand.job.result.len, 65536);
    assert_string_equal(error(), "(none)");
}

static void and_goes_nowhere_otherwise(void **state)
{
    (void)state;
    assert_int_equal(script("echo 42; [ /proc/$$/fd/1 -ef /dev/null ]"), JOB_DONE);
    assert_string_equal(result(), "(none)");
}

static void nothing_stays_open_behind(void **state)
{
    (void)state;
    int before = open_fds();

    errand.queue.result_ttl_ms = 60000;
    for (int i = 0; i < 5; i++) {
        script("echo x; " SAY(DONE));
        script("head -c 100000 /dev/zero >&3; exit 1");
    }
    assert_int_equal(open_fds(), before);
}

int main(void)
{
#define EXEC_TEST(f) cmocka_unit_test_setup_teardown(f, script_setup, script_teardown)
    const struct CMUnitTest tests[] = {
        EXEC_TEST(an_answer_is_the_verdict),
        EXEC_TEST(an_exit_that_fits_the_answer_adds_nothing),
        EXEC_TEST(one_that_contradicts_it_is_a_failure_that_names_both),
        EXEC_TEST(what_is_no_answer_is_a_failure_that_shows_it),
        EXEC_TEST(garbage_of_any_size_neither_stops_it_nor_is_kept),
        EXEC_TEST(an_answer_may_be_as_long_as_allowed),
        EXEC_TEST(progress_is_told_at_once_and_as_often_as_it_likes),
        EXEC_TEST(a_grandchild_that_holds_the_answers_does_not_hold_us),
        EXEC_TEST(a_program_may_close_its_answers),
        EXEC_TEST(what_it_answers_after_it_was_told_to_go_does_not_count),
        EXEC_TEST(stdout_is_the_result_where_results_are_kept),
        EXEC_TEST(and_goes_nowhere_otherwise),
        EXEC_TEST(nothing_stays_open_behind),
    };
    return cmocka_run_group_tests_name("exec_answer", tests, NULL, NULL);
}
