/* `navvy top` at a real pseudo-terminal, and for scripts. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/cli_rig.h"
#include "tests/support/eventually.h"
#include "tests/support/pty.h"
#include "tests/support/worker_process.h"

static int fill(void **state)
{
    (void)clean(state);
    redis_run(server, "HSET navvy:{email}:meta taken 3 done 3");
    redis_run(server, "HSET navvy:{bills}:meta taken 0");
    redis_run(server, "LPUSH email a b c d e");
    return 0;
}

static void start_top(struct pty *pty, const char *term, const char *env, int rows, int columns)
{
    const char *const argv[] = {NAVVY_BIN, "top",       "--interval", "100ms",
                                "--redis", server->url, NULL};
    pty_start(pty, argv, term, env, rows, columns);
    EVENTUALLY(pty_says(pty, 0, "email"), TEST_LIMIT_MS);
}

/* The lines of the terminal are as they were before: it echoes, and reads lines. */
static void assert_given_back(struct pty *pty)
{
    struct termios settings;

    assert_int_equal(tcgetattr(pty->fd, &settings), 0);
    assert_int_equal(settings.c_lflag & (ECHO | ICANON), ECHO | ICANON);
    assert_true(pty_says(pty, 0, "\033[?1049l")); /* the other screen is back */
    assert_true(pty_says(pty, 0, "\033[?25h") || pty_says(pty, 0, "\033[?12l\033[?25h"));
}

static void a_screen_comes_and_goes(void **state)
{
    struct pty pty;
    (void)state;
    start_top(&pty, "xterm-256color", NULL, 24, 80);
    EVENTUALLY(pty_says(&pty, 0, "backlog 5"), TEST_LIMIT_MS);
    assert_true(pty_says(&pty, 0, "\033[?1049h"));
    assert_true(pty_says(&pty, 0, "\033[31m")); /* red: nobody serves email */
    pty_type(&pty, "?");
    EVENTUALLY(pty_says(&pty, 0, "any key goes back"), TEST_LIMIT_MS);
    pty_type(&pty, "x");
    pty_type(&pty, "q");
    assert_int_equal(pty_wait(&pty, TEST_LIMIT_MS), 0);
    assert_given_back(&pty);
    pty_free(&pty);
}

static void colours_are_left_out_on_demand(void **state)
{
    struct pty pty;
    (void)state;
    start_top(&pty, "xterm-256color", "NO_COLOR=1", 24, 80);
    EVENTUALLY(pty_says(&pty, 0, "in trouble"), TEST_LIMIT_MS);
    pty_type(&pty, "q");
    assert_int_equal(pty_wait(&pty, TEST_LIMIT_MS), 0);
    assert_false(pty_says(&pty, 0, "\033[31m"));
    pty_free(&pty);
}

static void a_queue_is_paused_and_resumed_after_a_question(void **state)
{
    struct pty pty;
    (void)state;
    start_top(&pty, "xterm", NULL, 24, 80);
    pty_type(&pty, "\033OB"); /* down: from bills to email */
    pty_type(&pty, "p");
    EVENTUALLY(pty_says(&pty, 0, "Pause queue email?"), TEST_LIMIT_MS);
    pty_type(&pty, "n");
    pty_type(&pty, "p");
    pty_type(&pty, "y");
    EVENTUALLY(redis_int(server, "HEXISTS navvy:{email}:meta paused") == 1, TEST_LIMIT_MS);
    assert_int_equal(redis_int(server, "HEXISTS navvy:{bills}:meta paused"), 0);
    EVENTUALLY(pty_says(&pty, 0, "email: paused"), TEST_LIMIT_MS);
    assert_int_equal(redis_int(server, "LLEN navvy:{email}:journal"), 1);
    pty_type(&pty, "py");
    EVENTUALLY(redis_int(server, "HEXISTS navvy:{email}:meta paused") == 0, TEST_LIMIT_MS);
    pty_type(&pty, "q");
    assert_int_equal(pty_wait(&pty, TEST_LIMIT_MS), 0);
    pty_free(&pty);
}

static void signals_end_it_and_the_terminal_is_as_before(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        struct pty pty;
        start_top(&pty, "xterm", NULL, 24, 80);
        pty_signal(&pty, signals[i]);
        assert_int_equal(pty_wait(&pty, TEST_LIMIT_MS), 128 + signals[i]);
        assert_given_back(&pty);
        pty_free(&pty);
    }
}

/* Wider, there is room for words; narrower than anything, it lives. */
static void it_follows_the_size_of_its_terminal(void **state)
{
    struct pty pty;
    (void)state;
    start_top(&pty, "xterm", NULL, 24, 80);
    EVENTUALLY(pty_says(&pty, 0, "in trouble"), TEST_LIMIT_MS);
    size_t before = pty.len;
    pty_resize(&pty, 30, 180);
    EVENTUALLY(pty_says(&pty, before, "5 jobs are to be done, and no worker"), TEST_LIMIT_MS);
    pty_resize(&pty, 3, 10);
    before = pty.len;
    EVENTUALLY(pty_says(&pty, before, "navvy top"), TEST_LIMIT_MS);
    pty_resize(&pty, 24, 80);
    EVENTUALLY(pty_says(&pty, before, "in trouble"), TEST_LIMIT_MS);
    pty_type(&pty, "q");
    assert_int_equal(pty_wait(&pty, TEST_LIMIT_MS), 0);
    pty_free(&pty);
}

static void a_redis_that_goes_is_told_of_and_found_again(void **state)
{
    struct pty pty;
    struct redis_server *other = redis_server_start("--appendonly yes");
    const char *const argv[] = {NAVVY_BIN, "top",      "--interval", "100ms",
                                "--redis", other->url, NULL};
    (void)state;
    redis_run(other, "HSET navvy:{email}:meta taken 0");
    pty_start(&pty, argv, "xterm", NULL, 24, 80);
    EVENTUALLY(pty_says(&pty, 0, "email"), TEST_LIMIT_MS);
    redis_server_kill(other);
    EVENTUALLY(pty_says(&pty, 0, "redis.sock: "), TEST_LIMIT_MS);
    size_t before = pty.len;
    redis_server_restart(other);
    redis_run(other, "LPUSH email a b c d e f g");
    EVENTUALLY(pty_says(&pty, before, "7 jobs are to be done"), TEST_LIMIT_MS);
    pty_type(&pty, "q");
    assert_int_equal(pty_wait(&pty, TEST_LIMIT_MS), 0);
    pty_free(&pty);
    redis_server_free(other);
}

static void once_is_plain_text(void **state)
{
    (void)state;
    struct cli run = cli_run(server, NULL, "top", "--once", "--interval", "100ms");
    assert_int_equal(run.code, 0);
    assert_null(strchr(run.out, '\033'));
    assert_says(run.out, "done 0/s");
    assert_says(run.out, "!email");
    assert_says(run.out, "no worker serves it");
    assert_string_equal(run.err, "");
    cli_free(&run);
    run = cli_run(server, NULL, "top", "--interval", "0"); /* its output is no terminal */
    assert_int_equal(run.code, 0);
    assert_says(run.out, "done -/s");
    cli_free(&run);
}

static void json_has_rates_workers_and_what_they_run(void **state)
{
    static const char settings[] = "queues: { email: { handler: { exec: [\"%s\"] } } }\n";
    struct ledger ledger;
    (void)state;
    (void)clean(state);
    ledger_init(&ledger);
    struct worker_process *worker = worker_start(server->url, &ledger, settings, NULL);
    redis_run(server, "LPUSH email wait-a b");
    EVENTUALLY(ledger_count(&ledger, "wait-a", "START") == 1, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(server, "HEXISTS navvy:{email}:meta done") == 1, TEST_LIMIT_MS);

    json_t *top = cli_json(server, 0, "top", "--once", "--json", "--interval", "100ms");
    const json_t *queue = json_array_get(json_object_get(top, "queues"), 0);
    assert_string_equal(json_text_at(queue, "name"), "email");
    assert_int_equal(json_int_at(queue, "held"), 1);
    assert_int_equal(json_int_at(json_object_get(queue, "counters"), "done"), 1);
    assert_true(json_is_real(json_object_get(json_object_get(queue, "rates"), "done")));
    const json_t *row = json_array_get(json_object_get(top, "workers"), 0);
    assert_string_equal(json_text_at(row, "queue"), "email");
    assert_string_equal(json_text_at(row, "state"), "alive");
    json_decref(top);
    ledger_go(&ledger);
    assert_int_equal(worker_term(worker), 0);
    worker_free(worker);
    ledger_fini(&ledger);
}

static void json_goes_on_until_it_is_stopped(void **state)
{
    (void)state;
    struct process *process = cli_start(server, "top", "--json", "--interval", "100ms");
    char path[FOLDER_FILE_MAX];
    folder_file(&process->folder, "out", path);
    EVENTUALLY(file_lines(path) >= 3, TEST_LIMIT_MS);
    process_signal(process, SIGTERM);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 0);
    process_free(process);
}

static void words_that_mean_nothing_are_refused(void **state)
{
    (void)state;
    cli_must(server, 2, "top", "--interval", "50ms");
    cli_must(server, 2, "top", "email");
    cli_must(NULL, 1, "top", "--once", "--redis", "/nonexistent/redis.sock");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_screen_comes_and_goes, fill),
        cmocka_unit_test_setup(colours_are_left_out_on_demand, fill),
        cmocka_unit_test_setup(a_queue_is_paused_and_resumed_after_a_question, fill),
        cmocka_unit_test_setup(signals_end_it_and_the_terminal_is_as_before, fill),
        cmocka_unit_test_setup(it_follows_the_size_of_its_terminal, fill),
        cmocka_unit_test_setup(a_redis_that_goes_is_told_of_and_found_again, fill),
        cmocka_unit_test_setup(once_is_plain_text, fill),
        cmocka_unit_test_setup(json_has_rates_workers_and_what_they_run, fill),
        cmocka_unit_test_setup(json_goes_on_until_it_is_stopped, fill),
        cmocka_unit_test_setup(words_that_mean_nothing_are_refused, fill),
    };
    return cmocka_run_group_tests_name("top", tests, start_server, stop_server);
}
