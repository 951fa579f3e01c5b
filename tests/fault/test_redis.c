/*
 * redis: what Redis does to a worker. Rows 20, 23, 29 and 31 of docs/failures.md, and 33 for a
 * short pause.
 */
#include <signal.h>
#include <stdio.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char noop[] = SCENE_QUICK "queues:\n"
                                 "  jobs: { handler: { builtin: noop } }\n"
                                 "  other: { handler: { builtin: noop } }\n";
static char slow[] = SCENE_QUICK "queues:\n"
                                 "  jobs: { handler: { builtin: sleep, sleep: 2ms } }\n";

static void push_many(struct scene *scene, const char *queue, int from, int to)
{
    for (int i = from; i < to; i++) {
        char payload[16];
        (void)snprintf(payload, sizeof payload, "job-%d", i);
        redis_run(scene->server, "LPUSH %s %s", queue, payload);
    }
}

static void row_20_restarted_under_load_with_every_write_on_disk(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push_many(scene, "jobs", 0, 1000);
    redis_server_stop(scene->server);
    redis_server_restart(scene->server);
    push_many(scene, "jobs", 1000, 1500);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1500);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(worker_term(scene->first), 0);
}

static void row_20_killed_under_load_with_every_write_on_disk(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push_many(scene, "jobs", 0, 1000);
    redis_server_kill(scene->server);
    redis_server_restart(scene->server);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1000);
    assert_int_equal(books.duplicate, 0);
}

static void row_23_scripts_flushed_under_load(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    for (int i = 0; i < 20; i++) {
        push_many(scene, "jobs", i * 50, i * 50 + 50);
        redis_run(scene->server, "SCRIPT FLUSH SYNC");
    }
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1000);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(books.recovered, 0);
    assert_false(worker_said(scene->first, "NOSCRIPT"));
}

static void row_29_the_backlog_drains_although_the_memory_is_full(void **state)
{
    struct scene *scene = *state;
    push_many(scene, "jobs", 0, 2000);
    redis_run(scene->server, "LPUSH navvy:{jobs}:ready back-1 back-2");
    redis_run(scene->server, "HSET navvy:{jobs}:meta taken 2");
    redis_run(scene->server, "CONFIG SET maxmemory 1");
    struct reply *reply = redis_ask(scene->server, "SET more memory");
    assert_int_equal(reply_error(reply), ERROR_OOM);
    client_reply_free(reply);

    scene->first = scene_start(scene, NULL);
    EVENTUALLY(redis_int(scene->server, "HGET navvy:{jobs}:meta done") == 2002, TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
    assert_int_equal(scene_end(scene, "jobs").done, 2002);
    assert_int_equal(redis_int(scene->server, "ZCARD navvy:{jobs}:workers"), 0);
}

static void row_31_a_key_of_a_wrong_type(void **state, const char *key)
{
    struct scene *scene = *state;
    redis_run(scene->server, "SET %s text", key);
    scene->first = scene_start(scene, NULL);
    push_many(scene, "other", 0, 100);
    EVENTUALLY(redis_int(scene->server, "HGET navvy:{other}:meta done") == 100, TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"quarantine\""), TEST_LIMIT_MS);
    assert_true(worker_said(scene->first, key));
    assert_int_equal(redis_int(scene->server, "HLEN navvy:{jobs}:meta") > 0 &&
                         redis_int(scene->server, "HEXISTS navvy:{jobs}:meta taken"),
                     0);
    assert_redis_text(scene->server, "text", "GET %s", key);

    /* Mended, the queue goes on by itself. */
    redis_run(scene->server, "DEL %s", key);
    push_many(scene, "jobs", 0, 10);
    assert_int_equal(scene_end(scene, "jobs").done, 10);
}

static void row_31_the_queue_holds_a_string(void **state)
{
    row_31_a_key_of_a_wrong_type(state, "jobs");
}

static void row_31_stage_holds_a_string(void **state)
{
    row_31_a_key_of_a_wrong_type(state, "navvy:{jobs}:stage");
}

static void row_31_the_dlq_holds_a_string(void **state)
{
    row_31_a_key_of_a_wrong_type(state, "navvy:{jobs}:dlq");
}

static void row_34_connections_killed_again_and_again(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    for (int i = 0; i < 20; i++) {
        push_many(scene, "jobs", i * 50, i * 50 + 50);
        redis_run(scene->server, "CLIENT KILL TYPE normal SKIPME yes");
    }
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1000);
    assert_int_equal(books.duplicate, 0);
}

static void a_short_freeze_is_waited_for(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push_many(scene, "jobs", 0, 200);
    redis_run(scene->server, "CLIENT PAUSE 500 WRITE");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 200);
    assert_int_equal(books.duplicate, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST_DURABLE(row_20_restarted_under_load_with_every_write_on_disk, slow),
        SCENE_TEST_DURABLE(row_20_killed_under_load_with_every_write_on_disk, slow),
        SCENE_TEST(row_23_scripts_flushed_under_load, noop),
        SCENE_TEST(row_29_the_backlog_drains_although_the_memory_is_full, noop),
        SCENE_TEST(row_31_the_queue_holds_a_string, noop),
        SCENE_TEST(row_31_stage_holds_a_string, noop),
        SCENE_TEST(row_31_the_dlq_holds_a_string, noop),
        SCENE_TEST(row_34_connections_killed_again_and_again, slow),
        SCENE_TEST(a_short_freeze_is_waited_for, slow),
    };
    return cmocka_run_group_tests_name("redis", tests, NULL, NULL);
}
