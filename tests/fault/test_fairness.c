/*
 * fairness: one thread, two queues: neither waits for the other to be empty. Many workers, one
 * queue: none takes what another could run.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { WORKERS = 8, JOBS_EACH = 50 };

#define ONE_THREAD "pool: { min: 1, max: 1 }\n"

static char fast[] = ONE_THREAD
    "queues: { large: { handler: { builtin: sleep, sleep: 1ms }, idempotency: { ttl: 0 } }, "
    "small: { handler: { builtin: noop } } }\n";
static char slow[] = ONE_THREAD
    "queues: { large: { handler: { builtin: sleep, sleep: 50ms }, idempotency: { ttl: 0 } }, "
    "small: { handler: { builtin: sleep, sleep: 50ms }, idempotency: { ttl: 0 } } }\n";

static char crowd[] =
    "processes: 8\n" ONE_THREAD
    "queues: { jobs: { handler: { builtin: sleep, sleep: 20ms }, idempotency: { ttl: 0 } } }\n";

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

static int64_t workers(struct scene *scene)
{
    return redis_int(scene->server, "ZCARD navvy:{jobs}:workers");
}

/* How many jobs this worker ran: one line of the log for each, with its claim id. */
static size_t runs(const char *log, const char *worker)
{
    size_t count = 0;
    for (const char *at = log; (at = strstr(at, "\"msg\":\"ran\"")) != NULL; at++) {
        const char *id = strstr(at, "\"id\":\"");
        count += id != NULL && strncmp(id + strlen("\"id\":\""), worker, strlen(worker)) == 0;
    }
    return count;
}

static void workers_of_slow_jobs_share_a_queue(void **state)
{
    struct scene *scene = *state;
    size_t all = 0;

    scene->first = scene_start(scene, NULL);
    EVENTUALLY(workers(scene) == WORKERS, 4 * TEST_LIMIT_MS);
    fill(scene, "jobs", WORKERS * JOBS_EACH);
    EVENTUALLY(done(scene, "jobs") == WORKERS * JOBS_EACH, 4 * TEST_LIMIT_MS);
    char *log = process_errors(scene->first->process);
    for (long long i = 0; i < WORKERS; i++) {
        char *worker = redis_text(
            scene->server, "EVAL %s 0 %lld",
            "return redis.call('ZRANGE', 'navvy:{jobs}:workers', ARGV[1], ARGV[1])[1]", i);
        size_t count = runs(log, worker);
        assert_in_range(count, 1, 2 * JOBS_EACH);
        all += count;
        free(worker);
    }
    assert_int_equal(all, WORKERS * JOBS_EACH);
    free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_fast_queue_leaves_room_for_a_job_of_another, fast),
        SCENE_TEST(slow_queues_take_turns, slow),
        SCENE_TEST(workers_of_slow_jobs_share_a_queue, crowd),
    };
    return cmocka_run_group_tests_name("fairness", tests, NULL, NULL);
}
