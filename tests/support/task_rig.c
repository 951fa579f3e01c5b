#include "tests/support/task_rig.h"

#include <stdio.h>

#include "tests/support/cli.h"
#include "tests/support/test.h"

json_t *task_rig_newest(struct redis_server *server)
{
    json_t *tasks = cli_json(server, 0, "dlq", "tasks", "q", "--json");
    json_t *task = json_incref(json_array_get(tasks, 0));
    json_decref(tasks);
    return task;
}

void assert_task(struct redis_server *server, const char *state, json_int_t moved)
{
    json_t *task = task_rig_newest(server);
    assert_string_equal(json_text_at(task, "state"), state);
    assert_int_equal(json_int_at(task, "moved"), moved);
    json_decref(task);
}

void task_rig_orphan(struct redis_server *server, const char *id)
{
    char key[64];
    snprintf(key, sizeof(key), "navvy:{q}:task:%s", id);
    redis_run(server, "HSET %s until 1", key);
}

struct process *task_rig_start(struct redis_server *server, const char *fault,
                               const char *const words[])
{
    char url[REDIS_URL_MAX + 20], point[64];
    const char *argv[CLI_WORDS_MAX + 2] = {NAVVY_BIN};
    size_t count = 1;

    snprintf(url, sizeof(url), "NAVVY_REDIS_URL=%s", server->url);
    snprintf(point, sizeof(point), "NAVVY_FAULT=%s", fault);
    const char *const env[] = {"NAVVY_CONFIG", url, point, NULL};
    for (; *words != NULL; words++)
        argv[count++] = *words;
    return process_start(argv, env, NULL);
}
