/*
 * log_sink: nothing that stderr can be, or become, holds up or ends who writes a line: a pipe that
 * nobody reads, a reader that is gone, a stopped terminal, a full disk, none at all.
 */
#include "base/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/base/sink.h"

/* MANY lines into a sink that nobody reads; then somebody does, and a last line tells the rest. */
static void flood(struct sink sink)
{
    struct buf text = {0};
    long lines, dropped;

    log_to(sink.write, LOG_JSON);
    for (int i = 0; i < MANY; i++)
        LOG(LOG_INFO, "flood", LOG_I("n", i),
            LOG_S("pad", "0123456789012345678901234567890123456"
                         "78901234567890123456789"));
    read_all(sink.read, &text);
    say("last");
    read_all(sink.read, &text);
    say("after");
    read_all(sink.read, &text);
    (void)dup2(stderr_kept, STDERR_FILENO);
    count_lines(&text, &lines, &dropped);
    assert_true(lines > 10 && dropped > 100); /* it takes some, and not all */
    assert_int_equal(lines + dropped, MANY + 2);
    assert_null(strstr(strstr(text.data, "\"last\""),
                       "\"after\",\"to\":\"whom\",\"dropped\"")); /* told once */
    buf_free(&text);
    sink_close(sink);
}

static void a_pipe_that_nobody_reads_costs_lines_not_time(void **state)
{
    (void)state;
    flood(sink_pipe());
}

static void a_socket_that_nobody_reads_costs_lines_not_time(void **state)
{
    (void)state;
    flood(sink_socket());
}

static void a_stopped_terminal_costs_lines_not_time(void **state)
{
    (void)state;
    struct sink sink = sink_terminal();
    struct buf text = {0};

    log_to(sink.write, LOG_TEXT);
    for (int i = 0; i < MANY; i++)
        LOG(LOG_INFO, "flood", LOG_I("n", i));
    read_all(sink.read, &text);
    say("last");
    read_all(sink.read, &text);
    (void)dup2(stderr_kept, STDERR_FILENO);
    assert_non_null(strstr(text.data, " flood n=0\r\n"));
    const char *last = strstr(text.data, " last to=whom dropped=");
    assert_non_null(last);
    while (last > text.data && last[-1] != '\n') /* it stands on a line of its own */
        last--;
    assert_memory_equal(last, "20", 2);
    buf_free(&text);
    sink_close(sink);
}

static void others_that_fill_a_pipe_do_not_hold_us_up(void **state)
{
    (void)state;
    struct sink sink = sink_pipe();
    char byte = '\n';

    log_to(sink.write, LOG_JSON);
    int other = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(other >= 0);
    while (write(other, &byte, 1) == 1)
        continue;
    say("unheard");
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0); /* theirs is as it was */
    (void)dup2(stderr_kept, STDERR_FILENO);
    close(other);
    sink_close(sink);
}

/* The exit status of a child that ran this with the default action of SIGPIPE, or -signal. */
static int end_of(void (*body)(void))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void log_to_a_pipe_without_reader(void)
{
    struct sink sink = sink_pipe();
    log_to(sink.write, LOG_JSON);
    say("heard");
    close(sink.read);
    say("unheard");
    say("unheard");
}

static void log_to_a_socket_without_reader(void)
{
    struct sink sink = sink_socket();
    log_to(sink.write, LOG_JSON);
    close(sink.read);
    say("unheard");
}

static void log_without_stderr(void)
{
    struct sink sink;
    char byte;

    close(STDERR_FILENO);
    log_init(LOG_INFO, LOG_AUTO);
    say("unheard");
    sink = sink_pipe();
    (void)dup2(sink.write, STDERR_FILENO); /* as the next connection would become descriptor 2 */
    say("unheard");
    if (read(sink.read, &byte, 1) > 0)
        _exit(1); /* a log line went where it must not */
}

static void log_until_stderr_is_closed(void)
{
    struct sink sink = sink_pipe();
    log_to(sink.write, LOG_JSON);
    close(STDERR_FILENO);
    say("unheard");
}

static void log_to_something_that_cannot_be_written(void)
{
    log_to(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), LOG_JSON);
    say("unheard");
}

static void a_stderr_that_is_gone_ends_nobody(void **state)
{
    (void)state;
    assert_int_equal(end_of(log_to_a_pipe_without_reader), 0);
    assert_int_equal(end_of(log_to_a_socket_without_reader), 0);
    assert_int_equal(end_of(log_without_stderr), 0);
    assert_int_equal(end_of(log_until_stderr_is_closed), 0);
    assert_int_equal(end_of(log_to_something_that_cannot_be_written), 0);
}

static void a_full_disk_is_told_of_when_it_is_over(void **state)
{
    (void)state;
    struct sink sink = sink_pipe();
    struct buf text = {0};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    assert_true(full >= 0);
    log_to(full, LOG_JSON);
    for (int i = 0; i < 3; i++) {
        errno = ENOENT;
        say("unheard");
        assert_int_equal(errno, ENOENT); /* a line leaves no error behind */
    }
    log_to(sink.write, LOG_JSON);
    say("heard");
    say("heard");
    (void)dup2(stderr_kept, STDERR_FILENO);
    read_all(sink.read, &text);
    const char *rest = text.data;
    json_t *first = next_line(&rest), *second = next_line(&rest);
    assert_int_equal(number_in(first, "dropped"), 3);
    assert_null(json_object_get(second, "dropped"));
    json_decref(first);
    json_decref(second);
    buf_free(&text);
    close(full);
    sink_close(sink);
}

/* How large a file may become; a write over it is cut, the next one refused. */
static void limit_files(rlim_t bytes_max)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes_max < limit.rlim_max ? bytes_max : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_line_that_was_torn_is_ended_before_the_next(void **state)
{
    (void)state;
    enum { WHOLE_AND_A_PART = 100 };
    struct rlimit before;
    char text[1024];
    int file = memfd_create("log", MFD_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*on_limit)(int) = signal(SIGXFSZ, SIG_IGN);
    log_to(file, LOG_JSON);
    say("whole");
    limit_files(WHOLE_AND_A_PART);
    say("torn");
    say("unheard"); /* not even the line feed that ends the torn one */
    limit_files(before.rlim_cur);
    say("ended");
    say("after");
    (void)dup2(stderr_kept, STDERR_FILENO);
    (void)signal(SIGXFSZ, on_limit);

    ssize_t len = pread(file, text, sizeof text - 1, 0);
    assert_true(len > WHOLE_AND_A_PART);
    text[len] = 0;
    assert_int_equal(text[WHOLE_AND_A_PART], '\n');
    const char *rest = text;
    json_t *whole = next_line(&rest);
    assert_true(rest > text && rest < text + WHOLE_AND_A_PART);
    assert_null(strstr(rest, "unheard"));
    rest = text + WHOLE_AND_A_PART + 1;
    json_t *ended = next_line(&rest), *after = next_line(&rest);
    assert_int_equal(number_in(ended, "dropped"), 2);
    assert_null(json_object_get(after, "dropped"));
    assert_string_equal(rest, "");
    json_decref(whole);
    json_decref(ended);
    json_decref(after);
    close(file);
}

static int lowest_free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void a_new_stderr_leaves_no_descriptor_behind(void **state)
{
    (void)state;
    struct sink sink = sink_pipe();

    log_to(sink.write, LOG_JSON);
    int free_before = lowest_free_descriptor();
    for (int i = 0; i < 20; i++)
        log_to(sink.write, LOG_JSON);
    assert_int_equal(lowest_free_descriptor(), free_before);
    (void)dup2(stderr_kept, STDERR_FILENO);
    sink_close(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pipe_that_nobody_reads_costs_lines_not_time, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_socket_that_nobody_reads_costs_lines_not_time,
                                        keep_stderr, restore_stderr),
        cmocka_unit_test_setup_teardown(a_stopped_terminal_costs_lines_not_time, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(others_that_fill_a_pipe_do_not_hold_us_up, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_stderr_that_is_gone_ends_nobody, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told_of_when_it_is_over, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_line_that_was_torn_is_ended_before_the_next, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_new_stderr_leaves_no_descriptor_behind, keep_stderr,
                                        restore_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
