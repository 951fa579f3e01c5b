/*
 * lease: who is dead, who only looks dead, and what a worker may do that was declared dead. Rows
 * 15, 18 and 19 of docs/failures.md.
 */
#include <signal.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { LEASE_MS = 1000, CALM_LEASE_MS = 3000 };

static char settings[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";
/* After three leases of silence a worker stops its handlers: what the machine adds must fit in. */
static char calm[] = "lease: 3s\nqueues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

static void start_job(struct scene *scene)
{
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-1");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 1, TEST_LIMIT_MS);
}

static void row_15_a_worker_stopped_for_longer_than_its_lease(void **state)
{
    struct scene *scene = *state;
    start_job(scene);
    scene->second = scene_start(scene, NULL);
    process_freeze(scene->first->process);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", " 2 1 START") == 1, 2 * TEST_LIMIT_MS);

    process_signal(scene->first->process, SIGCONT);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"lease_lost\""), TEST_LIMIT_MS);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").alive == 2, TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 1);
    assert_int_equal(books.duplicate, 0);
    /* It stopped its handler, and works again under its new name. */
    assert_int_equal(ledger_count(&scene->ledger, "wait-1", " 1 1 END"), 0);
    process_freeze(scene->second->process);
    redis_run(scene->server, "LPUSH jobs next");
    EVENTUALLY(ledger_count(&scene->ledger, "next", "END") == 1, TEST_LIMIT_MS);
}

static void row_15_what_a_zombie_settles_is_refused(void **state)
{
    struct scene *scene = *state;
    start_job(scene);
    scene->second = scene_start(scene, NULL);
    process_freeze(scene->first->process);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", " 2 1 START") == 1, 2 * TEST_LIMIT_MS);
    /* Both handlers end while the first worker stands still, so that its result is there at once.
     */
    ledger_go(&scene->ledger);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "END") == 2, TEST_LIMIT_MS);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    process_signal(scene->first->process, SIGCONT);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"lease_lost\""), TEST_LIMIT_MS);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
}

static void row_18_a_frozen_redis_costs_nobody_the_lease(void **state)
{
    struct scene *scene = *state;
    start_job(scene);
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").alive == 2, TEST_LIMIT_MS);
    redis_server_freeze(scene->server);
    THROUGHOUT(ledger_count(&scene->ledger, "wait-1", "START") == 1, CALM_LEASE_MS + LEASE_MS);
    redis_server_thaw(scene->server);
    THROUGHOUT(ledger_count(&scene->ledger, "wait-1", "START") == 1, CALM_LEASE_MS);
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 0);
    assert_false(worker_said(scene->first, "\"msg\":\"lease_lost\""));
}

static void row_19_a_frozen_redis_and_one_worker_really_dead(void **state)
{
    struct scene *scene = *state;
    start_job(scene);
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").alive == 2, TEST_LIMIT_MS);
    redis_server_freeze(scene->server);
    (void)worker_kill(scene->first);
    THROUGHOUT(ledger_count(&scene->ledger, "wait-1", "START") == 1, 2 * LEASE_MS);
    redis_server_thaw(scene->server);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", " 2 1 START") == 1, 2 * TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 1);
}

static void row_52_two_workers_on_one_host_share_nothing(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:workers") == 2, TEST_LIMIT_MS);
    (void)worker_kill(scene->first);
    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(ledger_count(&scene->ledger, "one", "END") == 1, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:workers") == 1, TEST_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(row_15_a_worker_stopped_for_longer_than_its_lease, settings),
        SCENE_TEST(row_15_what_a_zombie_settles_is_refused, settings),
        SCENE_TEST(row_18_a_frozen_redis_costs_nobody_the_lease, calm),
        SCENE_TEST(row_19_a_frozen_redis_and_one_worker_really_dead, settings),
        SCENE_TEST(row_52_two_workers_on_one_host_share_nothing, settings),
    };
    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
