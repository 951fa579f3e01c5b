/* windows: `idempotency.store: windows`: duplicates are dropped, redeliveries are not, and no two
 * workers of a queue keep fingerprints in different ways. */
#include <signal.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define QUEUE(store, more)                                                                         \
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] },\n"                                 \
                "  idempotency: { store: " store more " },\n"                                      \
                "  retry: { base: 10ms, max_attempts: 2 } } }\n"

static char windows[] = QUEUE("windows", "");
static char keys[] = QUEUE("keys", "");
static char hour[] = QUEUE("windows", ", ttl: 1h");
static char brief[] = QUEUE("windows", ", ttl: 300ms");

static void duplicates_are_dropped_and_what_failed_for_good_may_come_again(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs one one two never-a");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 2);
    assert_int_equal(books.duplicate, 1);
    assert_int_equal(books.dlq, 1);
    redis_run(scene->server, "LPUSH jobs two never-a fail-b");
    books = scene_end(scene, "jobs");
    assert_int_equal(books.duplicate, 2);
    assert_int_equal(books.dlq, 3); /* never-a again, and fail-b after a retry */
    assert_int_equal(books.retried, 1);
    assert_int_equal(scene_keys_like(scene, "navvy:{jobs}:fp:*"), 0);
    assert_int_equal(scene_keys_like(scene, "navvy:{jobs}:fpw:*"), 1);
}

static void a_job_whose_worker_died_after_its_claim_is_run_again(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, "after_claim:1");
    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(process_ended(scene->first->process), TEST_LIMIT_MS);
    assert_int_equal(scene_keys_like(scene, "navvy:{jobs}:fpw:*"), 1);
    scene->second = scene_start(scene, NULL);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.duplicate, 0);
}

static void it_may_come_again_after_its_ttl_and_windows_that_are_over_go(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    EVENTUALLY((redis_run(scene->server, "LPUSH jobs one"), scene_end(scene, "jobs").done == 2),
               TEST_LIMIT_MS);
    EVENTUALLY(scene_keys_like(scene, "navvy:{jobs}:fpw:*") == 0, TEST_LIMIT_MS);
}

static void a_worker_with_another_store_waits_until_the_others_are_gone(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs one");
    (void)scene_end(scene, "jobs");
    scene->second = worker_launch(scene->server->url, &scene->ledger, windows, NULL);
    EVENTUALLY(worker_said(scene->second, "keep fingerprints another way"), TEST_LIMIT_MS);
    assert_int_equal(redis_int(scene->server, "ZCARD navvy:{jobs}:workers"), 1);
    assert_int_equal(worker_term(scene->first), 0);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:workers") == 1, TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->second, "fingerprints of then are not seen"), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs two two");
    assert_int_equal(scene_end(scene, "jobs").duplicate, 1);
}

static void one_that_died_is_recovered_by_one_with_another_store(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, "after_claim:1");
    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(process_ended(scene->first->process), TEST_LIMIT_MS);
    scene->second = worker_launch(scene->server->url, &scene->ledger, windows, NULL);
    EVENTUALLY(worker_said(scene->second, "\"msg\":\"join\",\"queue\":\"jobs\",\"worker\""),
               TEST_LIMIT_MS);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void reload(struct scene *scene, const char *settings)
{
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, settings);
    process_signal(scene->first->process, SIGHUP);
}

static void a_reload_changes_the_ttl_and_forgets_nothing_and_leaves_the_store(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs one");
    (void)scene_end(scene, "jobs");
    reload(scene, hour);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"reload\",\"queues\":1"), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs one two");
    assert_int_equal(scene_end(scene, "jobs").duplicate, 1);
    assert_int_equal(redis_int(scene->server, "EVAL %s 1 navvy:{jobs}:meta",
                               "return string.find(redis.call('HGET', KEYS[1], 'windows'), "
                               "'^4050000 97200000 ') or 0"),
                     1);
    reload(scene, keys);
    EVENTUALLY(worker_said(scene->first, "idempotency.store: cannot be changed"), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs one two");
    assert_int_equal(scene_end(scene, "jobs").duplicate, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(duplicates_are_dropped_and_what_failed_for_good_may_come_again, windows),
        SCENE_TEST(a_job_whose_worker_died_after_its_claim_is_run_again, windows),
        SCENE_TEST(it_may_come_again_after_its_ttl_and_windows_that_are_over_go, brief),
        SCENE_TEST(a_worker_with_another_store_waits_until_the_others_are_gone, keys),
        SCENE_TEST(a_reload_changes_the_ttl_and_forgets_nothing_and_leaves_the_store, windows),
        SCENE_TEST(one_that_died_is_recovered_by_one_with_another_store, keys),
    };
    return cmocka_run_group_tests_name("windows", tests, NULL, NULL);
}
