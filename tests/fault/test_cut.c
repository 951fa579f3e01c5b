/*
 * cut: the connection breaks at the worst moment, before a request or before its reply. Rows 2, 4,
 * 5, 10 and 12 of docs/failures.md, and the same for each call in turn.
 */
#include <signal.h>
#include <stdio.h>

#include "tests/support/proxy.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char settings[] = "lease: 3s\n"
                         "pool: { min: 1, max: 4 }\n"
                         "queues:\n"
                         "  jobs:\n"
                         "    handler: { exec: [\"%s\"] }\n"
                         "    retry: { base: 50ms, max_attempts: 2, jitter: none }\n";

static struct proxy *proxy; /* of the test that runs */

static int setup(void **state)
{
    if (scene_setup(state) != 0)
        return 1;
    struct scene *scene = *state;
    proxy = proxy_start(scene->server);
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    worker_free(scene->first);
    scene->first = NULL;
    proxy_free(proxy);
    return scene_teardown(state);
}

static void start_behind_proxy(struct scene *scene)
{
    scene->first = worker_start(proxy_url(proxy), &scene->ledger, settings, NULL);
}

/* The one job ends, over a connection that broke meanwhile, and nothing is counted twice. */
static struct books end_of_one_job(struct scene *scene)
{
    EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.taken, 1);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(books.recovered, 0);
    return books;
}

/* One job through a connection that breaks at `call`. */
static struct books one_job(struct scene *scene, const char *payload, const char *call, int nth,
                            enum proxy_fault fault)
{
    proxy_break(proxy, call, nth, fault);
    redis_run(scene->server, "LPUSH jobs %s", payload);
    return end_of_one_job(scene);
}

static void row_2_the_idle_wait_answered_and_its_reply_was_cut(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    assert_int_equal(one_job(scene, "one", "BLMOVE", 1, PROXY_CUT_REPLY).done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void row_4_take_cut_before_it_reached_redis(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    assert_int_equal(one_job(scene, "one", "take", 1, PROXY_CUT_REQUEST).done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", " 1 1 START"), 1);
}

/* The worker stands still meanwhile, so that its next take is the one that brings the job. */
static void row_5_take_done_and_its_reply_cut(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    process_freeze(scene->first->process);
    redis_run(scene->server, "LPUSH jobs one");
    proxy_break(proxy, "take", 1, PROXY_CUT_REPLY);
    process_signal(scene->first->process, SIGCONT);
    EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 0);
    assert_true(worker_said(scene->first, "\"msg\":\"adopt\""));
    assert_int_equal(ledger_count(&scene->ledger, "one", " 1 1 START"), 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void the_fingerprint_was_set_and_its_reply_cut(void **state)
{
    struct scene *scene = *state;
    proxy_break(proxy, "SET", 1, PROXY_CUT_REPLY);
    redis_run(scene->server, "LPUSH jobs one"); /* before: an idle worker claims as it takes */
    start_behind_proxy(scene);
    assert_int_equal(end_of_one_job(scene).done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void row_10_settle_done_and_its_reply_cut(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    assert_int_equal(one_job(scene, "one", "settle", 1, PROXY_CUT_REPLY).done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void settle_cut_before_it_reached_redis(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    assert_int_equal(one_job(scene, "one", "settle", 1, PROXY_CUT_REQUEST).done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void row_12_retry_done_and_its_reply_cut(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    struct books books = one_job(scene, "fail-one", "shift", 1, PROXY_CUT_REPLY);
    assert_int_equal(books.retried, 1);
    assert_int_equal(books.dead, 1);
    assert_int_equal(ledger_count(&scene->ledger, "fail-one", "START"), 2);
    assert_int_equal(ledger_count(&scene->ledger, "fail-one", " 2 2 START"), 1);
}

static void burying_done_and_its_reply_cut(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    struct books books = one_job(scene, "fail-one", "shift", 2, PROXY_CUT_REPLY);
    assert_int_equal(books.dead, 1);
    assert_int_equal(books.dlq, 1);
    assert_int_equal(ledger_count(&scene->ledger, "fail-one", "START"), 2);
}

static void replies_that_trickle_in_are_understood(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    assert_int_equal(one_job(scene, "one", "take", 1, PROXY_TRICKLE).done, 1);
}

static void row_17_a_connection_that_swallows_everything_is_given_up(void **state)
{
    struct scene *scene = *state;
    start_behind_proxy(scene);
    assert_int_equal(one_job(scene, "one", "settle", 1, PROXY_BLACKHOLE).done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void a_join_without_an_answer_is_made_again(void **state)
{
    struct scene *scene = *state;
    proxy_break(proxy, "join", 1, PROXY_CUT_REPLY);
    start_behind_proxy(scene);
    assert_true(proxy_broke(proxy));
    redis_run(scene->server, "LPUSH jobs one");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.alive, 1);
}

#define CUT(test) cmocka_unit_test_prestate_setup_teardown(test, setup, teardown, settings)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CUT(row_2_the_idle_wait_answered_and_its_reply_was_cut),
        CUT(row_4_take_cut_before_it_reached_redis),
        CUT(row_5_take_done_and_its_reply_cut),
        CUT(the_fingerprint_was_set_and_its_reply_cut),
        CUT(row_10_settle_done_and_its_reply_cut),
        CUT(settle_cut_before_it_reached_redis),
        CUT(row_12_retry_done_and_its_reply_cut),
        CUT(burying_done_and_its_reply_cut),
        CUT(replies_that_trickle_in_are_understood),
        CUT(row_17_a_connection_that_swallows_everything_is_given_up),
        CUT(a_join_without_an_answer_is_made_again),
    };
    return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
