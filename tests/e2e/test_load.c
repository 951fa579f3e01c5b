/*
 * load: ten thousand jobs, each pushed by a command of its own as `redis-cli LPUSH` does, through a
 * handler in the process and through a program per job. The books are looked at all the way.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { JOBS = 10000, LOAD_LIMIT_MS = 150000 };

static char builtin[] = "queues: { jobs: { handler: { builtin: noop } } }\n";
static char exec[] = "pool: { max: 8 }\nqueues: { jobs: { handler: { exec: [\"true\"] } } }\n";

static void push_each(struct scene *scene)
{
    for (int i = 0; i < JOBS; i++) {
        char payload[24];
        (void)snprintf(payload, sizeof payload, "job-%d", i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
}

/* Balanced at every look (I1, I2), until all is done. */
static bool done_and_balanced(struct scene *scene)
{
    struct books books = assert_books_balance(scene->server, "jobs");
    return books.done == JOBS;
}

static int64_t fingerprints_without_ttl(struct scene *scene)
{
    return redis_int(scene->server, "EVAL %s 0",
                     "local n = 0 "
                     "for _, key in ipairs(redis.call('KEYS', 'navvy:{jobs}:fp:*')) do "
                     "  n = n + (redis.call('PTTL', key) > 0 and 0 or 1) "
                     "end return n");
}

static void assert_all_done(struct scene *scene)
{
    EVENTUALLY(done_and_balanced(scene), LOAD_LIMIT_MS);
    assert_int_equal(
        redis_int(scene->server, "EVAL %s 0", "return #redis.call('KEYS', 'navvy:{jobs}:fp:*')"),
        JOBS);
    assert_int_equal(fingerprints_without_ttl(scene), 0);

    char *audit;
    const char *const argv[] = {NAVVY_BIN,          "audit", "jobs", "--json", "--redis",
                                scene->server->url, NULL};
    assert_int_equal(process_run(argv, NULL, NULL, &audit), 0);
    json_t *object = json_loads(audit, 0, NULL);
    assert_true(json_is_true(json_object_get(object, "balanced")));
    assert_int_equal(json_integer_value(json_object_get(object, "done")), JOBS);
    json_decref(object);
    free(audit);
}

static void ten_thousand_jobs_run_in_the_process(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push_each(scene);
    assert_all_done(scene);
}

static void ten_thousand_jobs_run_as_a_program_each(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push_each(scene);
    assert_all_done(scene);
}

static void two_workers_share_a_queue_and_run_each_job_once(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    scene->second = scene_start(scene, NULL);
    push_each(scene);
    assert_all_done(scene);
    assert_int_equal(worker_term(scene->first), 0);
    assert_int_equal(worker_term(scene->second), 0);
    assert_int_equal(redis_int(scene->server, "ZCARD navvy:{jobs}:workers"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(ten_thousand_jobs_run_in_the_process, builtin),
        SCENE_TEST(ten_thousand_jobs_run_as_a_program_each, exec),
        SCENE_TEST(two_workers_share_a_queue_and_run_each_job_once, builtin),
    };
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
