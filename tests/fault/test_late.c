/*
 * late: an answer that arrives after the worker was told that its lease is lost, and one that never
 * comes. What they are about belongs to whoever recovers it.
 */
#include "tests/support/proxy.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char settings[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

/* As the recover script does it, for every worker that lives. */
static const char declare_all_dead[] =
    "for _, w in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
    "redis.call('ZADD', KEYS[2], 1, w) redis.call('ZREM', KEYS[1], w) end return 1";

static void row_15_a_take_answered_after_the_lease_was_lost_brings_nothing(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = proxy_start(scene->server);

    scene->first = worker_start(proxy_url(proxy), &scene->ledger, settings, NULL);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    proxy_break(proxy, "take", 1, PROXY_HOLD_REPLY);
    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").held == 1, TEST_LIMIT_MS);
    redis_run(scene->server, "EVAL %s 2 navvy:{jobs}:workers navvy:{jobs}:dead", declare_all_dead);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"lease_lost\""), TEST_LIMIT_MS);
    proxy_release(proxy);

    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.recovered, 1);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(books.done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
    worker_free(scene->first);
    scene->first = NULL;
    proxy_free(proxy);
}

/* `first` has a job in hand, and nothing gets through any more. */
static struct proxy *cut_off(struct scene *scene)
{
    struct proxy *proxy = proxy_start(scene->server);

    scene->first = worker_start(proxy_url(proxy), &scene->ledger, scene->settings, NULL);
    redis_run(scene->server, "LPUSH jobs wait-1");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 1, TEST_LIMIT_MS);
    proxy_partition(proxy);
    return proxy;
}

static void row_16_a_worker_that_is_cut_off_stops_its_handlers(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = cut_off(scene);

    scene->second = scene_start(scene, NULL);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", " 2 1 START") == 1, TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"silence\""), TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"outcome\":\"stopped\""), TEST_LIMIT_MS);
    proxy_release(proxy);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"lease_lost\""), TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 1);
    assert_int_equal(books.released, 0); /* what it wanted to give back was not its own any more */
    assert_int_equal(ledger_count(&scene->ledger, "wait-1", "END"), 1);
    worker_free(scene->first);
    scene->first = NULL;
    proxy_free(proxy);
}

static void a_worker_that_finds_its_jobs_still_its_own_gives_them_back(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = cut_off(scene);

    EVENTUALLY(worker_said(scene->first, "\"outcome\":\"stopped\""), TEST_LIMIT_MS);
    proxy_release(proxy);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", " 2 1 START") == 1, TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.released, 1);
    assert_int_equal(books.recovered, 0);
    worker_free(scene->first);
    scene->first = NULL;
    proxy_free(proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(row_15_a_take_answered_after_the_lease_was_lost_brings_nothing, settings),
        SCENE_TEST(row_16_a_worker_that_is_cut_off_stops_its_handlers, settings),
        SCENE_TEST(a_worker_that_finds_its_jobs_still_its_own_gives_them_back, settings),
    };
    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
