/* exec: exit codes and errors, the payload, the environment, and what a program does not inherit.
 */
#include "tests/unit/handler/script.h"

#include <pthread.h>
#include <sys/resource.h>

enum { THREADS = 6, RUNS = 15 };

static void the_exit_code_is_the_verdict(void **state)
{
    (void)state;
    const struct {
        const char *script;
        enum job_outcome outcome;
        const char *error;
    } rows[] = {
        {"exit 0", JOB_DONE, "(none)"},
        {"echo all is well >&2", JOB_DONE, "(none)"},
        {"exit 65", JOB_PERMANENT, "exit status 65"},
        {"echo no such user >&2; exit 65", JOB_PERMANENT, "exit status 65: no such user"},
        {"exit 75", JOB_RETRY, "exit status 75"},
        {"exit 1", JOB_RETRY, "exit status 1"},
        {"exit 255", JOB_RETRY, "exit status 255"},
        {"printf 'one\\ntwo\\n\\n' >&2; exit 3", JOB_RETRY, "exit status 3: one\ntwo"},
        {"printf '%%s%%n' >&2; exit 3", JOB_RETRY, "exit status 3: %s%n"},
        {"echo to stdout; exit 3", JOB_RETRY, "exit status 3"},
        {"kill -SEGV $$", JOB_RETRY, "killed by signal 11 (Segmentation fault)"},
        {"kill -KILL $$", JOB_RETRY, "killed by signal 9 (Killed)"},
        {"kill -TERM $$", JOB_RETRY, "killed by signal 15 (Terminated)"},
        {"echo oops >&2; kill -ABRT $$", JOB_RETRY, "killed by signal 6 (Aborted): oops"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(script(rows[i].script), rows[i].outcome);
        assert_string_equal(error(), rows[i].error);
    }
}

static void a_program_that_cannot_be_started_is_a_failure_that_says_why(void **state)
{
    (void)state;
    char *missing[] = {strdup("/nonexistent/send"), NULL};
    char *nowhere[] = {strdup("navvy-no-such-program"), NULL};
    char *no_program[] = {strdup("/etc/passwd"), NULL};
    char *no_interpreter[] = {strdup(path_of("script")), NULL};
    char **rows[] = {missing, nowhere, no_program, no_interpreter};
    const char *why[] = {"No such file or directory", "No such file or directory",
                         "Permission denied", "Exec format error"};

    int fd = open(path_of("script"), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    assert_int_equal(write(fd, "exit 0\n", 7), 7); /* no #! line, and no shell that would guess */
    close(fd);
    for (int i = 0; i < 4; i++) {
        char want[256];
        snprintf(want, sizeof(want), "cannot start %s: %s", rows[i][0], why[i]);
        program(rows[i]);
        assert_int_equal(errand_run(), JOB_RETRY);
        assert_string_equal(error(), want);
        free(rows[i][0]);
    }
}

static void a_program_is_found_in_the_path_and_gets_its_arguments_as_they_are(void **state)
{
    (void)state;
    char *argv[] = {strdup("touch"), strdup(path_of("a b;c*'$D'")), NULL};

    (void)state;
    program(argv);
    assert_int_equal(errand_run(), JOB_DONE);
    assert_int_equal(access(argv[1], F_OK), 0);
    free(argv[0]);
    free(argv[1]);
}

/* --- payload -------------------------------------------------------------------------------- */

static void the_program_reads_exactly_the_payload(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 4096, 65535, 65536, 65537, 1 << 20};
    size_t largest = 1 << 20;
    char *sent = malloc(largest), *got = malloc(largest + 1);

    for (size_t i = 0; i < largest; i++)
        sent[i] = (char)(i * 2654435761U >> 13); /* every byte occurs, also NUL and 0xFF */
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        errand_payload(sent, sizes[s]);
        assert_int_equal(script("cat > $D/got"), JOB_DONE);
        FILE *file = fopen(path_of("got"), "re");
        assert_non_null(file);
        assert_int_equal(fread(got, 1, largest + 1, file), sizes[s]);
        fclose(file);
        assert_memory_equal(got, sent, sizes[s]);
    }
    free(sent);
    free(got);
}

/* So that one that outlives its worker does not take half of it for the whole. */
static void the_whole_payload_is_there_before_the_program_begins(void **state)
{
    (void)state;
    char *payload = calloc(1, 1 << 20);

    errand_payload(payload, 1 << 20);
    assert_int_equal(script("[ $(stat -L -c %s /dev/stdin) = 1048576 ]"), JOB_DONE);
    free(payload);
}

static void a_program_need_not_read_its_stdin(void **state)
{
    (void)state;
    char *payload = calloc(1, 1 << 20);

    errand_payload(payload, 1 << 20);
    assert_int_equal(script("exit 0"), JOB_DONE);
    assert_int_equal(script("head -c 1 > $D/got; exit 7"), JOB_RETRY);
    assert_string_equal(error(), "exit status 7");
    assert_int_equal(script("exec <&-; sleep 0.05"), JOB_DONE);
    free(payload);
}

static void what_it_writes_neither_stops_it_nor_is_kept(void **state)
{
    (void)state;
    char want[] = "last words";

    assert_int_equal(script("head -c 200000000 /dev/zero"), JOB_DONE);
    assert_int_equal(script("head -c 10000000 /dev/zero | tr '\\0' x >&2; echo >&2;"
                            "echo last words >&2; exit 1"),
                     JOB_RETRY);
    size_t len = strlen(error());
    assert_int_equal(len, RECORD_ERROR_MAX);
    assert_string_equal(error() + len - strlen(want), want);
    assert_memory_equal(error(), "exit status 1: xxx", 18);
}

/* --- environment ----------------------------------------------------------------------------- */

static void expect_line(const char *text, const char *line)
{
    char want[512];

    snprintf(want, sizeof(want), "\n%s\n", line);
    if (strstr(text, want) == NULL)
        fail_msg("no line %s in%s", line, text);
}

static void the_environment_says_what_job_it_is(void **state)
{
    (void)state;
    char own[sizeof(folder) + 2];

    errand.job.record.id = slice_of("order 4711");
    errand.job.record.type = slice_of("mail");
    errand.job.record.traceparent = slice_of("00-4bf92f3577b34da6-00f067aa0ba902b7-01");
    errand.job.record.attempt = 2;
    errand.job.record.deliveries = 4;
    errand_timeout(60000);
    int64_t early_ms = clock_wall_ms() + 59000, late_ms = clock_wall_ms() + 61000;
    assert_int_equal(script("(echo; env) > $D/env"), JOB_DONE);
    const char *env = trace("env");
    expect_line(env, "NAVVY_ID=order 4711");
    expect_line(env, "NAVVY_CLAIM=web1-4711-9f:17");
    expect_line(env, "NAVVY_QUEUE=email");
    expect_line(env, "NAVVY_TYPE=mail");
    expect_line(env, "NAVVY_ATTEMPT=3");
    expect_line(env, "NAVVY_DELIVERY=5");
    expect_line(env, "TRACEPARENT=00-4bf92f3577b34da6-00f067aa0ba902b7-01");
    snprintf(own, sizeof(own), "D=%s", folder);
    expect_line(env, own); /* the worker's own */
    const char *at = strstr(env, "\nNAVVY_DEADLINE=");
    assert_non_null(at);
    assert_in_range(strtoll(at + strlen("\nNAVVY_DEADLINE="), NULL, 10), early_ms, late_ms);
}

static void what_a_job_has_not_is_not_in_its_environment(void **state)
{
    (void)state;
    const char *theirs[] = {"NAVVY_TYPE", "NAVVY_DEADLINE", "TRACEPARENT", "NAVVY_ID"};

    for (size_t i = 0; i < 4; i++)
        setenv(theirs[i], "of the worker", 1);
    assert_int_equal(script("(echo; env) > $D/env"), JOB_DONE);
    for (size_t i = 0; i < 4; i++)
        unsetenv(theirs[i]);
    assert_null(strstr(trace("env"), "of the worker"));
    assert_null(strstr(trace("env"), "NAVVY_TYPE"));
    expect_line(trace("env"), "NAVVY_ID=web1-4711-9f:17"); /* for want of an id of the producer */
    expect_line(trace("env"), "NAVVY_ATTEMPT=1");
    expect_line(trace("env"), "NAVVY_DELIVERY=1");
}

static void text_of_a_header_cannot_break_the_environment(void **state)
{
    (void)state;
    errand.job.record.id = (struct slice){"x\0PATH=/evil", 12};
    errand.job.record.type = slice_of("a\nPATH=/evil =b");
    errand.job.record.traceparent = (struct slice){"", 0};
    assert_int_equal(script("printf '%s|%s|%s|' \"$NAVVY_ID\" \"$NAVVY_TYPE\" \"${TRACEPARENT-no}\""
                            " > $D/env; [ \"$PATH\" != /evil ]"),
                     JOB_DONE);
    assert_string_equal(trace("env"), "web1-4711-9f:17|a\nPATH=/evil =b||");
}

/* --- what it does not inherit ------------------------------------------------------------------
 */

static void a_program_leads_its_own_group_with_no_signal_blocked_or_ignored(void **state)
{
    (void)state;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    signal(SIGHUP, SIG_IGN);
    enum job_outcome outcome =
        script("read -r pid name letter parent group rest < /proc/$$/stat;"
               "[ $group = $$ ] && exec grep '^Sig[BI]' /proc/self/status > $D/signals");
    signal(SIGHUP, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(outcome, JOB_DONE);
    unsigned long blocked, ignored;
    assert_int_equal(sscanf(trace("signals"), "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2);
    assert_int_equal(blocked, 0);
    assert_int_equal(ignored & ~(3UL << 31), 0); /* 32 and 33 are the C library's own */
}

static void a_program_inherits_no_file(void **state)
{
    (void)state;
    char text[128];
    int leaky = open("/dev/null", O_RDONLY); /* as a careless library would: no O_CLOEXEC */
    int high = fcntl(leaky, F_DUPFD, 700);

    assert_true(leaky > STDERR_FILENO && high >= 700);
    snprintf(text, sizeof(text), "[ ! -e /proc/$$/fd/%d ] && [ ! -e /proc/$$/fd/%d ]", leaky, high);
    assert_int_equal(script(text), JOB_DONE);
    close(leaky);
    close(high);
}

static void nothing_stays_open_behind(void **state)
{
    (void)state;
    char *missing[] = {strdup("/nonexistent/send"), NULL};
    int before = open_fds();

    for (int i = 0; i < 10; i++) {
        script("echo x >&2; exit 1");
        program(missing);
        errand_run();
    }
    assert_int_equal(open_fds(), before);
    free(missing[0]);
}

static void too_few_files_are_a_failure_at_any_count(void **state)
{
    (void)state;
    struct rlimit before, few;
    int fds = open_fds(), lowest = fcntl(errand.stopper.wake_fd, F_DUPFD_CLOEXEC, 0);

    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int more = 0; more < 3; more++) { /* its input, and a pipe */
        few = before;
        few.rlim_cur = (rlim_t)(lowest + more);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        enum job_outcome outcome = script("exit 0");
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(outcome, JOB_RETRY);
        assert_string_equal(error(), "cannot start /bin/sh: Too many open files");
        assert_int_equal(open_fds(), fds);
    }
}

/* If a pipe of one program were open in another, `cat` would wait for its end until that one ends.
 */
static void *run_many(void *outcome)
{
    struct stopper stopper = {.wake_fd = -1};
    struct job job = {.conf = &errand.queue, .queue = "email", .record.payload = {"payload", 7}};

    *(enum job_outcome *)outcome = JOB_DONE;
    for (int i = 0; i < RUNS && *(enum job_outcome *)outcome == JOB_DONE; i++) {
        stopper.job = &job;
        handler_run(&job, &stopper);
        *(enum job_outcome *)outcome = job.result.outcome;
    }
    free(job.result.error);
    return NULL;
}

static void many_threads_run_programs_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    enum job_outcome outcomes[THREADS];
    char *argv[] = {strdup("cat"), NULL};
    struct buf errors = {0};

    program(argv);
    assert_true(registry_open_queue(&errand.queue, &errors));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &outcomes[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(outcomes[i], JOB_DONE);
    }
    registry_release_queue(&errand.queue);
    free(argv[0]);
}

int main(void)
{
#define EXEC_TEST(f) cmocka_unit_test_setup_teardown(f, script_setup, script_teardown)
    const struct CMUnitTest tests[] = {
        EXEC_TEST(the_exit_code_is_the_verdict),
        EXEC_TEST(a_program_that_cannot_be_started_is_a_failure_that_says_why),
        EXEC_TEST(a_program_is_found_in_the_path_and_gets_its_arguments_as_they_are),
        EXEC_TEST(the_program_reads_exactly_the_payload),
        EXEC_TEST(the_whole_payload_is_there_before_the_program_begins),
        EXEC_TEST(a_program_need_not_read_its_stdin),
        EXEC_TEST(what_it_writes_neither_stops_it_nor_is_kept),
        EXEC_TEST(the_environment_says_what_job_it_is),
        EXEC_TEST(what_a_job_has_not_is_not_in_its_environment),
        EXEC_TEST(text_of_a_header_cannot_break_the_environment),
        EXEC_TEST(a_program_leads_its_own_group_with_no_signal_blocked_or_ignored),
        EXEC_TEST(a_program_inherits_no_file),
        EXEC_TEST(nothing_stays_open_behind),
        EXEC_TEST(too_few_files_are_a_failure_at_any_count),
        EXEC_TEST(many_threads_run_programs_at_once),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
