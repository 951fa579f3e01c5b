/*
 * log: nothing that stderr can be, or become, holds up or ends who writes a line: a pipe that
 * nobody reads, a reader that is gone, a stopped terminal, a full disk, none at all.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"

enum { MANY = 5000 }; /* lines: more than a pipe, socket or terminal takes unread */

/* A place for stderr to go, and the other end of it. */
struct sink {
    int read, write;
};

static int stderr_kept;

static void say(const char *msg)
{
    LOG(LOG_INFO, msg, LOG_S("to", "whom"));
}

static int keep_stderr(void **state)
{
    (void)state;
    stderr_kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    return stderr_kept < 0 ? -1 : 0;
}

static int restore_stderr(void **state)
{
    (void)state;
    (void)dup2(stderr_kept, STDERR_FILENO);
    close(stderr_kept);
    log_init(LOG_INFO, LOG_TEXT);
    say("restored"); /* so that no count of dropped lines is left to the next test */
    return 0;
}

static void log_to(int fd, enum log_format format)
{
    assert_true(dup2(fd, STDERR_FILENO) == STDERR_FILENO);
    log_init(LOG_INFO, format);
}

static struct sink sink_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return (struct sink){ends[0], ends[1]};
}

static struct sink sink_socket(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return (struct sink){ends[0], ends[1]};
}

static struct sink sink_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    return (struct sink){master, slave};
}

static void sink_close(struct sink sink)
{
    close(sink.read);
    close(sink.write);
}

static void read_all(int fd, struct buf *out)
{
    char bytes[4096];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        buf_append(out, bytes, (size_t)got);
    assert_false(out->failed);
}

/* Takes the first line off `rest`. NULL: there is none. */
static json_t *next_line(const char **rest)
{
    const char *end = *rest != NULL ? strchr(*rest, '\n') : NULL;
    if (end == NULL)
        return NULL;
    json_t *line = json_loadb(*rest, (size_t)(end - *rest), 0, NULL);
    assert_true(json_is_object(line));
    *rest = end + 1;
    return line;
}

static long number_in(const json_t *line, const char *key)
{
    return (long)json_integer_value(json_object_get(line, key));
}

/* How many lines there are, all whole, and how many were dropped before them. */
static void count_lines(const struct buf *text, long *lines, long *dropped)
{
    const char *rest = text->data;
    json_t *line;

    *lines = *dropped = 0;
    while ((line = next_line(&rest)) != NULL) {
        (*lines)++;
        *dropped += number_in(line, "dropped");
        json_decref(line);
    }
}

static void a_level_and_a_format_are_obeyed(void **state)
{
    (void)state;
    struct sink sink = sink_pipe();
    struct buf text = {0};

    log_to(sink.write, LOG_TEXT);
    LOG(LOG_DEBUG, "unheard", LOG_I("n", 1));
    LOG(LOG_INFO, "heard", LOG_I("n", 2));
    log_set_level(LOG_ERROR);
    LOG(LOG_WARN, "unheard", LOG_I("n", 3));
    LOG(LOG_ERROR, "heard", LOG_I("n", 4));
    log_to(sink.write, LOG_AUTO); /* no terminal: JSON */
    LOG(LOG_INFO, "heard", LOG_I("n", 5));
    restore_stderr(state);
    keep_stderr(state);
    read_all(sink.read, &text);
    assert_null(strstr(text.data, "unheard"));
    assert_non_null(strstr(text.data, "Z info heard n=2\n"));
    assert_non_null(strstr(text.data, "Z error heard n=4\n"));
    assert_non_null(strstr(text.data, "\"level\":\"info\",\"msg\":\"heard\",\"n\":5}\n"));
    assert_null(strchr(text.data, '\x1b'));
    buf_free(&text);
    sink_close(sink);
}

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

static void one_dropped_line_is_told_of(void **state)
{
    (void)state;
    struct sink sink = sink_pipe();
    struct buf text = {0};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    assert_true(full >= 0);
    log_to(full, LOG_JSON);
    say("unheard");
    log_to(sink.write, LOG_JSON);
    say("heard");
    (void)dup2(stderr_kept, STDERR_FILENO);
    read_all(sink.read, &text);
    const char *rest = text.data;
    json_t *line = next_line(&rest);
    assert_int_equal(number_in(line, "dropped"), 1);
    json_decref(line);
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

static void a_cause_that_recurs_is_one_line_and_a_count(void **state)
{
    (void)state;
    static const int causes[] = {10, 2, 1}; /* of one interval each */
    static const long repeated[] = {0, 9, 1};
    enum { INTERVALS = sizeof causes / sizeof causes[0] };
    struct sink sink = sink_pipe();
    struct buf text = {0};
    struct log_limit limit = {0};
    const struct log_field none[] = {{0}};

    log_to(sink.write, LOG_JSON);
    for (int i = 0; i < INTERVALS; i++) {
        atomic_store(&limit.next_ms, 0); /* as if the interval was over */
        for (int n = 0; n < causes[i]; n++) {
            log_sparse(&limit, LOG_DEBUG, "unheard", none); /* neither written nor counted */
            log_sparse(&limit, LOG_WARN, "recurs", none);
        }
    }
    (void)dup2(stderr_kept, STDERR_FILENO);
    read_all(sink.read, &text);
    const char *rest = text.data;
    for (int i = 0; i < INTERVALS; i++) {
        json_t *line = next_line(&rest);
        assert_int_equal(number_in(line, "repeated"), repeated[i]);
        assert_int_equal(json_object_get(line, "repeated") != NULL, repeated[i] > 0);
        json_decref(line);
    }
    assert_string_equal(rest, "");
    buf_free(&text);
    sink_close(sink);
}

static void *write_lines(void *name)
{
    for (int i = 0; i < MANY / 5; i++) {
        LOG(LOG_INFO, "thread", LOG_S("name", name), LOG_I("n", i));
        LOG_SPARSE(LOG_WARN, "sparse", LOG_S("name", name));
    }
    return NULL;
}

static void lines_of_many_threads_are_whole(void **state)
{
    (void)state;
    static char names[][2] = {"a", "b", "c", "d"};
    enum { THREADS = sizeof names / sizeof names[0] };
    pthread_t threads[THREADS];
    struct sink sink = sink_pipe();
    struct buf text = {0};
    long lines, dropped, sparse = 0;

    log_to(sink.write, LOG_JSON);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        while (pthread_tryjoin_np(threads[i], NULL) == EBUSY)
            read_all(sink.read, &text);
    }
    read_all(sink.read, &text);
    say("last");
    read_all(sink.read, &text);
    (void)dup2(stderr_kept, STDERR_FILENO);
    count_lines(&text, &lines, &dropped);
    for (const char *at = text.data; (at = strstr(at, "\"sparse\"")) != NULL; at++)
        sparse++;
    assert_in_range(lines + dropped - sparse, MANY / 5 * THREADS + 1, MANY / 5 * THREADS + 5);
    buf_free(&text);
    sink_close(sink);
}

static void colours_are_for_terminals_that_want_them(void **state)
{
    (void)state;
    static const struct {
        const char *term, *no_color;
        bool colours;
    } rows[] = {{"xterm", NULL, true},
                {"xterm", "", true},
                {"xterm", "1", false},
                {"dumb", NULL, false},
                {NULL, NULL, false}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sink sink = sink_terminal();
        struct buf text = {0};
        rows[i].term ? setenv("TERM", rows[i].term, 1) : unsetenv("TERM");
        rows[i].no_color ? setenv("NO_COLOR", rows[i].no_color, 1) : unsetenv("NO_COLOR");
        log_to(sink.write, LOG_AUTO); /* text: it is one */
        LOG(LOG_WARN, "heard", LOG_I("n", 0));
        (void)dup2(stderr_kept, STDERR_FILENO);
        read_all(sink.read, &text);
        const char *want = rows[i].colours ? "Z \x1b[33mwarn\x1b[0m heard" : "Z warn heard";
        assert_non_null(strstr(text.data, want));
        buf_free(&text);
        sink_close(sink);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_level_and_a_format_are_obeyed, keep_stderr,
                                        restore_stderr),
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
        cmocka_unit_test_setup_teardown(one_dropped_line_is_told_of, keep_stderr, restore_stderr),
        cmocka_unit_test_setup_teardown(a_line_that_was_torn_is_ended_before_the_next, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_new_stderr_leaves_no_descriptor_behind, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(a_cause_that_recurs_is_one_line_and_a_count, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(lines_of_many_threads_are_whole, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(colours_are_for_terminals_that_want_them, keep_stderr,
                                        restore_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
