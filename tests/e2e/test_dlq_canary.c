/* Bulk tasks with canaries, and real workers: some jobs are sent ahead, and decide about the rest.
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

static char settings[] = SCENE_QUICK
    "queues: { q: { handler: { exec: [\"%s\"] }, retry: { base: 1h, max_attempts: 3 } } }\n";

static char supervised[] = SCENE_QUICK
    "processes: 1\nqueues: { q: { handler: { exec: [\"%s\"] }, retry: { base: 1h } } }\n";

/* Dead jobs 0 to count - 1 with payloads "<payload>N", long dead. */
static void fill(struct redis_server *server, const char *payload, int count)
{
    for (int i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof(text), "%s%d", payload, i);
        dead_letter_push(server, "q", i, "retries", "exit status 1", slice_of(text), 60000);
    }
}

static void a_canary_that_dies_again_saves_the_rest(void **state)
{
    struct scene *scene = *state;
    fill(scene->server, "never-", 30);
    scene->first = scene_start(scene, NULL);
    struct cli run = cli_run(scene->server, NULL, "dlq", "retry", "q", "--all", "--yes", "--canary",
                             "5", "--stop-if-fail", "20%");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "canary failed: of 5 jobs retried"));
    assert_non_null(strstr(run.err, "25 remain in the dead-letter queue"));
    cli_free(&run);
    EVENTUALLY(scene_quiet(scene, "q"), TEST_LIMIT_MS);
    struct books books = assert_books_balance(scene->server, "q");
    assert_int_equal(books.dlq, 30);
    assert_int_equal(books.dead, 5);
    json_t *task = task_rig_newest(scene->server);
    assert_string_equal(json_text_at(task, "state"), "stopped");
    assert_true(json_int_at(task, "failed") >= 1);

    /* Somebody knows better: the rest goes, and of the canaries none twice. */
    cli_must(scene->server, 0, "dlq", "resume", "q", json_text_at(task, "id"));
    EVENTUALLY(books_read(scene->server, "q").dead == 30, TEST_LIMIT_MS);
    json_decref(task);
}

/* One that will be tried again has failed all the same: its next attempt is in an hour. */
static void a_canary_that_fails_once_has_failed(void **state)
{
    struct scene *scene = *state;
    fill(scene->server, "fail-", 4);
    scene->first = scene_start(scene, NULL);
    struct cli run =
        cli_run(scene->server, NULL, "dlq", "retry", "q", "--all", "--yes", "--canary", "2");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "one is enough to stop; 2 remain"));
    cli_free(&run);
    EVENTUALLY(books_read(scene->server, "q").retry == 2, TEST_LIMIT_MS);
}

static void a_canary_that_lives_leads_the_way(void **state)
{
    struct scene *scene = *state;
    fill(scene->server, "good-", 20);
    dead_letter_push(scene->server, "q", 20, "retries", "exit status 1", slice_of("never-20"), 50);
    scene->first = scene_start(scene, NULL);
    struct cli run = cli_run(scene->server, NULL, "dlq", "retry", "q", "--all", "--yes", "--canary",
                             "3", "--stop-if-fail", "50");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "q: 21 dead jobs retried"));
    assert_non_null(strstr(run.err, "of 3 canaries 0 failed"));
    cli_free(&run);
    EVENTUALLY(books_read(scene->server, "q").done == 20, TEST_LIMIT_MS);
    EVENTUALLY(books_read(scene->server, "q").dlq == 1, TEST_LIMIT_MS);
    assert_task(scene->server, "done", 21);
}

static void canaries_that_nobody_runs_are_not_waited_for_for_ever(void **state)
{
    struct redis_server *server = ((struct scene *)*state)->server;
    fill(server, "good-", 8);
    struct cli run = cli_run(server, NULL, "dlq", "retry", "q", "--all", "--yes", "--canary", "2",
                             "--canary-wait", "1s");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "2 of 2 jobs had not ended after 1s"));
    cli_free(&run);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 6);
    cli_must(server, 2, "dlq", "retry", "q", "--all", "--yes", "--stop-if-fail", "20%");
    cli_must(server, 2, "dlq", "retry", "q", "--all", "--yes", "--canary", "1001");
}

/* A canary's process dies before or after it was sent: the next one sends who is still there. */
static void a_killed_canary_is_waited_for_by_another(void **state)
{
    static const char *const retry[] = {"dlq",   "retry",    "q", "--all",
                                        "--yes", "--canary", "4", NULL};
    struct scene *scene = *state;
    fill(scene->server, "good-", 12);
    struct process *process = task_rig_start(scene->server, "before_requeue:1", retry);
    assert_int_equal(process_wait(process, CLI_LIMIT_MS), 128 + SIGKILL);
    process_free(process);
    json_t *task = task_rig_newest(scene->server);
    const char *id = json_text_at(task, "id");
    task_rig_orphan(scene->server, id);
    process = task_rig_start(scene->server, "after_requeue:1",
                             (const char *const[]){"dlq", "resume", "q", id, NULL});
    assert_int_equal(process_wait(process, CLI_LIMIT_MS), 128 + SIGKILL);
    process_free(process);
    assert_int_equal(redis_int(scene->server, "LLEN navvy:{q}:ready"), 4);

    task_rig_orphan(scene->server, id);
    scene->first = scene_start(scene, NULL);
    cli_must(scene->server, 0, "dlq", "resume", "q", id);
    EVENTUALLY(books_read(scene->server, "q").done == 12, TEST_LIMIT_MS);
    assert_int_equal(ledger_count(&scene->ledger, "good-", "END"), 12);
    assert_books_balance(scene->server, "q");
    json_decref(task);
}

/* Before it has killed three of them, and is poison again. */
static void a_canary_that_kills_its_worker_has_failed(void **state)
{
    struct scene *scene = *state;
    fill(scene->server, "crash-", 6);
    scene->first = scene_start(scene, NULL);
    struct cli run =
        cli_run(scene->server, NULL, "dlq", "retry", "q", "--all", "--yes", "--canary", "1");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "canary failed: of 1 job retried 1 failed"));
    assert_non_null(strstr(run.err, "5 remain in the dead-letter queue"));
    cli_free(&run);
    assert_task(scene->server, "stopped", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_canary_that_dies_again_saves_the_rest, settings),
        SCENE_TEST(a_canary_that_fails_once_has_failed, settings),
        SCENE_TEST(a_canary_that_lives_leads_the_way, settings),
        SCENE_TEST(canaries_that_nobody_runs_are_not_waited_for_for_ever, settings),
        SCENE_TEST(a_canary_that_kills_its_worker_has_failed, supervised),
        SCENE_TEST(a_killed_canary_is_waited_for_by_another, settings),
    };
    return cmocka_run_group_tests_name("dlq_canary", tests, NULL, NULL);
}
