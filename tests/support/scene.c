#include "tests/support/scene.h"

#include <stdlib.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

static int setup(void **state, const char *redis_options)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    assert_non_null(scene);
    scene->settings = *state;
    scene->server = redis_server_start(redis_options);
    ledger_init(&scene->ledger);
    *state = scene;
    return 0;
}

int scene_setup(void **state)
{
    return setup(state, NULL);
}

int scene_setup_durable(void **state)
{
    return setup(state, "--appendonly yes --appendfsync always");
}

int scene_teardown(void **state)
{
    struct scene *scene = *state;
    worker_free(scene->first);
    worker_free(scene->second);
    ledger_fini(&scene->ledger);
    redis_server_free(scene->server);
    free(scene);
    return 0;
}

struct worker_process *scene_start(struct scene *scene, const char *fault)
{
    return worker_start(scene->server->url, &scene->ledger, scene->settings, fault);
}

bool scene_quiet(struct scene *scene, const char *queue)
{
    struct books books = books_read(scene->server, queue);
    return books_waiting(&books) + books.held + books.retry + books.scheduled == 0;
}

bool scene_idle(struct scene *scene)
{
    static const char blocked[] =
        "return tonumber(redis.call('INFO','clients'):match('blocked_clients:(%d+)'))";
    return redis_int(scene->server, "EVAL %s 0", blocked) > 0;
}

int64_t scene_keys_like(struct scene *scene, const char *pattern)
{
    return redis_int(scene->server, "EVAL %s 0 %s", "return #redis.call('KEYS', ARGV[1])", pattern);
}

struct books scene_end(struct scene *scene, const char *queue)
{
    EVENTUALLY(scene_quiet(scene, queue), 4 * TEST_LIMIT_MS);
    return books_must_balance(scene->server, queue, __FILE__, __LINE__);
}
