/*
 * renew: a rolling restart. New workers first, the old ones drain; the pid of `navvy run` stays,
 * and nothing is lost or run twice.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/gang.h"
#include "tests/support/scene.h"

enum { LOAD_JOBS = 2000, ROUNDS = 3 };

#define LONG "lease: 600s\nshutdown_timeout: 60s\n"

static char load[] = LONG "processes: 2\npool: { min: 2, max: 4 }\n"
                          "queues: { jobs: { handler: { builtin: sleep, sleep: 1ms } } }\n";
static char ledger[] = LONG "processes: 1\npool: { min: 2, max: 4 }\n"
                            "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

static char small[] = LONG "processes: 1\nrecycle: { memory: 1KiB }\n"
                           "queues: { jobs: { handler: { builtin: noop } } }\n";

static bool is_at_work(const struct worker_process *worker, pid_t pid)
{
    for (size_t i = 0; i < gang_size(worker); i++) {
        if (gang_worker(worker, i) == pid)
            return true;
    }
    return false;
}

static size_t times(const struct worker_process *worker, const char *text)
{
    char *errors = process_errors(worker->process);
    size_t count = 0;
    for (const char *at = errors; (at = strstr(at, text)) != NULL; at++)
        count++;
    free(errors);
    return count;
}

static void nothing_is_lost_or_run_twice_under_load(void **state)
{
    static const char script[] =
        "for i = 1, ARGV[1] do redis.call('LPUSH', KEYS[1], ARGV[2] .. i) end";
    struct scene *scene = *state;
    char name[16], count[16];

    (void)snprintf(count, sizeof count, "%d", LOAD_JOBS);
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(gang_size(scene->first) == 2, TEST_LIMIT_MS);
    pid_t before = scene->first->process->pid;
    for (size_t round = 1; round <= ROUNDS; round++) {
        pid_t old[2] = {gang_worker(scene->first, 0), gang_worker(scene->first, 1)};
        (void)snprintf(name, sizeof name, "%zu-", round);
        redis_run(scene->server, "EVAL %s 1 jobs %s %s", script, count, name);
        process_signal(scene->first->process, SIGUSR2);
        EVENTUALLY(times(scene->first, "\"msg\":\"replaced\"") == 2 * round, 2 * TEST_LIMIT_MS);
        EVENTUALLY(!is_at_work(scene->first, old[0]) && !is_at_work(scene->first, old[1]),
                   2 * TEST_LIMIT_MS);
        assert_int_equal(times(scene->first, "\"msg\":\"renewed\""), round);
    }
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, ROUNDS * LOAD_JOBS);
    assert_int_equal(books.recovered, 0);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(before, scene->first->process->pid);
    assert_false(worker_said(scene->first, "\"msg\":\"worker_died\""));
    assert_int_equal(worker_term(scene->first), 0);
    assert_int_equal(assert_books_balance(scene->server, "jobs").alive, 0);
}

static void an_old_worker_finishes_what_it_runs(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-1");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 1, TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGUSR2);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"replaced\""), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs other");
    EVENTUALLY(ledger_count(&scene->ledger, "other", "END") == 1, TEST_LIMIT_MS);
    assert_int_equal(gang_size(scene->first), 2);
    ledger_go(&scene->ledger);
    EVENTUALLY(gang_size(scene->first) == 1, TEST_LIMIT_MS);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 2);
    assert_int_equal(books.released, 0);
}

static void a_worker_that_dies_after_it_was_handed_over_is_known_all_the_same(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-1");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 1, TEST_LIMIT_MS);
    pid_t old = gang_worker(scene->first, 0);
    process_signal(scene->first->process, SIGUSR2);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"replaced\""), TEST_LIMIT_MS);
    assert_int_equal(kill(old, SIGKILL), 0);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 2, TEST_LIMIT_MS);
    assert_true(worker_said(scene->first, "\"msg\":\"was_running\""));
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void what_is_not_fine_changes_nothing(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    pid_t worker = gang_worker(scene->first, 0);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, "queues: [\n");
    process_signal(scene->first->process, SIGUSR2);
    EVENTUALLY(worker_said(scene->first, "is not fine"), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs one");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    assert_true(is_at_work(scene->first, worker));
    assert_int_equal(worker_term(scene->first), 0);
}

static void who_has_grown_too_large_is_replaced(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    pid_t old = gang_worker(scene->first, 0);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"recycle\""), 3 * TEST_LIMIT_MS);
    EVENTUALLY(!is_at_work(scene->first, old), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs one");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    assert_int_equal(worker_term(scene->first), 0);
}

/* What runs is started through a link, which then leads to another program. */
static void the_program_that_stands_there_now_takes_over(void **state)
{
    static const char wrapper[] = "#!/bin/sh\nPATH=/the/new/one:$PATH exec " NAVVY_BIN " \"$@\"\n";
    struct scene *scene = *state;
    char link[FOLDER_FILE_MAX], new[FOLDER_FILE_MAX], config[FOLDER_FILE_MAX];
    const char *const env[] = {"REDIS_URL", "NAVVY_REDIS_URL", NULL};

    scene->first = worker_launch(scene->server->url, &scene->ledger, scene->settings, NULL);
    process_free(scene->first->process);
    folder_write(&scene->ledger.folder, "new", 0755, wrapper);
    (void)folder_file(&scene->ledger.folder, "new", new);
    (void)folder_file(&scene->ledger.folder, "link", link);
    assert_int_equal(symlink(NAVVY_BIN, link), 0);
    const char *const argv[] = {link, "run", "--config",
                                folder_file(&scene->first->folder, "navvy.yaml", config), NULL};
    scene->first->process = process_start(argv, env, NULL);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"join\""), TEST_LIMIT_MS);

    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink(new, link), 0);
    process_signal(scene->first->process, SIGUSR2);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"replaced\""), TEST_LIMIT_MS);
    EVENTUALLY(gang_size(scene->first) == 1, TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs path-1");
    EVENTUALLY(ledger_count(&scene->ledger, "path-1", "/the/new/one") == 1, TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(nothing_is_lost_or_run_twice_under_load, load),
        SCENE_TEST(an_old_worker_finishes_what_it_runs, ledger),
        SCENE_TEST(a_worker_that_dies_after_it_was_handed_over_is_known_all_the_same, ledger),
        SCENE_TEST(what_is_not_fine_changes_nothing, ledger),
        SCENE_TEST(who_has_grown_too_large_is_replaced, small),
        SCENE_TEST(the_program_that_stands_there_now_takes_over, ledger),
    };
    return cmocka_run_group_tests_name("renew", tests, NULL, NULL);
}
