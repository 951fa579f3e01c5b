/*
 * signals: how a worker goes, and how it is told something new. Rows 45, 46 and 48 of
 * docs/failures.md, and 47.
 */
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define ONE_AT_A_TIME "lease: 1s\npool: { min: 1, max: 1 }\n"
#define LEDGER_QUEUE "queues: { jobs: { handler: { exec: [\"%s\"] }, kill_grace: 200ms } }\n"

static char patient[] = ONE_AT_A_TIME "shutdown_timeout: 60s\n" LEDGER_QUEUE;
static char hasty[] = ONE_AT_A_TIME "shutdown_timeout: 100ms\n" LEDGER_QUEUE;
static char four[] = SCENE_QUICK "shutdown_timeout: 60s\n" LEDGER_QUEUE;

static void push(struct scene *scene, const char *payload)
{
    redis_run(scene->server, "LPUSH jobs %s", payload);
}

static void wait_for_start(struct scene *scene, const char *payload)
{
    EVENTUALLY(ledger_count(&scene->ledger, payload, "START") >= 1, TEST_LIMIT_MS);
}

static void row_45_a_long_job_is_waited_for(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    wait_for_start(scene, "wait-1");
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"drain\""), TEST_LIMIT_MS);
    push(scene, "later"); /* not taken any more */
    ledger_go(&scene->ledger);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);

    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.held, 0);
    assert_int_equal(books_waiting(&books), 1);
    assert_int_equal(redis_int(scene->server, "ZCARD navvy:{jobs}:workers"), 0);
}

static void row_45_what_takes_too_long_is_given_back_in_order(void **state)
{
    struct scene *scene = *state;
    scene->settings = four;
    scene->first = scene_start(scene, NULL);
    for (int i = 1; i <= 4; i++) {
        char payload[] = "wait-0";
        payload[5] = (char)('0' + i);
        push(scene, payload);
        wait_for_start(scene, payload);
    }
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"drain\""), TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGTERM);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGTERM);

    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.ready, 4);
    assert_int_equal(books.released, 4);
    /* The oldest is next in line, its delivery counted, no attempt charged. */
    char *next = redis_text(scene->server, "LINDEX navvy:{jobs}:ready -1");
    char *last = redis_text(scene->server, "LINDEX navvy:{jobs}:ready 0");
    assert_non_null(strstr(next, "\nwait-1"));
    assert_non_null(strstr(next, " deliveries=1"));
    assert_null(strstr(next, "attempt="));
    assert_non_null(strstr(last, "\nwait-4"));
    free(next);
    free(last);

    ledger_go(&scene->ledger);
    scene->second = scene_start(scene, NULL);
    assert_int_equal(scene_end(scene, "jobs").done, 4);
}

static void row_45_the_deadline_gives_back_too_and_ends_with_0(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    wait_for_start(scene, "wait-1");
    assert_int_equal(worker_term(scene->first), 0);
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.ready, 1);
    assert_int_equal(books.held, 0);
}

static void row_46_quit_leaves_the_jobs_to_the_lease(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    wait_for_start(scene, "wait-1");
    process_signal(scene->first->process, SIGTERM);
    process_signal(scene->first->process, SIGQUIT);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGQUIT);
    assert_int_equal(assert_books_balance(scene->server, "jobs").held, 1);

    ledger_go(&scene->ledger);
    scene->second = scene_start(scene, NULL);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 1);
}

static void row_47_term_while_redis_is_down_names_what_is_left(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    wait_for_start(scene, "wait-1");
    redis_server_freeze(scene->server);
    assert_int_equal(worker_term(scene->first), 75);
    assert_true(worker_said(scene->first, "\"msg\":\"not_given_back\",\"queue\":\"jobs\""));
    redis_server_thaw(scene->server);
    assert_int_equal(assert_books_balance(scene->server, "jobs").held, 1);
}

static void quiet_takes_nothing_until_it_is_told_to_go_on(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "zero");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGTSTP);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"quiet\""), TEST_LIMIT_MS);
    push(scene, "one");
    THROUGHOUT(ledger_count(&scene->ledger, "one", NULL) == 0, 300);
    process_signal(scene->first->process, SIGCONT);
    assert_int_equal(scene_end(scene, "jobs").done, 2);
}

/* As when a person closes the window in which navvy runs. */
static void a_closed_terminal_drains(void **state)
{
    struct scene *scene = *state;
    char *path = NULL;
    int terminal, status;
    struct worker_process *file = scene->first =
        worker_start(scene->server->url, &scene->ledger, scene->settings, NULL);
    assert_int_equal(worker_term(file), 0);
    assert_true(asprintf(&path, "%s/navvy.yaml", file->folder.path) > 0);
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(NAVVY_BIN, "navvy", "run", "--config", path, (char *)NULL);
        _exit(127);
    }
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:workers") == 1, TEST_LIMIT_MS);
    push(scene, "wait-1");
    wait_for_start(scene, "wait-1");
    assert_int_equal(close(terminal), 0);
    ledger_go(&scene->ledger);
    EVENTUALLY(waitpid(pid, &status, WNOHANG) == pid, TEST_LIMIT_MS);
    assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    free(path);
}

/* --- row 48: reload ------------------------------------------------------------------------------
 */

static void reload(struct scene *scene, const char *settings)
{
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, settings);
    process_signal(scene->first->process, SIGHUP);
}

static void row_48_a_bad_file_changes_nothing_and_the_error_names_the_line(void **state)
{
    static const struct {
        const char *settings, *error;
    } cases[] = {
        {"queues: { jobs: { handler: { builtin: nope } } }\n",
         "navvy.yaml:3:39: queues.jobs.handler.builtin"},
        {"queues: [\n", "navvy.yaml:4:1"},
        {"pool: { min: 9, max: 4 }\n" LEDGER_QUEUE, "pool.min (9) is more than pool.max (4)"},
        {"lease: 77s\n" LEDGER_QUEUE, "lease: cannot be changed"},
    };
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        reload(scene, cases[i].settings);
        EVENTUALLY(worker_said(scene->first, cases[i].error), TEST_LIMIT_MS);
    }
    push(scene, "one");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    assert_false(worker_said(scene->first, "\"msg\":\"reload\",\"queues\""));
}

static void row_48_an_empty_and_an_unreadable_file_change_nothing(void **state)
{
    struct scene *scene = *state;
    char path[FOLDER_FILE_MAX];
    scene->first = scene_start(scene, NULL);
    folder_write(&scene->first->folder, "navvy.yaml", 0644, "");
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, "is empty"), TEST_LIMIT_MS);
    assert_int_equal(remove(folder_file(&scene->first->folder, "navvy.yaml", path)), 0);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, "cannot be read: No such file"), TEST_LIMIT_MS);
    push(scene, "one");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void a_good_file_brings_handlers_queues_and_limits(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1"); /* goes on under the old configuration */
    wait_for_start(scene, "wait-1");
    reload(scene, "lease: 1s\npool: { min: 1, max: 3 }\nshutdown_timeout: 60s\n"
                  "queues:\n"
                  "  jobs: { handler: { builtin: noop } }\n"
                  "  fresh: { handler: { builtin: noop } }\n");
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"reload\",\"queues\":2"), TEST_LIMIT_MS);
    push(scene, "two");
    redis_run(scene->server, "LPUSH fresh three");
    assert_int_equal(scene_end(scene, "fresh").done, 1);
    EVENTUALLY(redis_int(scene->server, "HGET navvy:{jobs}:meta done") == 1, TEST_LIMIT_MS);
    assert_int_equal(ledger_count(&scene->ledger, "two", NULL), 0);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 2);
}

static void a_queue_that_is_not_in_the_new_file_is_left(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    wait_for_start(scene, "wait-1");
    reload(scene, "lease: 1s\npool: { min: 1, max: 1 }\nshutdown_timeout: 60s\n"
                  "queues: { fresh: { handler: { builtin: noop } } }\n");
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"reload\",\"queues\":1"), TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"left\",\"queue\":\"jobs\""), TEST_LIMIT_MS);
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.alive, 0);
    push(scene, "two");
    redis_run(scene->server, "LPUSH fresh three");
    assert_int_equal(scene_end(scene, "fresh").done, 1);
    assert_int_equal(redis_int(scene->server, "LLEN jobs"), 1);
    assert_int_equal(worker_term(scene->first), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(row_45_a_long_job_is_waited_for, patient),
        SCENE_TEST(row_45_what_takes_too_long_is_given_back_in_order, patient),
        SCENE_TEST(row_45_the_deadline_gives_back_too_and_ends_with_0, hasty),
        SCENE_TEST(row_46_quit_leaves_the_jobs_to_the_lease, patient),
        SCENE_TEST(row_47_term_while_redis_is_down_names_what_is_left, hasty),
        SCENE_TEST(quiet_takes_nothing_until_it_is_told_to_go_on, patient),
        SCENE_TEST(a_closed_terminal_drains, patient),
        SCENE_TEST(row_48_a_bad_file_changes_nothing_and_the_error_names_the_line, patient),
        SCENE_TEST(row_48_an_empty_and_an_unreadable_file_change_nothing, patient),
        SCENE_TEST(a_good_file_brings_handlers_queues_and_limits, patient),
        SCENE_TEST(a_queue_that_is_not_in_the_new_file_is_left, patient),
    };
    return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
