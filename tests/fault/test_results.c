/*
 * results: a worker dies, or its connection does, around the settle of a job whose result is kept:
 * the result is there exactly if the job is settled, and in the end it is there once and for all.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/proxy.h"
#include "tests/support/scene.h"

#define RESULT "navvy:{jobs}:result:r"

static char settings[] =
    SCENE_QUICK "queues: { jobs: { handler: { builtin: echo }, result_ttl: 1h } }\n";
static char failing[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: fail }, result_ttl: 1h, "
                                    "retry: { max_attempts: 1 } } }\n";

/* One snapshot: settled without a result, or the other way round? */
static bool agrees(struct scene *scene, const char *counter)
{
    static const char look[] =
        "return (tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) == 1) == "
        "((redis.call('HGET', KEYS[2], 'state') or '') == ARGV[1]) and 1 or 0";
    return redis_int(scene->server, "EVAL %s 2 navvy:{jobs}:meta " RESULT " %s", look, counter) ==
           1;
}

static void die_and_succeed(struct scene *scene, const char *fault, const char *counter)
{
    redis_run(scene->server, "FLUSHALL");
    scene->first = scene_start(scene, fault);
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 id=r\nbytes");
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGKILL);
    assert_true(agrees(scene, counter));

    scene->second = scene_start(scene, NULL);
    EVENTUALLY(redis_int(scene->server, "HEXISTS navvy:{jobs}:meta %s", counter) == 1,
               3 * TEST_LIMIT_MS);
    assert_true(agrees(scene, counter));
    worker_kill(scene->second);
    worker_free(scene->first);
    worker_free(scene->second);
    scene->first = scene->second = NULL;
    (void)assert_books_balance(scene->server, "jobs");
}

static void killed_around_the_settle(void **state)
{
    struct scene *scene = *state;
    static const char *const faults[] = {"end_of_run:1", "after_run:1", "before_settle:1",
                                         "sent_settle:1", "after_settle:1"};
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        die_and_succeed(scene, faults[i], "done");
        assert_redis_text(scene->server, "bytes", "HGET " RESULT " result");
    }
}

static void killed_around_the_shift(void **state)
{
    struct scene *scene = *state;
    static const char *const faults[] = {"before_shift:1", "sent_shift:1", "after_shift:1"};
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        die_and_succeed(scene, faults[i], "dead");
        assert_redis_text(scene->server, "retries", "HGET " RESULT " reason");
    }
}

/* What was not answered is sent again, and then it is refused: once counted, once written. */
static void the_connection_is_cut_around_finish(void **state)
{
    struct scene *scene = *state;
    static const enum proxy_fault faults[] = {PROXY_CUT_REQUEST, PROXY_CUT_REPLY, PROXY_CUT_INSIDE};
    struct proxy *proxy = proxy_start(scene->server);
    scene->first = worker_start(proxy_url(proxy), &scene->ledger, settings, NULL);

    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        char element[64];
        snprintf(element, sizeof element, "navvy/1 id=r\nbytes %zu", i);
        proxy_break(proxy, "finish", 1, faults[i]);
        redis_run(scene->server, "LPUSH jobs %s", element);
        EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
        EVENTUALLY(books_read(scene->server, "jobs").done == (int64_t)i + 1, TEST_LIMIT_MS);
        assert_redis_text(scene->server, strchr(element, '\n') + 1, "HGET " RESULT " result");
    }
    assert_int_equal(scene_end(scene, "jobs").taken, ARRAY_COUNT(faults));
    worker_free(scene->first);
    scene->first = NULL;
    proxy_free(proxy);
}

/* It drains, and keeps no result that it has no room for; later ones it keeps again. */
static void a_full_redis_drains_without_results(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 id=r\nbytes");
    redis_run(scene->server, "CONFIG SET maxmemory 1");
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    assert_int_equal(redis_int(scene->server, "EXISTS " RESULT), 0);

    redis_run(scene->server, "CONFIG SET maxmemory 0");
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 id=r\nmore");
    EVENTUALLY(books_read(scene->server, "jobs").done == 2, TEST_LIMIT_MS);
    assert_redis_text(scene->server, "more", "HGET " RESULT " result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(killed_around_the_settle, settings),
        SCENE_TEST(killed_around_the_shift, failing),
        SCENE_TEST(the_connection_is_cut_around_finish, settings),
        SCENE_TEST(a_full_redis_drains_without_results, settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
