/*
 * logs: what a worker says, at which queue's level, how often, in which form, and what it never
 * says.
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/http_server.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define FAILS "handler: { exec: [sh, -c, \"echo no route $$ >&2; exit 65\"] }"

enum { SETTINGS_MAX = 2048 };

static json_t *lines; /* of the worker, parsed; each must be JSON */

static json_t *lines_of(const struct worker_process *worker)
{
    char *errors = process_errors(worker->process), *rest = errors;
    json_t *array = json_array();

    for (char *text; (text = strsep(&rest, "\n")) != NULL;) {
        if (*text == 0)
            continue;
        json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (line == NULL)
            TEST_FAIL("no JSON: %s", text);
        json_array_append_new(array, line);
    }
    free(errors);
    return array;
}

static void end(struct scene *scene)
{
    assert_int_equal(worker_term(scene->first), 0);
    lines = lines_of(scene->first);
}

static const char *text_of(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text != NULL ? text : "";
}

/* How many lines of that message the queue has ("": any); `repeated`: with those left out. */
static int count(const char *msg, const char *queue, bool repeated)
{
    json_t *line;
    size_t i;
    int found = 0;

    json_array_foreach(lines, i, line)
    {
        bool told =
            strcmp(text_of(line, "of"), msg) == 0 && strcmp(text_of(line, "msg"), "repeated") == 0;
        bool own = strcmp(text_of(line, "msg"), msg) == 0;
        if ((!own && !(told && repeated)) ||
            (*queue != 0 && strcmp(text_of(line, "queue"), queue) != 0))
            continue;
        found += own;
        if (repeated)
            found += (int)json_integer_value(json_object_get(line, "repeated"));
    }
    return found;
}

static void start(struct scene *scene, const char *level, const char *settings)
{
    assert_int_equal(setenv("NAVVY_LOG_LEVEL", level, 1), 0);
    scene->settings = settings;
    scene->first = worker_launch(scene->server->url, &scene->ledger, settings, NULL);
}

static int64_t dead(struct scene *scene, const char *queue)
{
    char key[64];
    (void)snprintf(key, sizeof key, "navvy:{%s}:dlq", queue);
    return redis_int(scene->server, "LLEN %s", key);
}

static void push_number(struct scene *scene, const char *queue, int number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", number);
    redis_run(scene->server, "LPUSH %s %s", queue, text);
}

static void each_queue_has_its_level(void **state)
{
    struct scene *scene = *state;
    start(scene, "warn",
          SCENE_QUICK "defaults: { idempotency: { ttl: 0 } }\nqueues:\n"
                      "  all: { log_level: debug, " FAILS " }\n"
                      "  few: { log_level: error, " FAILS " }\n"
                      "  some: { " FAILS " }\n");
    redis_run(scene->server, "LPUSH all x");
    redis_run(scene->server, "LPUSH few x");
    redis_run(scene->server, "LPUSH some x");
    EVENTUALLY(dead(scene, "all") + dead(scene, "few") + dead(scene, "some") == 3, TEST_LIMIT_MS);
    end(scene);
    assert_int_equal(count("ran", "all", false), 1);
    assert_int_equal(count("dead", "all", false), 1);
    assert_int_equal(count("stderr", "all", false), 1);
    assert_int_equal(count("join", "all", false), 1);
    assert_int_equal(count("dead", "some", false), 1);
    assert_int_equal(count("ran", "some", false), 0);
    assert_int_equal(count("join", "some", false), 0);
    assert_int_equal(count("dead", "few", false), 0);
    assert_int_equal(count("start", "", false), 0); /* at info, of no queue */
}

static void a_reload_changes_the_level_of_a_queue(void **state)
{
    struct scene *scene = *state;
    start(scene, "info", SCENE_QUICK "queues: { jobs: { log_level: error, " FAILS " } }\n");
    redis_run(scene->server, "LPUSH jobs x");
    EVENTUALLY(dead(scene, "jobs") == 1, TEST_LIMIT_MS);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger,
                   SCENE_QUICK "queues: { jobs: { log_level: debug, " FAILS " } }\n");
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"reload\""), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs y");
    EVENTUALLY(dead(scene, "jobs") == 2, TEST_LIMIT_MS);
    end(scene);
    assert_int_equal(count("dead", "jobs", false), 1);
    assert_int_equal(count("ran", "jobs", false), 1);
}

static void what_happens_to_many_jobs_is_counted_by_cause(void **state)
{
    enum { JOBS = 200 };
    struct scene *scene = *state;
    start(scene, "info",
          SCENE_QUICK "defaults: { idempotency: { ttl: 0 }, retry: { max_attempts: 1 } }\n"
                      "queues:\n  a: { handler: { builtin: fail } }\n"
                      "  b: { handler: { builtin: fail } }\n"
                      "  c: { log_level: debug, handler: { builtin: fail } }\n");
    for (int i = 0; i < JOBS; i++) {
        push_number(scene, "a", i);
        if (i < JOBS / 4)
            push_number(scene, "b", i);
        push_number(scene, "c", i);
    }
    EVENTUALLY(dead(scene, "a") == JOBS && dead(scene, "c") == JOBS, TEST_LIMIT_MS);
    EVENTUALLY(dead(scene, "b") == JOBS / 4, TEST_LIMIT_MS);
    /* What was left out is told within two ticks, also where nothing more happens. */
    EVENTUALLY((json_decref(lines), lines = lines_of(scene->first),
                count("dead", "a", true) == JOBS && count("dead", "b", true) == JOBS / 4),
               TEST_LIMIT_MS);
    assert_in_range(count("dead", "a", false), 10, JOBS / 2);
    assert_int_equal(count("dead", "c", false), JOBS); /* at debug all of them */
    json_decref(lines);
    end(scene);
}

/* Bytes from a producer and from a handler reach the log as text, on lines that name the job. */
static void each_line_about_a_job_names_it(void **state)
{
    struct scene *scene = *state;
    static const char bytes[] = "navvy/1 id=\"\\x00\\xff\\n\"\n\xff\0";
    struct slice element = {bytes, sizeof bytes - 1};
    json_t *line;
    size_t i;
    int about = 0;

    start(scene, "debug",
          SCENE_QUICK
          "queues: { jobs: { retry: { max_attempts: 2, base: 10ms },\n"
          "  handler: { exec: [sh, -c, 'printf \"\\377\\033[2J\\n\\\\\" >&2; exit 75'] } } }\n");
    redis_run(scene->server, "LPUSH jobs %b", &element);
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 broken\n");
    EVENTUALLY(dead(scene, "jobs") == 2, TEST_LIMIT_MS);
    end(scene);
    json_array_foreach(lines, i, line)
    {
        static const char *const jobs[] = {"ran", "retry", "dead", "stderr"};
        assert_true(*text_of(line, "ts") != 0 && *text_of(line, "level") != 0);
        for (size_t j = 0; j < ARRAY_COUNT(jobs); j++) {
            if (strcmp(text_of(line, "msg"), jobs[j]) != 0)
                continue;
            assert_string_equal(text_of(line, "queue"), "jobs");
            assert_non_null(strchr(text_of(line, "id"), ':'));
            about++;
        }
    }
    assert_in_range(about, 7, 9); /* ran and stderr twice at least, retry, dead twice */
}

/* --- secrets -------------------------------------------------------------------------------- */

static void assert_no_secret(const struct worker_process *worker)
{
    char *errors = process_errors(worker->process);
    if (strstr(errors, "hush") != NULL)
        TEST_FAIL("a secret is in the log: %s", strstr(errors, "hush"));
    free(errors);
}

/* With all kinds of secrets, and everything going wrong that speaks of them. */
static void no_line_has_a_secret(void **state)
{
    struct scene *scene = *state;
    static const struct http_act acts[] = {{HTTP_EMPTY("400 hush", ""), HTTP_KEEP, false}};
    struct http_server *web = http_server_start(acts, 1);
    char settings[SETTINGS_MAX], url[REDIS_URL_MAX];

    redis_run(scene->server, "ACL SETUSER bob on >hush-redis allkeys allchannels +@all");
    (void)snprintf(url, sizeof url, "unix://bob:hush-redis@%s",
                   strchr(scene->server->url, ':') + 3);
    (void)snprintf(
        settings, sizeof settings,
        SCENE_QUICK
        "admin: { listen: off, token_file: /nonexistent-but-unused }\n"
        "traces: { endpoint: \"http://me:hush-url@127.0.0.1:%d/\", sample: 100%%,\n"
        "  headers: [\"Authorization: Bearer hush-trace\"] }\n"
        "queues: { jobs: { retry: { max_attempts: 1 }, handler: {\n"
        "  http: \"http://me:hush-http@127.0.0.1:%d/\", headers: [\"X-Key: hush-key\"] } } }\n",
        http_server_port(web), http_server_port(web));
    assert_int_equal(setenv("NAVVY_LOG_LEVEL", "debug", 1), 0);
    scene->first = worker_launch(url, &scene->ledger, settings, NULL);
    redis_run(scene->server, "LPUSH jobs hush-payload");
    EVENTUALLY(dead(scene, "jobs") == 1, TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"traces\""), TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGUSR1);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"reload\""), TEST_LIMIT_MS);
    redis_run(scene->server, "ACL SETUSER bob resetpass >hush-other");
    redis_run(scene->server, "CLIENT KILL USER bob");
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"denied\""), TEST_LIMIT_MS);
    (void)worker_kill(scene->first);
    assert_no_secret(scene->first);
    http_server_stop(web);
}

static int setup(void **state)
{
    static char settings[] = "";
    *state = settings;
    lines = NULL;
    return scene_setup(state);
}

static int teardown(void **state)
{
    json_decref(lines);
    (void)unsetenv("NAVVY_LOG_LEVEL");
    return scene_teardown(state);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(each_queue_has_its_level),
        CASE(a_reload_changes_the_level_of_a_queue),
        CASE(what_happens_to_many_jobs_is_counted_by_cause),
        CASE(each_line_about_a_job_names_it),
        CASE(no_line_has_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
