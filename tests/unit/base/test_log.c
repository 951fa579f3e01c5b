/* log: what is written at which level, in which form, how often, and by many threads. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/base/sink.h"
/* after cmocka.h */
#include "tests/support/eventually.h"

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

static int occurrences(const char *text, const char *word)
{
    int count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

/* How many causes have been told by now. */
static int tell_repeated_of(struct buf *text, int fd)
{
    log_tick();
    read_all(fd, text);
    return occurrences(text->data, "\"msg\":\"repeated\"");
}

static void a_queue_has_a_level_of_its_own(void **state)
{
    (void)state;
    struct log_scope *scope = log_scope_of("orders");

    assert_ptr_equal(scope, log_scope_of("orders"));
    log_set_level(LOG_WARN);
    assert_true(log_scope_has(scope, LOG_WARN) && !log_scope_has(scope, LOG_INFO));
    log_scope_configure(scope, LOG_DEBUG);
    assert_true(log_scope_has(scope, LOG_DEBUG));
    log_scope_order(scope, LOG_ERROR); /* above the configuration */
    assert_false(log_scope_has(scope, LOG_WARN));
    log_scope_configure(scope, LOG_INFO);
    assert_false(log_scope_has(scope, LOG_WARN));
    log_scope_order(scope, LOG_LEVEL_UNSAID);
    assert_true(log_scope_has(scope, LOG_INFO) && !log_scope_has(scope, LOG_DEBUG));
    log_scope_configure(scope, LOG_LEVEL_UNSAID);
    assert_false(log_scope_has(scope, LOG_INFO));
    log_set_level(LOG_INFO); /* nobody said anything: as the whole log */
    assert_true(log_scope_has(scope, LOG_INFO));
}

static void a_cause_that_recurs_is_one_line_and_a_count(void **state)
{
    (void)state;
    struct sink sink = sink_pipe();
    struct buf text = {0};
    struct log_scope *email = log_scope_of("email"), *sms = log_scope_of("sms");

    log_to(sink.write, LOG_JSON);
    for (int i = 0; i < 100; i++) {
        LOG_SPARSE_OF(email, LOG_DEBUG, "unheard", LOG_I("n", i)); /* neither written nor counted */
        LOG_SPARSE_OF(email, LOG_WARN, "refused", LOG_S("err", i % 2 == 0 ? "port 17" : "port 8"));
        LOG_SPARSE_OF(sms, LOG_WARN, "refused", LOG_S("err", "port 17"));
        LOG_SPARSE_OF(sms, LOG_WARN, "refused", LOG_S("err", "no route"));
    }
    EVENTUALLY(tell_repeated_of(&text, sink.read) == 3, 5000);
    (void)dup2(stderr_kept, STDERR_FILENO);
    assert_non_null(
        strstr(text.data, "\"msg\":\"refused\",\"queue\":\"email\",\"err\":\"port 17\"}"));
    assert_non_null(
        strstr(text.data, "\"msg\":\"refused\",\"queue\":\"sms\",\"err\":\"port 17\"}"));
    assert_non_null(
        strstr(text.data, "\"msg\":\"refused\",\"queue\":\"sms\",\"err\":\"no route\"}"));
    assert_non_null(strstr(text.data, "\"level\":\"warn\",\"msg\":\"repeated\",\"queue\":\"email\","
                                      "\"of\":\"refused\",\"err\":\"port 17\",\"repeated\":99}"));
    assert_int_equal(occurrences(text.data, "\"repeated\":99}"), 3);
    assert_int_equal(occurrences(text.data, "\n"), 6);
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
        cmocka_unit_test_setup_teardown(one_dropped_line_is_told_of, keep_stderr, restore_stderr),
        cmocka_unit_test(a_queue_has_a_level_of_its_own),
        cmocka_unit_test_setup_teardown(a_cause_that_recurs_is_one_line_and_a_count, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(lines_of_many_threads_are_whole, keep_stderr,
                                        restore_stderr),
        cmocka_unit_test_setup_teardown(colours_are_for_terminals_that_want_them, keep_stderr,
                                        restore_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
