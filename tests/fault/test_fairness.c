/*
 * fairness: one thread, two queues. Neither waits for the other to be empty.
 */
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define ONE_THREAD "pool: { min: 1, max: 1 }\n"

static char fast[] = ONE_THREAD
    "queues: { large: { handler: { builtin: sleep, sleep: 1ms }, idempotency: { ttl: 0 } }, "
    "small: { handler: { builtin: noop } } }\n";
static char slow[] = ONE_THREAD
    "queues: { large: { handler: { builtin: sleep, sleep: 50ms }, idempotency: { ttl: 0 } }, "
    "small: { handler: { builtin: sleep, sleep: 50ms }, idempotency: { ttl: 0 } } }\n";

static void fill(struct scene *scene, const char *queue, long long jobs)
{
    static const char push[] = "for i = 1, ARGV[1] do redis.call('LPUSH', KEYS[1], i) end return 1";
    redis_run(scene->server, "EVAL %s 1 %s %lld", push, queue, jobs);
}

static int64_t done(struct scene *scene, const char *queue)
{
    static const char script[] =
        "return tonumber(redis.call('HGET', 'navvy:{' .. ARGV[1] .. '}:meta', 'done') or 0)";
    return redis_int(scene->server, "EVAL %s 0 %s", script, queue);
}

static void a_fast_queue_leaves_room_for_a_job_of_another(void **state)
{
    struct scene *scene = *state;
    fill(scene, "large", 20000);
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(done(scene, "large") > 100, TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH small one");
    EVENTUALLY(done(scene, "small") == 1, 4 * TEST_LIMIT_MS);
    assert_true(redis_int(scene->server, "LLEN large") > 0);
}

static void slow_queues_take_turns(void **state)
{
    struct scene *scene = *state;
    fill(scene, "large", 1000);
    fill(scene, "small", 1000);
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(done(scene, "large") + done(scene, "small") >= 20, TEST_LIMIT_MS);
    int64_t large = done(scene, "large");
    int64_t small = done(scene, "small");
    assert_in_range(large - small + 4, 0, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_fast_queue_leaves_room_for_a_job_of_another, fast),
        SCENE_TEST(slow_queues_take_turns, slow),
    };
    return cmocka_run_group_tests_name("fairness", tests, NULL, NULL);
}
