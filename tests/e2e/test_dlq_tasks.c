/* Bulk tasks of `navvy dlq`: killed and resumed, cancelled, interrupted, at a rate, with canaries.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"
#include "tests/support/task_rig.h"

enum { MANY = 500 };

static char settings[] = SCENE_QUICK
    "queues: { q: { handler: { exec: [\"%s\"] }, retry: { base: 1h, max_attempts: 3 } } }\n";

static void assert_killed_and_resumed(struct redis_server *server, const char *fault)
{
    static const char *const retry[] = {"dlq", "retry", "q", "--all", "--yes", NULL};
    struct process *process = task_rig_start(server, fault, retry);

    assert_int_equal(process_wait(process, CLI_LIMIT_MS), 128 + SIGKILL);
    process_free(process);
    json_t *task = task_rig_newest(server);
    const char *id = json_text_at(task, "id");
    json_int_t moved = json_int_at(task, "moved");
    assert_string_equal(json_text_at(task, "state"), "running");
    assert_int_equal(moved, redis_int(server, "LLEN navvy:{q}:ready"));
    assert_true(moved < MANY);
    cli_must(server, 1, "dlq", "resume", "q", id); /* perhaps it is alive */

    task_rig_orphan(server, id);
    json_t *orphan = task_rig_newest(server);
    assert_string_equal(json_text_at(orphan, "state"), "orphaned");
    json_decref(orphan);
    if (moved > 0) { /* the first one was run meanwhile, and died again */
        redis_run(server, "RPOP navvy:{q}:ready");
        redis_run(server, "HINCRBY navvy:{q}:meta taken -1");
        dead_letter_push(server, "q", 0, "retries", "again", slice_of("job 0"), -1000);
    }
    cli_must(server, 0, "dlq", "resume", "q", id);
    assert_task(server, "done", MANY);
    cli_must(server, 1, "dlq", "resume", "q", id);
    json_decref(task);
}

/* What was sent back and died again meanwhile is not sent back once more. */
static void who_is_killed_is_gone_on_with_by_another(void **state)
{
    static const char *const faults[] = {"before_requeue:1", "before_requeue:4", "after_requeue:4"};
    struct redis_server *server = ((struct scene *)*state)->server;

    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        redis_run(server, "FLUSHALL");
        dead_letters_fill(server, "q", MANY);
        assert_killed_and_resumed(server, faults[i]);
        struct books books = assert_books_balance(server, "q");
        assert_int_equal(books.ready + books.dlq, MANY);
        assert_in_range(books.dlq, 0, 1);
    }
}

static void a_cancelled_one_moves_nothing_more(void **state)
{
    struct redis_server *server = ((struct scene *)*state)->server;
    dead_letters_fill(server, "q", MANY);
    struct process *retry =
        cli_start(server, "dlq", "retry", "q", "--all", "--yes", "--rate", "50/s");
    EVENTUALLY(redis_int(server, "LLEN navvy:{q}:ready") > 2, TEST_LIMIT_MS);
    json_t *task = task_rig_newest(server);
    cli_must(server, 0, "dlq", "cancel", "q", json_text_at(task, "id"));
    int64_t moved = redis_int(server, "LLEN navvy:{q}:ready");
    assert_task(server, "cancelled", moved);
    cli_must(server, 1, "dlq", "cancel", "q", json_text_at(task, "id"));

    struct cli run = cli_end(retry);
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "cancelled by"));
    assert_non_null(strstr(run.err, "navvy dlq resume q"));
    cli_free(&run);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:ready"), moved);
    assert_books_balance(server, "q");
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:journal"), 1);
    cli_must(server, 3, "dlq", "cancel", "q", "0123456789abcdef");
    cli_must(server, 3, "dlq", "resume", "q", "../x");
    json_decref(task);
}

static void an_interrupted_one_says_how_to_go_on(void **state)
{
    struct redis_server *server = ((struct scene *)*state)->server;
    dead_letters_fill(server, "q", 40);
    struct process *retry =
        cli_start(server, "dlq", "retry", "q", "--reason", "poison", "--yes", "--rate", "5/s");
    EVENTUALLY(redis_int(server, "LLEN navvy:{q}:ready") > 0, TEST_LIMIT_MS);
    process_signal(retry, SIGINT);
    struct cli run = cli_end(retry);
    json_t *task = task_rig_newest(server);
    const char *id = json_text_at(task, "id");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "stopped after"));
    assert_non_null(strstr(run.err, id));
    assert_string_equal(json_text_at(task, "state"), "stopped");
    assert_int_equal(json_int_at(task, "total"), 13);
    cli_free(&run);
    cli_must(server, 0, "dlq", "resume", "q", id);
    assert_task(server, "done", 13);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 27);
    json_decref(task);
}

static void no_more_than_the_rate_a_second(void **state)
{
    struct redis_server *server = ((struct scene *)*state)->server;
    dead_letters_fill(server, "q", 41);
    int64_t began_ms = clock_mono_ms();
    cli_must(server, 0, "dlq", "drop", "q", "--all", "--yes", "--rate", "50/s");
    assert_true(clock_mono_ms() - began_ms >= 40 * 1000 / 50);
    assert_int_equal(redis_int(server, "HGET navvy:{q}:meta purged"), 41);
    cli_must(server, 2, "dlq", "drop", "q", "--all", "--yes", "--rate", "50");
    cli_must(server, 2, "dlq", "drop", "q", "--all", "--yes", "--rate", "0/s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(who_is_killed_is_gone_on_with_by_another, settings),
        SCENE_TEST(a_cancelled_one_moves_nothing_more, settings),
        SCENE_TEST(an_interrupted_one_says_how_to_go_on, settings),
        SCENE_TEST(no_more_than_the_rate_a_second, settings),
    };
    return cmocka_run_group_tests_name("dlq_tasks", tests, NULL, NULL);
}
