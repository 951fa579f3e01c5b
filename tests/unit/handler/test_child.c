/* child: what children say and do, right and wrong, and what becomes of their jobs. */
#include "tests/unit/handler/script.h"

#include <errno.h>
#include <pthread.h>

#define HELLO "echo '{\"navvy\":1}';"
/* Reads a job's line into $line and its id into $id. */
#define JOB "IFS= read -r line; id=${line#*:\\\"}; id=${id%%\\\"*};"
#define DONE "echo \"{\\\"id\\\":\\\"$id\\\",\\\"outcome\\\":\\\"done\\\"}\";"
#define FOR_EVER "while [ -d $D ]; do sleep 0.01; done"
#define EACH_JOB(text) HELLO "while " JOB "[ -n \"$line\" ]; do " text " done"

static char *argv[4];

/* A handler whose children run `text`; registered until close_script(). */
static void open_script(const char *text)
{
    struct buf errors = {0};

    argv[0] = strdup("/bin/sh");
    argv[1] = strdup("-c");
    argv[2] = strdup(text);
    errand.queue.handler = (struct handler_conf){.kind = HANDLER_CHILD,
                                                 .child = argv,
                                                 .children = 1,
                                                 .start_timeout_ms = LIMIT_MS,
                                                 .answer_bytes_max = ANSWER_MAX};
    assert_true(registry_open_queue(&errand.queue, &errors));
}

static void close_script(void)
{
    registry_release_queue(&errand.queue);
    registry_close(LIMIT_MS);
    for (int i = 0; i < 3; i++)
        free(argv[i]);
}

static enum job_outcome one_job(const char *text)
{
    open_script(text);
    enum job_outcome outcome = errand_run();
    close_script();
    return outcome;
}

static void a_child_runs_one_job_after_the_other(void **state)
{
    (void)state;
    open_script("echo $$ >> $D/pids;" EACH_JOB(DONE));
    for (int i = 0; i < 5; i++)
        assert_int_equal(errand_run(), JOB_DONE);
    close_script();
    const char *end = strchr(trace("pids"), '\n');
    assert_non_null(end);
    assert_string_equal(end, "\n"); /* one line: one child */
}

static void it_is_told_what_there_is_to_know_and_gets_the_payload(void **state)
{
    (void)state;
    errand.job.record.type = slice_of("a \"type\"\x01\xff");
    errand_payload("bytes\n", 6);
    assert_int_equal(one_job(HELLO JOB "printf '%s\\n' \"$line\" > $D/line;"
                                       "dd bs=1 count=6 of=$D/payload 2>/dev/null;" DONE
                                       "cat > $D/rest"),
                     JOB_DONE);
    assert_string_equal(trace("line"),
                        "{\"id\":\"web1-4711-9f:17\",\"job_id\":\"web1-4711-9f:17\",\"queue\":"
                        "\"email\",\"type\":\"a \\\"type\\\"\\u0001\xEF\xBF\xBD\",\"attempt\":1,"
                        "\"delivery\":1,\"payload_bytes\":6}\n");
    assert_string_equal(trace("payload"), "bytes\n");
    assert_string_equal(trace("rest"), "");
}

static void each_outcome_is_obeyed(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum job_outcome outcome;
        int64_t delay_ms;
        const char *error;
    } cases[] = {
        {"\"outcome\":\"done\",\"result\":\"fine\"", JOB_DONE, -1, "(none)"},
        {"\"outcome\":\"retry\",\"error\":\"on fire\",\"delay\":\"30s\"", JOB_RETRY, 30000,
         "on fire"},
        {"\"outcome\":\"permanent\",\"error\":\"never\"", JOB_PERMANENT, -1, "never"},
        {"\"outcome\":\"snooze\",\"delay\":1500", JOB_SNOOZE, 1500, "(none)"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1024];
        snprintf(text, sizeof(text), "%s %s echo \"{\\\"id\\\":\\\"$id\\\",\"'%s}'; cat >/dev/null",
                 HELLO, JOB, cases[i].answer);
        errand.job.result.delay_ms = -1;
        assert_int_equal(one_job(text), cases[i].outcome);
        assert_string_equal(error(), cases[i].error);
        if (cases[i].outcome != JOB_DONE)
            assert_int_equal(errand.job.result.delay_ms, cases[i].delay_ms);
    }
}

static void progress_goes_to_the_job(void **state)
{
    (void)state;
    assert_int_equal(one_job(HELLO JOB "echo \"{\\\"id\\\":\\\"$id\\\",\\\"progress\\\":40}\";" DONE
                                       "cat >/dev/null"),
                     JOB_DONE);
    assert_int_equal(atomic_load(&errand.job.percent), 40);
}

/* What children do wrong: the job is tried again, and the error says what it was. */
static void each_wrong_is_an_error_that_names_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"exit 3", "exit status 3"},
        {"echo no such module >&2; exit 1", "exit status 1: no such module"},
        {"kill -9 $$", "killed by signal 9 (Killed)"},
        {"echo Starting...; sleep 3600", "is not its hello, {\"navvy\":1}: \"Starting...\""},
        {"echo '{\"navvy\":2}'; sleep 3600", "another version of the protocol than 1"},
        {"echo '{\"navvy\":1,\"concurrency\":0}'; sleep 3600", "a concurrency that is no number"},
        {"echo '{\"navvy\":1,\"concurrency\":\"x\"}'; sleep 3600", "no number from 1 to 1024"},
        {"echo '{\"navvy\":1,\"concurrency\":1025}'; sleep 3600", "no number from 1 to 1024"},
        {HELLO "echo; sleep 3600", "printed on stdout"},
        {HELLO JOB "echo words >&2; exit 4", "exit status 4: words"},
        {HELLO JOB "kill -SEGV $$", "killed by signal 11"},
        {HELLO JOB "exec >&-; sleep 3600", "closed its stdout"},
        {HELLO JOB "echo debug: here; sleep 3600", "\"debug: here\""},
        {HELLO JOB "echo '{\"id\":\"other\",\"outcome\":\"done\"}'; sleep 3600",
         "answered for another job"},
        {HELLO JOB "echo '{\"outcome\":\"done\"}'; sleep 3600", "without the id of a job"},
        {HELLO JOB "echo \"{\\\"id\\\":\\\"$id\\\",\\\"outcome\\\":\\\"dome\\\"}\"; sleep 3600",
         "whose outcome is none of"},
        {HELLO JOB "head -c 10000000 /dev/zero | tr '\\0' x; sleep 3600",
         "longer than answer_max, 64KiB"},
        {HELLO JOB "yes | head -c 10000000; sleep 3600", "\"y\""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(one_job(cases[i].text), JOB_RETRY);
        if (strstr(error(), cases[i].error) == NULL || strncmp(error(), "/bin/sh: ", 9) != 0)
            fail_msg("%s: %s", cases[i].text, error());
    }
}

static void a_silent_program_has_its_time_to_say_hello(void **state)
{
    (void)state;
    open_script("exec sleep 3600");
    registry_release_queue(&errand.queue);
    errand.queue.handler.start_timeout_ms = 100;
    struct buf errors = {0};
    assert_true(registry_open_queue(&errand.queue, &errors));
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_non_null(strstr(error(), "said no hello, {\"navvy\":1}, within start_timeout, 100ms"));
    close_script();
}

static void starts_that_fail_become_rare(void **state)
{
    (void)state;
    int64_t start_ms = clock_mono_ms();

    open_script("exit 1");
    for (int i = 0; i < 3; i++)
        assert_int_equal(errand_run(), JOB_RETRY);
    close_script();
    assert_true(clock_mono_ms() - start_ms >= 100 + 200);
}

static void a_second_answer_costs_no_other_job(void **state)
{
    (void)state;
    open_script("echo >> $D/starts;" EACH_JOB(DONE DONE));
    for (int i = 0; i < 3; i++) {
        (void)snprintf(errand.job.claim, sizeof errand.job.claim, "web1-4711-9f:%d", i);
        assert_int_equal(errand_run(), JOB_DONE);
    }
    close_script();
    assert_true(strlen(trace("starts")) > 1); /* the liar was replaced */
}

static void a_child_that_ends_between_two_jobs_costs_neither(void **state)
{
    (void)state;
    open_script("echo $$ > $D/pid;" HELLO JOB DONE "exit 0");
    for (int i = 0; i < 3; i++) {
        siginfo_t end = {.si_pid = 0};
        assert_int_equal(errand_run(), JOB_DONE);
        /* one that ends with the next job in its pipe is another matter: that is a crash */
        assert_int_equal(waitid(P_PID, (id_t)trace_number("pid"), &end, WEXITED | WNOWAIT), 0);
    }
    close_script();
}

static void one_that_does_not_read_its_job_is_out_of_time(void **state)
{
    (void)state;
    static char payload[1 << 20];

    errand_payload(payload, sizeof(payload));
    errand_timeout(300);
    assert_int_equal(one_job(HELLO "exec sleep 3600"), JOB_RETRY);
    assert_string_equal(error(), "timed out after 300ms");
}

/* Its shell may have waited for it in its last moment; else it is ours to wait for. */
static bool is_gone(pid_t pid)
{
    (void)waitpid(pid, NULL, WNOHANG);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

static void one_that_ignores_term_is_killed_with_its_group(void **state)
{
    (void)state;
    errand.queue.kill_grace_ms = 100;
    errand_timeout(1000);
    assert_int_equal(one_job("trap '' TERM; sleep 3600 & echo $! > $D/pid;" HELLO JOB FOR_EVER),
                     JOB_RETRY);
    assert_string_equal(error(), "timed out after 1s");
    EVENTUALLY(is_gone(trace_number("pid")), LIMIT_MS);
}

static void an_answer_after_term_does_not_count(void **state)
{
    (void)state;
    errand_timeout(1000);
    assert_int_equal(one_job("trap ': > $D/go' TERM;" HELLO JOB
                             "while [ ! -e $D/go ]; do sleep 0.01; done;" DONE FOR_EVER),
                     JOB_RETRY);
    assert_string_equal(error(), "timed out after 1s");
}

static void it_is_recycled_after_so_many_jobs(void **state)
{
    (void)state;
    struct buf errors = {0};
    open_script("echo >> $D/starts;" EACH_JOB(DONE));
    registry_release_queue(&errand.queue);
    errand.queue.handler.recycle_jobs = 2;
    assert_true(registry_open_queue(&errand.queue, &errors));
    for (int i = 0; i < 5; i++)
        assert_int_equal(errand_run(), JOB_DONE);
    close_script();
    assert_string_equal(trace("starts"), "\n\n\n");
}

static void one_that_does_not_answer_pings_is_replaced(void **state)
{
    (void)state;
    struct buf errors = {0};
    open_script("echo >> $D/starts; echo '{\"navvy\":1,\"ping\":true}';" JOB DONE FOR_EVER);
    registry_release_queue(&errand.queue);
    errand.queue.handler.health_ms = 50;
    assert_true(registry_open_queue(&errand.queue, &errors));
    assert_int_equal(errand_run(), JOB_DONE);
    int64_t now_ms = clock_mono_ms();
    registry_tick(now_ms + 100);
    registry_tick(now_ms + 200);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_string_equal(trace("starts"), "\n\n");
    close_script();
}

static void nothing_is_left_of_it(void **state)
{
    (void)state;
    int before = open_fds();

    assert_int_equal(one_job("echo $$ > $D/pid; sleep 3600 & echo $! > $D/child;" EACH_JOB(DONE)),
                     JOB_DONE);
    assert_int_equal(kill(trace_number("pid"), 0), -1);
    EVENTUALLY(waitpid(trace_number("child"), NULL, WNOHANG) == trace_number("child"), LIMIT_MS);
    assert_int_equal(open_fds(), before);
}

/* --- many at once ------------------------------------------------------------------------------
 */

enum { CROWD = 8, JOBS_EACH = 40 };

struct member {
    pthread_t thread;
    struct job job;
    struct stopper stopper;
    int done;
};

static void *run_jobs(void *arg)
{
    struct member *member = arg;

    for (int i = 0; i < JOBS_EACH; i++) {
        job_result_clear(&member->job);
        handler_run(&member->job, &member->stopper);
        member->done += member->job.result.outcome == JOB_DONE;
    }
    return NULL;
}

/* As many threads as a pool might have, and fewer places than threads. */
static void crowd(const char *text, uint32_t children)
{
    struct member members[CROWD] = {0};
    struct buf errors = {0};

    open_script(text);
    registry_release_queue(&errand.queue);
    errand.queue.handler.children = children;
    assert_true(registry_open_queue(&errand.queue, &errors));
    for (int i = 0; i < CROWD; i++) {
        members[i].job = errand.job;
        snprintf(members[i].job.claim, CLAIM_ID_MAX, "web1-4711-9f:%d", i);
        members[i].stopper = (struct stopper){.job = &members[i].job,
                                              .wake_fd = eventfd(0, EFD_CLOEXEC),
                                              .deadline_ms = clock_mono_ms() + LIMIT_MS};
        assert_int_equal(pthread_create(&members[i].thread, NULL, run_jobs, &members[i]), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(members[i].thread, NULL), 0);
        assert_int_equal(members[i].done, JOBS_EACH);
        job_result_clear(&members[i].job);
        close(members[i].stopper.wake_fd);
    }
    close_script();
}

static void more_threads_than_children_all_have_their_turn(void **state)
{
    (void)state;
    crowd(EACH_JOB(DONE), 2);
}

static void one_child_may_have_several_jobs_at_once(void **state)
{
    (void)state;
    crowd("echo '{\"navvy\":1,\"concurrency\":4}'; while " JOB "[ -n \"$line\" ]; do " DONE " done",
          1);
}

int main(void)
{
#define CHILD_TEST(f) cmocka_unit_test_setup_teardown(f, script_setup, script_teardown)
    const struct CMUnitTest tests[] = {
        CHILD_TEST(a_child_runs_one_job_after_the_other),
        CHILD_TEST(it_is_told_what_there_is_to_know_and_gets_the_payload),
        CHILD_TEST(each_outcome_is_obeyed),
        CHILD_TEST(progress_goes_to_the_job),
        CHILD_TEST(each_wrong_is_an_error_that_names_it),
        CHILD_TEST(a_silent_program_has_its_time_to_say_hello),
        CHILD_TEST(starts_that_fail_become_rare),
        CHILD_TEST(a_second_answer_costs_no_other_job),
        CHILD_TEST(a_child_that_ends_between_two_jobs_costs_neither),
        CHILD_TEST(one_that_does_not_read_its_job_is_out_of_time),
        CHILD_TEST(one_that_ignores_term_is_killed_with_its_group),
        CHILD_TEST(an_answer_after_term_does_not_count),
        CHILD_TEST(it_is_recycled_after_so_many_jobs),
        CHILD_TEST(one_that_does_not_answer_pings_is_replaced),
        CHILD_TEST(nothing_is_left_of_it),
        CHILD_TEST(more_threads_than_children_all_have_their_turn),
        CHILD_TEST(one_child_may_have_several_jobs_at_once),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
