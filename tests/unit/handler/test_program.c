/* program: the pipes that it is given, what it dies with, and how it says that there is none. */
#include "tests/unit/handler/script.h"

#include <pthread.h>

#include "handler/program.h"

static struct program started;

/* /bin/sh with that script; `spec` says the rest. */
static void start(const char *text, struct program_spec spec)
{
    char why[PROGRAM_WHY_MAX], shell[] = "/bin/sh", option[] = "-c", *copy = strdup(text);
    char *argv[] = {shell, option, copy, NULL};

    spec.argv = argv;
    spec.env = environ;
    if (!program_start(&started, &spec, why))
        fail_msg("%s", why);
    free(copy);
}

/* What comes from there, until there is no more. */
static const char *read_all(int fd)
{
    static char text[256];
    size_t len = 0;

    while (len < sizeof(text) - 1) {
        ssize_t got = read(fd, text + len, sizeof(text) - 1 - len);
        if (got == 0)
            break;
        if (got > 0)
            len += (size_t)got;
    }
    text[len] = '\0';
    return text;
}

static void it_has_the_pipes_that_it_is_given(void **state)
{
    (void)state;
    start("read -r x; echo out $x; echo err >&2; echo answer >&3",
          (struct program_spec){.input_pipe = true, .output = true, .answers = true});
    assert_int_equal(write(started.input_fd, "in\n", 3), 3);
    assert_string_equal(read_all(started.output_fd), "out in\n");
    assert_string_equal(read_all(started.errors_fd), "err\n");
    assert_string_equal(read_all(started.answers_fd), "answer\n");
    assert_int_equal(program_reap(&started, NULL), 0);
}

static void and_no_others(void **state)
{
    (void)state;
    start("[ ! -e /proc/$$/fd/3 ] && [ ! -e /proc/$$/fd/4 ] && [ ! -e /proc/$$/fd/5 ]",
          (struct program_spec){.input = {"x", 1}});
    assert_int_equal(started.input_fd, -1);
    assert_int_equal(started.output_fd, -1);
    assert_int_equal(started.answers_fd, -1);
    assert_int_equal(program_reap(&started, NULL), 0);
}

static void its_stdin_ends_when_we_close_it(void **state)
{
    (void)state;
    start("exec cat", (struct program_spec){.input_pipe = true});
    assert_false(program_ended(&started));
    program_close_input(&started);
    assert_int_equal(program_reap(&started, NULL), 0);
}

static void what_is_held_ends_when_we_let_go(void **state)
{
    (void)state;
    char byte;

    start("exit 0", (struct program_spec){.hold = true, .answers = true});
    EVENTUALLY(program_ended(&started), LIMIT_MS);
    assert_int_equal(read(started.errors_fd, &byte, 1), -1);
    assert_int_equal(read(started.answers_fd, &byte, 1), -1);
    program_let_go(&started);
    assert_int_equal(read(started.errors_fd, &byte, 1), 0);
    assert_int_equal(read(started.answers_fd, &byte, 1), 0);
    assert_int_equal(program_reap(&started, NULL), 0);
}

static void what_it_used_is_told(void **state)
{
    (void)state;
    struct rusage usage = {0};

    start("exit 7", (struct program_spec){.output = true});
    assert_int_equal(WEXITSTATUS(program_reap(&started, &usage)), 7);
    assert_true(usage.ru_maxrss > 0);
}

static void *start_one(void *bound)
{
    start("exec sleep 600", (struct program_spec){.dies_with_thread = *(const bool *)bound});
    return NULL;
}

static void it_dies_with_its_thread_if_it_shall(void **state)
{
    (void)state;
    pthread_t thread;
    bool bound = true;

    assert_int_equal(pthread_create(&thread, NULL, start_one, &bound), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    int status = program_reap(&started, NULL);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void and_not_otherwise(void **state)
{
    (void)state;
    pthread_t thread;
    bool bound = false;

    assert_int_equal(pthread_create(&thread, NULL, start_one, &bound), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(program_ended(&started));
    program_signal(&started, SIGTERM);
    int status = program_reap(&started, NULL);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* A worker may have been started with some of 0, 1 and 2 closed. */
static void it_is_given_its_own_where_ours_are_closed(void **state)
{
    (void)state;
    int saved[3], before = open_fds();

    for (int fd = 0; fd < 3; fd++) {
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
        close(fd);
    }
    char why[PROGRAM_WHY_MAX] = "", shell[] = "/bin/sh", option[] = "-c";
    char text[] = "cat; echo err >&2; echo answer >&3", *argv[] = {shell, option, text, NULL};
    const struct program_spec spec = {
        .argv = argv, .env = environ, .input = {"in", 2}, .output = true, .answers = true};
    bool fine = program_start(&started, &spec, why);
    char *out = strdup(fine ? read_all(started.output_fd) : "");
    char *err = strdup(fine ? read_all(started.errors_fd) : "");
    char *answer = strdup(fine ? read_all(started.answers_fd) : "");
    int status = fine ? program_reap(&started, NULL) : -1;
    for (int fd = 0; fd < 3; fd++) {
        dup2(saved[fd], fd);
        close(saved[fd]);
    }
    if (!fine)
        fail_msg("%s", why);
    assert_string_equal(out, "in");
    assert_string_equal(err, "err\n");
    assert_string_equal(answer, "answer\n");
    assert_int_equal(status, 0);
    assert_int_equal(open_fds(), before);
    free(out);
    free(err);
    free(answer);
}

static void what_is_no_program_is_said_in_words(void **state)
{
    (void)state;
    char why[PROGRAM_WHY_MAX], name[] = "/nonexistent/x", *argv[] = {name, NULL};
    char folder_of_it[] = "/nonexistent";
    const struct limits_conf conf = {.folder = folder_of_it};
    const struct limits gone = {.conf = &conf};
    struct program_spec spec = {.argv = argv, .env = environ};
    int before = open_fds();

    assert_false(program_start(&started, &spec, why));
    assert_string_equal(why, "No such file or directory");
    spec.limits = &gone;
    assert_false(program_start(&started, &spec, why));
    assert_string_equal(why, "limits.folder: No such file or directory");
    assert_int_equal(open_fds(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and no zombie of it */
}

int main(void)
{
#define PROGRAM_TEST(f) cmocka_unit_test_setup_teardown(f, script_setup, script_teardown)
    const struct CMUnitTest tests[] = {
        PROGRAM_TEST(it_has_the_pipes_that_it_is_given),
        PROGRAM_TEST(and_no_others),
        PROGRAM_TEST(its_stdin_ends_when_we_close_it),
        PROGRAM_TEST(what_is_held_ends_when_we_let_go),
        PROGRAM_TEST(what_it_used_is_told),
        PROGRAM_TEST(it_dies_with_its_thread_if_it_shall),
        PROGRAM_TEST(and_not_otherwise),
        PROGRAM_TEST(it_is_given_its_own_where_ours_are_closed),
        PROGRAM_TEST(what_is_no_program_is_said_in_words),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
