/*
 * reload: queues that go and come back while the worker runs.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define OTHER_QUEUE "other: { handler: { builtin: noop } }"

static char both[] =
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } }, " OTHER_QUEUE " }\n";
static char without[] = SCENE_QUICK "queues: { " OTHER_QUEUE " }\n";

static void reload(struct scene *scene, const char *settings)
{
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, settings);
    process_signal(scene->first->process, SIGHUP);
}

static void a_queue_that_comes_back_tells_its_jobs_from_those_before(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs same");
    EVENTUALLY(ledger_count(&scene->ledger, "same", "END") == 1, TEST_LIMIT_MS);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    reload(scene, without);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"left\""), TEST_LIMIT_MS);
    reload(scene, both);

    redis_run(scene->server, "LPUSH jobs same");
    EVENTUALLY(books_read(scene->server, "jobs").taken == 2, TEST_LIMIT_MS);
    assert_int_equal(scene_end(scene, "jobs").duplicate, 1);
    assert_int_equal(ledger_count(&scene->ledger, "same", "START"), 1);
}

/* How often a script was called since the server's statistics began. */
static int64_t evalsha_calls(struct scene *scene)
{
    static const char calls[] =
        "return tonumber(redis.call('INFO','commandstats'):match('cmdstat_evalsha:calls=(%d+)'))";
    return redis_int(scene->server, "EVAL %s 0", calls);
}

static void a_queue_that_may_not_leave_asks_at_leisure(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(books_read(scene->server, "jobs").alive == 1, TEST_LIMIT_MS);
    redis_run(scene->server, "SET navvy:{jobs}:meta text");
    reload(scene, without);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"leave\""), TEST_LIMIT_MS);
    int64_t before = evalsha_calls(scene);
    THROUGHOUT(evalsha_calls(scene) - before < 50, 1000);

    redis_run(scene->server, "DEL navvy:{jobs}:meta");
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"left\""), TEST_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_queue_that_comes_back_tells_its_jobs_from_those_before, both),
        SCENE_TEST(a_queue_that_may_not_leave_asks_at_leisure, both),
    };
    return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
