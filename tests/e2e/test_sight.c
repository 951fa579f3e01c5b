/*
 * sight: what an idle worker sees come is claimed by its take, and what it sees wrong is not.
 */
#include <stdlib.h>

#include "tests/support/proxy.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char quick[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";
static char never[] =
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] }, idempotency: { ttl: 0 } } }\n";

static struct proxy *begin(struct scene *scene)
{
    struct proxy *proxy = proxy_start(scene->server);

    scene->first = worker_start(proxy_url(proxy), &scene->ledger, scene->settings, NULL);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    proxy_break(proxy, "SET", 1, PROXY_WHOLE); /* counts them */
    return proxy;
}

static void end(struct scene *scene, struct proxy *proxy)
{
    assert_int_equal(worker_term(scene->first), 0);
    proxy_free(proxy);
}

static void a_job_that_comes_to_an_idle_worker_needs_no_claim_of_its_own(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = begin(scene);

    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 key=\"k 1\"\ntwo");
    EVENTUALLY(books_read(scene->server, "jobs").done == 2, TEST_LIMIT_MS);
    assert_int_equal(proxy_calls(proxy), 0);
    assert_int_equal(scene_keys_like(scene, "navvy:{jobs}:fp:*"), 2);
    end(scene, proxy);
}

static void its_duplicate_is_dropped_by_the_claim_that_names_it(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = begin(scene);

    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(books_read(scene->server, "jobs").duplicate == 1, TEST_LIMIT_MS);
    assert_int_equal(proxy_calls(proxy), 1);
    assert_true(worker_said(scene->first, "\"msg\":\"duplicate\""));
    assert_int_equal(assert_books_balance(scene->server, "jobs").done, 1);
    end(scene, proxy);
}

static void what_may_not_run_claims_nothing(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = begin(scene);

    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 expires_at=1\nlate");
    EVENTUALLY(books_read(scene->server, "jobs").expired == 1, TEST_LIMIT_MS);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 broken\n");
    EVENTUALLY(books_read(scene->server, "jobs").dead == 1, TEST_LIMIT_MS);
    assert_int_equal(scene_keys_like(scene, "navvy:{jobs}:fp:*"), 0);
    end(scene, proxy);
}

static void without_fingerprints_nothing_is_claimed(void **state)
{
    struct scene *scene = *state;
    struct proxy *proxy = begin(scene);

    redis_run(scene->server, "LPUSH jobs one");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    assert_int_equal(scene_keys_like(scene, "navvy:{jobs}:fp:*"), 0);
    end(scene, proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_job_that_comes_to_an_idle_worker_needs_no_claim_of_its_own, quick),
        SCENE_TEST(its_duplicate_is_dropped_by_the_claim_that_names_it, quick),
        SCENE_TEST(what_may_not_run_claims_nothing, quick),
        SCENE_TEST(without_fingerprints_nothing_is_claimed, never),
    };
    return cmocka_run_group_tests_name("sight", tests, NULL, NULL);
}
