/* exec: programs that are told to go: by their timeout, at a shutdown; and what they leave behind.
 */
#include "tests/unit/handler/script.h"

#include <pthread.h>

/* As long as the test lasts: whatever is left behind ends with its folder. */
#define FOR_EVER "while [ -d $D ]; do sleep 0.01; done"
/* Leaves word of the child just started, and is ready once that child is. */
#define WHEN_SET "echo $! > $D/pid; while [ ! -e $D/set ]; do sleep 0.01; done; : > $D/ready; wait"

/* How the process that the script wrote into $D/name ended; it has become our child. */
static int end_of(const char *name)
{
    int status = 0;
    pid_t pid = trace_number(name);

    assert_true(pid > 0);
    EVENTUALLY(waitpid(pid, &status, WNOHANG) == pid, LIMIT_MS);
    return status;
}

static void a_program_that_takes_too_long_is_ended(void **state)
{
    (void)state;
    int64_t start_ms = clock_mono_ms();

    errand_timeout(50);
    errand.queue.kill_grace_ms = LIMIT_MS;
    assert_int_equal(script("exec sleep 3600"), JOB_RETRY);
    assert_string_equal(error(), "timed out after 50ms");
    assert_true(clock_mono_ms() - start_ms >= 50);
    assert_true(clock_mono_ms() - start_ms < LIMIT_MS); /* TERM was enough */
}

static void one_that_is_quicker_is_not(void **state)
{
    (void)state;
    errand_timeout(LIMIT_MS);
    assert_int_equal(script("sleep 0.01; exit 3"), JOB_RETRY);
    assert_string_equal(error(), "exit status 3");
}

static void what_it_said_until_then_is_kept_and_its_last_cry_is_not(void **state)
{
    (void)state;
    errand_timeout(2000);
    assert_int_equal(script("trap 'echo going >&2; exit 1' TERM; echo connecting >&2;" FOR_EVER),
                     JOB_RETRY);
    assert_string_equal(error(), "timed out after 2s: connecting");
}

static void no_grace_at_all_is_a_kill(void **state)
{
    (void)state;
    errand.queue.kill_grace_ms = 0;
    errand_timeout(100);
    assert_int_equal(script("trap '' TERM;" FOR_EVER), JOB_RETRY);
    assert_string_equal(error(), "timed out after 100ms");
}

static void an_exit_with_0_on_term_does_not_mean_done(void **state)
{
    (void)state;
    errand_timeout(1000);
    assert_int_equal(script("trap 'exit 0' TERM; " FOR_EVER), JOB_RETRY);
    assert_string_equal(error(), "timed out after 1s");
}

/* --- asked by the loop -------------------------------------------------------------------------
 */

static void *stop_when_ready(void *why)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/ready", folder);
    for (int64_t until_ms = clock_mono_ms() + LIMIT_MS; clock_mono_ms() < until_ms;) {
        if (access(path, F_OK) == 0)
            break;
        poll(NULL, 0, EVENTUALLY_PAUSE_MS);
    }
    errand_stop(*(enum job_stop *)why);
    return NULL;
}

/* The outcome of a script that is asked to stop once it has made $D/ready. */
static enum job_outcome script_stopped(const char *text, enum job_stop why)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, stop_when_ready, &why), 0);
    enum job_outcome outcome = script(text);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return outcome;
}

static void a_stop_gives_no_verdict_whatever_the_program_makes_of_it(void **state)
{
    (void)state;
    const char *scripts[] = {
        ": > $D/ready; exec sleep 3600",
        "trap 'exit 0' TERM; : > $D/ready;" FOR_EVER,
        "trap 'echo bye >&2; exit 65' TERM; : > $D/ready;" FOR_EVER,
    };
    const enum job_stop reasons[] = {JOB_STOP_SHUTDOWN, JOB_STOP_LOST, JOB_STOP_SHUTDOWN};

    for (size_t i = 0; i < 3; i++) {
        uint64_t rings;
        atomic_store(&errand.job.stop, JOB_STOP_NONE);
        unlink(path_of("ready"));
        assert_int_equal(script_stopped(scripts[i], reasons[i]), JOB_STOPPED);
        assert_string_equal(error(), "(none)");
        assert_int_equal(read(errand.stopper.wake_fd, &rings, sizeof(rings)), sizeof(rings));
    }
}

static void a_program_that_ignores_term_is_killed_after_its_grace(void **state)
{
    (void)state;
    char *payload = calloc(1, 1 << 20);
    int64_t start_ms = clock_mono_ms();

    errand_payload(payload, 1 << 20); /* nor does it read */
    errand.queue.kill_grace_ms = 100;
    assert_int_equal(
        script_stopped("trap '' TERM; echo $$ > $D/pid; : > $D/ready;" FOR_EVER, JOB_STOP_SHUTDOWN),
        JOB_STOPPED);
    assert_true(clock_mono_ms() - start_ms >= 100);
    assert_true(trace_number("pid") > 0);
    assert_int_equal(kill(trace_number("pid"), 0), -1);
    free(payload);
}

/* --- what is left behind -----------------------------------------------------------------------
 */

static void a_grandchild_that_holds_the_pipes_does_not_hold_us(void **state)
{
    (void)state;
    int64_t start_ms = clock_mono_ms();

    assert_int_equal(script("sleep 3600 & echo $! > $D/pid; echo words >&2; exit 9"), JOB_RETRY);
    assert_string_equal(error(), "exit status 9: words");
    assert_true(clock_mono_ms() - start_ms < LIMIT_MS);
    assert_int_equal(kill(trace_number("pid"), 0), 0); /* it lives on: nobody was asked to stop */
    kill(trace_number("pid"), SIGKILL);
    end_of("pid");
}

static void a_grandchild_that_writes_for_ever_does_not_hold_us(void **state)
{
    (void)state;
    assert_int_equal(script("cat /dev/zero >&2 & echo $! > $D/pid"), JOB_DONE);
    assert_true(WIFSIGNALED(end_of("pid"))); /* SIGPIPE */
}

static void the_whole_group_is_told_to_go(void **state)
{
    (void)state;
    assert_int_equal(
        script_stopped("sleep 3600 & echo $! > $D/pid; : > $D/ready; wait", JOB_STOP_SHUTDOWN),
        JOB_STOPPED);
    int status = end_of("pid");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void the_whole_group_is_killed_if_it_does_not(void **state)
{
    (void)state;
    errand.queue.kill_grace_ms = 100;
    assert_int_equal(
        script_stopped("(trap '' TERM; : > $D/set; " FOR_EVER ") & " WHEN_SET, JOB_STOP_SHUTDOWN),
        JOB_STOPPED);
    int status = end_of("pid");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void even_if_it_is_silent_and_its_leader_has_gone(void **state)
{
    (void)state;
    assert_int_equal(script_stopped("(trap '' TERM; : > $D/set; " FOR_EVER
                                    ") 2>/dev/null & " WHEN_SET,
                                    JOB_STOP_SHUTDOWN),
                     JOB_STOPPED);
    int status = end_of("pid");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_grandchild_has_the_grace_too(void **state)
{
    (void)state;
    assert_int_equal(
        script_stopped(
            "(trap 'sleep 0.05; echo tidy > $D/tidied; exit 0' TERM; : > $D/set; " FOR_EVER
            ") & " WHEN_SET,
            JOB_STOP_SHUTDOWN),
        JOB_STOPPED);
    assert_string_equal(trace("tidied"), "tidy\n");
    assert_int_equal(end_of("pid"), 0);
}

int main(void)
{
#define EXEC_TEST(f) cmocka_unit_test_setup_teardown(f, script_setup, script_teardown)
    const struct CMUnitTest tests[] = {
        EXEC_TEST(a_program_that_takes_too_long_is_ended),
        EXEC_TEST(one_that_is_quicker_is_not),
        EXEC_TEST(what_it_said_until_then_is_kept_and_its_last_cry_is_not),
        EXEC_TEST(no_grace_at_all_is_a_kill),
        EXEC_TEST(an_exit_with_0_on_term_does_not_mean_done),
        EXEC_TEST(a_stop_gives_no_verdict_whatever_the_program_makes_of_it),
        EXEC_TEST(a_program_that_ignores_term_is_killed_after_its_grace),
        EXEC_TEST(a_grandchild_that_holds_the_pipes_does_not_hold_us),
        EXEC_TEST(a_grandchild_that_writes_for_ever_does_not_hold_us),
        EXEC_TEST(the_whole_group_is_told_to_go),
        EXEC_TEST(the_whole_group_is_killed_if_it_does_not),
        EXEC_TEST(even_if_it_is_silent_and_its_leader_has_gone),
        EXEC_TEST(a_grandchild_has_the_grace_too),
    };
    return cmocka_run_group_tests_name("exec_stop", tests, NULL, NULL);
}
