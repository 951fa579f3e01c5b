/*
 * late_claim: a claim that Redis executes after its sender gave it up.
 */
#include <signal.h>
#include <stdlib.h>

#include "tests/support/proxy.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char settings[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

static char *the_only_fingerprint(struct scene *scene)
{
    return redis_text(scene->server, "EVAL %s 0",
                      "return redis.call('KEYS', 'navvy:{jobs}:fp:*')[1]");
}

/* The worker asked twice, over two connections; the first arrives when all is over. */
static void a_claim_executed_after_its_job_was_given_back_makes_no_duplicate_of_it(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = proxy_start(scene->server);

    proxy_break(proxy, "SET", 1, PROXY_HOLD_REPLY);
    redis_run(scene->server, "LPUSH jobs one"); /* before: an idle worker's take would claim it */
    scene->first = worker_start(proxy_url(proxy), &scene->ledger, settings, NULL);
    EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
    char *key = the_only_fingerprint(scene);
    assert_non_null(key);
    char *claim = redis_text(scene->server, "GET %s", key);
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"drain\""), TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"give_back\""), TEST_LIMIT_MS);
    proxy_release(proxy);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGTERM);
    assert_int_equal(assert_books_balance(scene->server, "jobs").released, 1);

    redis_run(scene->server, "EVAL %s 1 %s %s",
              "redis.call('SET', KEYS[1], ARGV[1], 'NX') return 1", key, claim);
    scene->second = scene_start(scene, NULL);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(books.done, 1);
    free(key);
    free(claim);
    proxy_free(proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_claim_executed_after_its_job_was_given_back_makes_no_duplicate_of_it,
                   settings),
    };
    return cmocka_run_group_tests_name("late_claim", tests, NULL, NULL);
}
