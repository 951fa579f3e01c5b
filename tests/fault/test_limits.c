/*
 * limits: what navvy refuses to go beyond. Rows 30, 39 and 40 of docs/failures.md, expiry, and a
 * queue that is paused.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char noop[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: noop } } }\n";
static char failing[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: fail }, retry: { "
                                    "max_attempts: 1 }, dlq: { max: 3 } } }\n";
static char hanging[] = SCENE_QUICK
    "queues: { jobs: { handler: { exec: [\"%s\"] }, timeout: 200ms, kill_grace: 100ms,\n"
    "                  retry: { max_attempts: 1 } } }\n";

static void row_30_an_evicting_redis_is_refused(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "CONFIG SET maxmemory-policy allkeys-lru");
    scene->first = worker_launch(scene->server->url, &scene->ledger, noop, NULL);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 1);
    assert_true(worker_said(scene->first, "allkeys-lru"));
    assert_true(worker_said(scene->first, "noeviction"));
    assert_int_equal(redis_int(scene->server, "DBSIZE"), 0);
}

static void row_30_unless_somebody_allows_it(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "CONFIG SET maxmemory-policy allkeys-lru");
    assert_int_equal(setenv("NAVVY_REDIS_ALLOW_EVICTION", "true", 1), 0);
    scene->first = scene_start(scene, NULL);
    assert_int_equal(unsetenv("NAVVY_REDIS_ALLOW_EVICTION"), 0);
    redis_run(scene->server, "LPUSH jobs one");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void row_39_a_handler_that_hangs_is_stopped_and_its_thread_serves_again(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    for (int i = 0; i < 8; i++) { /* twice as many as there are threads */
        char payload[] = "wait-0";
        payload[5] = (char)('0' + i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
    redis_run(scene->server, "LPUSH jobs good");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.dlq, 8);
    EVENTUALLY(worker_said(scene->first, "timed out after 200ms"), TEST_LIMIT_MS);
}

static void row_40_a_full_dead_letter_queue_stops_its_queue(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    for (int i = 0; i < 20; i++) {
        char payload[16];
        (void)snprintf(payload, sizeof payload, "job-%d", i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"dlq_full\""), TEST_LIMIT_MS);
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_true(books.dlq >= 3); /* and what was held already; nothing is trimmed */
    assert_true(books_waiting(&books) > 0);
    assert_int_equal(books.dlq + books.held + books_waiting(&books), 20);

    /* Somebody looks, and drops; the queue goes on by itself. */
    const char *const argv[] = {
        NAVVY_BIN, "dlq", "drop", "jobs", "--all", "--yes", "--redis", scene->server->url, NULL};
    assert_int_equal(process_run(argv, NULL, NULL, NULL), 0);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").dead > books.dead, TEST_LIMIT_MS);
}

static void a_job_that_comes_too_late_is_dropped_and_counted(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    const struct slice late = slice_of("navvy/1 expires_at=1\nlate");
    const struct slice early = slice_of("navvy/1 expires_at=99999999999999\nearly");
    redis_run(scene->server, "LPUSH jobs %b %b", &late, &early);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.expired, 1);
    assert_int_equal(books.done, 1);
}

static void a_paused_queue_waits_and_goes_on(void **state)
{
    struct scene *scene = *state;
    const char *pause[] = {NAVVY_BIN, "pause", "jobs", "--redis", scene->server->url, NULL};
    const char *resume[] = {NAVVY_BIN, "resume", "jobs", "--redis", scene->server->url, NULL};
    assert_int_equal(process_run(pause, NULL, NULL, NULL), 0);
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs one");
    THROUGHOUT(assert_books_balance(scene->server, "jobs").taken == 0, 1200);
    assert_int_equal(process_run(resume, NULL, NULL, NULL), 0);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(row_30_an_evicting_redis_is_refused, noop),
        SCENE_TEST(row_30_unless_somebody_allows_it, noop),
        SCENE_TEST(row_39_a_handler_that_hangs_is_stopped_and_its_thread_serves_again, hanging),
        SCENE_TEST(row_40_a_full_dead_letter_queue_stops_its_queue, failing),
        SCENE_TEST(a_job_that_comes_too_late_is_dropped_and_counted, noop),
        SCENE_TEST(a_paused_queue_waits_and_goes_on, noop),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
