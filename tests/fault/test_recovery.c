/*
 * recovery: several dead workers at once, and one whose jobs cannot be given back.
 */
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

/* A beat every 20 s: who waits for another one is late. */
static char settings[] = "lease: 60s\nqueues: { jobs: { handler: { builtin: noop } } }\n";

static void leave_a_dead_worker(struct scene *scene, const char *name)
{
    static const char script[] = "redis.call('ZADD', KEYS[1], 1, ARGV[1]) "
                                 "redis.call('HSET', KEYS[2] .. ARGV[1], 1, 'job-' .. ARGV[1]) "
                                 "return redis.call('HINCRBY', KEYS[3], 'taken', 1)";
    redis_run(scene->server, "EVAL %s 3 navvy:{jobs}:dead navvy:{jobs}:held: navvy:{jobs}:meta %s",
              script, name);
}

static void all_dead_workers_that_a_beat_names_are_recovered_at_once(void **state)
{
    struct scene *scene = *state;
    leave_a_dead_worker(scene, "dead-1");
    leave_a_dead_worker(scene, "dead-2");
    leave_a_dead_worker(scene, "dead-3");
    leave_a_dead_worker(scene, "dead-4");
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(books_read(scene->server, "jobs").done == 4, TEST_LIMIT_MS);
    assert_books_balance(scene->server, "jobs");
}

static void a_dead_worker_who_cannot_be_recovered_is_in_nobodys_way(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "ZADD navvy:{jobs}:dead 0 broken");
    redis_run(scene->server, "SET navvy:{jobs}:held:broken text");
    leave_a_dead_worker(scene, "dead-1");
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(redis_int(scene->server, "HLEN navvy:{jobs}:held:dead-1") == 0, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(scene->server, "HEXISTS navvy:{jobs}:meta done") == 1, TEST_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(all_dead_workers_that_a_beat_names_are_recovered_at_once, settings),
        SCENE_TEST(a_dead_worker_who_cannot_be_recovered_is_in_nobodys_way, settings),
    };
    return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}
