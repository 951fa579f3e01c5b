/*
 * queues: one worker serves 200 of them, on few connections and at little cost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum {
    QUEUES = 200,
    CONNECTIONS_MAX = 18, /* command, beat, and 16 idle waits */
    SETTLED_LOOKS = 10,   /* at each queue: from then on they are rare */
    LOOKS = 12,
};

static int settings_make(void **state)
{
    struct buf text = {0};

    buf_printf(&text, "queues:\n");
    for (int i = 0; i < QUEUES; i++)
        buf_printf(&text, "  q%d: { handler: { builtin: noop } }\n", i);
    buf_append(&text, "", 1);
    *state = text.data;
    return scene_setup(state);
}

static int settings_free(void **state)
{
    char *settings = (char *)(uintptr_t)((struct scene *)*state)->settings;
    int failed = scene_teardown(state);
    free(settings);
    return failed;
}

/* How many connections are there whose names begin so? */
static int64_t connections(struct scene *scene, const char *name)
{
    char *list = redis_text(scene->server, "CLIENT LIST");
    int64_t count = 0;

    for (const char *at = list; (at = strstr(at, " name=")) != NULL; at++)
        count += strncmp(at + strlen(" name="), name, strlen(name)) == 0;
    free(list);
    return count;
}

static int64_t sum(struct scene *scene, const char *field)
{
    static const char script[] =
        "local n = 0 "
        "for i = 0, ARGV[1] - 1 do "
        "  n = n + (redis.call('HGET', 'navvy:{q' .. i .. '}:meta', ARGV[2]) or 0) "
        "end return n";
    return redis_int(scene->server, "EVAL %s 0 %lld %s", script, (long long)QUEUES, field);
}

static int64_t calls(struct scene *scene, const char *command)
{
    static const char script[] =
        "local all = redis.call('INFO', 'commandstats') "
        "return tonumber(all:match('cmdstat_' .. ARGV[1] .. ':calls=(%d+)') or 0)";
    return redis_int(scene->server, "EVAL %s 0 %s", script, command);
}

static bool all_joined(struct scene *scene)
{
    static const char script[] = "local n = 0 "
                                 "for i = 0, ARGV[1] - 1 do "
                                 "  n = n + redis.call('ZCARD', 'navvy:{q' .. i .. '}:workers') "
                                 "end return n";
    return redis_int(scene->server, "EVAL %s 0 %lld", script, (long long)QUEUES) == QUEUES;
}

static void push_to_each(struct scene *scene, const char *payload)
{
    for (int i = 0; i < QUEUES; i++) {
        char queue[24];
        (void)snprintf(queue, sizeof queue, "q%d", i);
        redis_run(scene->server, "LPUSH %s %s", queue, payload);
    }
}

static void a_worker_serves_200_queues_on_18_connections(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    for (int round = 0; round < 3; round++) {
        char payload[24];
        (void)snprintf(payload, sizeof payload, "job-%d", round);
        push_to_each(scene, payload);
        EVENTUALLY(sum(scene, "done") == (round + 1) * QUEUES, TEST_LIMIT_MS);
        assert_in_range(connections(scene, "navvy"), 2, CONNECTIONS_MAX);
    }
    EVENTUALLY(connections(scene, "navvy") == CONNECTIONS_MAX, TEST_LIMIT_MS);
}

static void a_queue_without_a_wait_of_its_own_is_looked_at_and_not_taken_from(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    EVENTUALLY(all_joined(scene), TEST_LIMIT_MS);
    EVENTUALLY(connections(scene, "navvy") == CONNECTIONS_MAX, TEST_LIMIT_MS);
    EVENTUALLY(calls(scene, "exists") > SETTLED_LOOKS * QUEUES, TEST_LIMIT_MS);
    int64_t looked = calls(scene, "exists");
    int64_t scripts = calls(scene, "evalsha"); /* takes, and a beat now and then */
    EVENTUALLY(calls(scene, "exists") > looked + LOOKS * QUEUES, TEST_LIMIT_MS);
    assert_in_range(calls(scene, "evalsha") - scripts, 0, LOOKS * QUEUES / 2);
}

/* Another worker's retry is in no list that a look sees. */
static void what_falls_due_in_a_queue_that_is_looked_at_is_taken(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    EVENTUALLY(all_joined(scene), TEST_LIMIT_MS);
    redis_run(scene->server, "ZADD navvy:{q150}:scheduled 1 due");
    redis_run(scene->server, "LPUSH navvy:{q152}:stage staged");
    redis_run(scene->server, "LPUSH navvy:{q153}:ready back");
    EVENTUALLY(sum(scene, "done") == 3, TEST_LIMIT_MS);
}

#define QUEUES_TEST(test) cmocka_unit_test_setup_teardown(test, settings_make, settings_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUEUES_TEST(a_worker_serves_200_queues_on_18_connections),
        QUEUES_TEST(a_queue_without_a_wait_of_its_own_is_looked_at_and_not_taken_from),
        QUEUES_TEST(what_falls_due_in_a_queue_that_is_looked_at_is_taken),
    };
    return cmocka_run_group_tests_name("queues", tests, NULL, NULL);
}
