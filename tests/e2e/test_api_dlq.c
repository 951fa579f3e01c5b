/* The routes of the dead-letter queue and of tasks: good, bad and hostile requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/support/admin_rig.h"
#include "tests/support/books.h"
#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

#define Q "/api/v1/queues/q/dlq"

static struct redis_server *redis;
static struct admin_rig *rig;

static int start(void **state)
{
    (void)state;
    redis = redis_server_start(NULL);
    rig = admin_rig_start(redis->url, "queues: { q: { handler: { builtin: noop } } }\n");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    admin_rig_free(rig);
    redis_server_free(redis);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    redis_run(redis, "FLUSHALL");
    return 0;
}

static json_t *get(int status, const char *path)
{
    return asked_json(ask_get(rig->address, path, ""), status, path);
}

static json_t *post(int status, const char *path, const char *body)
{
    return asked_json(ask_post(rig->address, path, "", body), status, body);
}

static json_t *post_lines(int status, const char *path, const char *lines)
{
    struct buf request = {0};
    buf_printf(&request,
               "POST %s HTTP/1.1\r\nHost: localhost\r\nX-Navvy: 1\r\nContent-Type: "
               "application/x-ndjson\r\nContent-Length: %zu\r\n\r\n%s",
               path, strlen(lines), lines);
    json_t *json = asked_json(ask_raw(rig->address, request.data), status, path);
    buf_free(&request);
    return json;
}

static char *task_path(const json_t *task, const char *what)
{
    static char path[128];
    snprintf(path, sizeof(path), "/api/v1/tasks/%s%s", json_text_at(task, "id"), what);
    return path;
}

static bool task_is(const char *path, const char *state)
{
    json_t *task = get(200, path);
    bool is = strcmp(json_text_at(task, "state"), state) == 0;
    json_decref(task);
    return is;
}

static bool groups_are_complete(const char *path)
{
    json_t *groups = get(200, path);
    bool complete = json_is_true(json_object_get(groups, "complete"));
    json_decref(groups);
    return complete;
}

/* --- good ------------------------------------------------------------------------------------- */

static void groups_tell_causes(void **state)
{
    (void)state;
    dead_letters_fill(redis, "q", 30);
    EVENTUALLY(groups_are_complete(Q "/groups"), TEST_LIMIT_MS);
    json_t *groups = get(200, Q "/groups");
    assert_int_equal(json_int_at(groups, "total"), 30);
    assert_int_equal(json_int_at(groups, "scanned"), 30);
    json_t *list = json_object_get(groups, "groups");
    assert_int_equal(json_array_size(list), 15); /* three reasons, five exit codes */
    assert_int_equal(json_int_at(json_array_get(list, 0), "count"), 2);
    json_decref(groups);
}

static void a_dry_run_changes_nothing(void **state)
{
    (void)state;
    dead_letters_fill(redis, "q", 30);
    json_t *answer =
        post(200, Q "/tasks",
             "{\"action\":\"drop\",\"select\":{\"signature\":\"exit status 3\"},\"dry_run\":true}");
    assert_int_equal(json_int_at(answer, "count"), 6);
    assert_true(json_is_true(json_object_get(answer, "complete")));
    assert_int_equal(json_array_size(json_object_get(answer, "examples")), 5);
    json_decref(answer);
    assert_int_equal(redis_int(redis, "LLEN navvy:{q}:dlq"), 30);
    assert_int_equal(redis_int(redis, "EXISTS navvy:{q}:tasks"), 0);
}

static void a_task_runs_to_its_end(void **state)
{
    (void)state;
    dead_letters_fill(redis, "q", 300);
    json_t *task = post(202, Q "/tasks",
                        "{\"action\":\"retry\",\"select\":{\"reason\":\"poison\"},\"limit\":50}");
    EVENTUALLY(task_is(task_path(task, ""), "done"), TEST_LIMIT_MS);
    json_t *done = get(200, task_path(task, ""));
    assert_int_equal(json_int_at(done, "moved"), 50);
    assert_int_equal(json_int_at(done, "total"), 50);
    assert_string_equal(json_text_at(done, "by"), "loopback");
    json_decref(done);
    json_decref(task);
    assert_int_equal(redis_int(redis, "LLEN navvy:{q}:ready"), 50);
    assert_int_equal(redis_int(redis, "LLEN navvy:{q}:journal"), 2);
    assert_books_balance(redis, "q");
}

static void named_jobs_are_done_at_once(void **state)
{
    (void)state;
    dead_letters_fill(redis, "q", 3);
    json_t *task = post(200, Q "/tasks",
                        "{\"action\":\"retry\",\"select\":{\"ids\":[\"" DEAD_LETTER_WORKER
                        ":1\",\"" DEAD_LETTER_WORKER ":9\"]}}");
    assert_string_equal(json_text_at(task, "state"), "done");
    assert_int_equal(json_int_at(task, "moved"), 1);
    json_decref(task);
}

static void a_task_is_cancelled_and_resumed(void **state)
{
    (void)state;
    dead_letters_fill(redis, "q", 60);
    json_t *task = post(202, Q "/tasks", "{\"action\":\"drop\",\"select\":{},\"rate\":\"40/s\"}");
    EVENTUALLY(redis_int(redis, "LLEN navvy:{q}:dlq") < 60, TEST_LIMIT_MS);
    json_decref(post(409, task_path(task, "/resume"), "{}"));
    json_t *cancelled = post(200, task_path(task, "/cancel"), "{}");
    assert_string_equal(json_text_at(cancelled, "state"), "cancelled");
    json_decref(cancelled);
    json_decref(post(409, task_path(task, "/cancel"), "{}"));
    int64_t left = redis_int(redis, "LLEN navvy:{q}:dlq");
    assert_true(left > 0);

    json_decref(post(202, task_path(task, "/resume"), "{}"));
    EVENTUALLY(task_is(task_path(task, ""), "done"), TEST_LIMIT_MS);
    assert_int_equal(redis_int(redis, "HGET navvy:{q}:meta purged"), 60);
    json_t *tasks = get(200, "/api/v1/tasks");
    assert_int_equal(json_array_size(json_object_get(tasks, "tasks")), 1);
    json_decref(tasks);
    json_decref(task);
}

static void there_are_never_more_than_two_at_once(void **state)
{
    static const char slow[] = "{\"action\":\"drop\",\"select\":{},\"rate\":1}";
    json_t *task[2];
    (void)state;
    dead_letters_fill(redis, "q", 30);
    for (size_t i = 0; i < 2; i++)
        task[i] = post(202, Q "/tasks", slow);
    json_decref(post(503, Q "/tasks", slow));
    json_decref(post(200, Q "/tasks",
                     "{\"action\":\"drop\",\"select\":{\"ids\":[\"" DEAD_LETTER_WORKER ":29\"]}}"));
    for (size_t i = 0; i < 2; i++) {
        json_decref(post(200, task_path(task[i], "/cancel"), "{}"));
        json_decref(task[i]);
    }
    struct asked asked = {0};
    EVENTUALLY(
        (asked_free(&asked),
         asked = ask_post(rig->address, Q "/tasks", "", "{\"action\":\"drop\",\"select\":{}}"),
         asked.status == 202),
        TEST_LIMIT_MS);
    asked_free(&asked);
    EVENTUALLY(redis_int(redis, "LLEN navvy:{q}:dlq") == 0, TEST_LIMIT_MS);
    assert_books_balance(redis, "q");
}

static void lines_go_out_and_come_back_byte_for_byte(void **state)
{
    static const struct slice payload = {"\0\xff\r\n\x80\"\\ \0", 9};
    (void)state;
    dead_letter_push(redis, "q", 7, "poison", "e\n\xff", payload, 5000);
    dead_letters_fill(redis, "q", 2);
    char *before = redis_text(redis, "LINDEX navvy:{q}:dlq 2");
    struct asked lines = ask_get(rig->address, Q "/export", "");
    assert_int_equal(lines.status, 200);
    assert_true(asked_says(&lines, "application/x-ndjson"));
    redis_run(redis, "FLUSHALL");
    json_t *answer = post_lines(200, Q "/import", lines.body);
    assert_int_equal(json_int_at(answer, "added"), 3);
    json_decref(answer);
    char *after = redis_text(redis, "LINDEX navvy:{q}:dlq 2");
    assert_string_equal(before, after);
    answer = post_lines(200, Q "/import", lines.body);
    assert_int_equal(json_int_at(answer, "there"), 3);
    json_decref(answer);
    assert_int_equal(redis_int(redis, "LLEN navvy:{q}:dlq"), 3);
    asked_free(&lines);
    lines = ask_get(rig->address, Q "/export?reason=poison&limit=5", "");
    assert_int_equal(lines.status, 200);
    assert_false(asked_says(&lines, "job 0"));
    asked_free(&lines);
    free(before);
    free(after);
}

/* --- bad and hostile -------------------------------------------------------------------------- */

static void what_is_not_there_is_404(void **state)
{
    (void)state;
    json_decref(get(404, "/api/v1/queues/none/dlq/groups"));
    json_decref(get(404, "/api/v1/queues/none/dlq/export"));
    json_decref(post(404, "/api/v1/queues/none/dlq/tasks", "{\"action\":\"drop\",\"select\":{}}"));
    json_decref(get(404, "/api/v1/tasks/0123456789abcdef"));
    json_decref(get(404, "/api/v1/tasks/..%2f..%2fq"));
    json_decref(get(404, "/api/v1/tasks/%2A"));
    json_decref(post(404, "/api/v1/tasks/0123456789abcdef/cancel", "{}"));
    json_decref(post(404, "/api/v1/tasks/0123456789abcdef/resume?queue=q", "{}"));
}

static void what_is_not_understood_is_400_and_changes_nothing(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"action\":\"drop\"}",
        "{\"action\":\"drop\",\"select\":{\"resaon\":\"poison\"}}",
        "{\"action\":\"drop\",\"select\":{\"reason\":\"x\\u0000\"}}",
        "{\"action\":\"drop\",\"select\":{\"ids\":[]}}",
        "{\"action\":\"drop\",\"select\":{},\"dry_run\":\"yes\"}",
        "{\"action\":\"drop\",\"select\":{},\"limit\":-1}",
        "{\"action\":\"drop\",\"select\":{},\"rate\":\"; DROP\"}",
        "{\"action\":\"drop\",\"select\":{\"error\":{\"$ne\":1}}}",
        "[{\"action\":\"drop\",\"select\":{}}]",
        "{\"action\":\"drop\",\"select\":{}",
    };
    (void)state;
    dead_letters_fill(redis, "q", 3);
    for (size_t i = 0; i < ARRAY_COUNT(bodies); i++)
        json_decref(post(400, Q "/tasks", bodies[i]));
    json_decref(get(400, Q "/export?reason=none"));
    json_decref(get(400, Q "/export?limit=-1"));
    json_decref(get(400, "/api/v1/tasks?queue=a%7Db"));
    json_decref(post_lines(400, Q "/import", "garbage\n[]\n{\"record\":5}\n"));
    assert_int_equal(redis_int(redis, "LLEN navvy:{q}:dlq"), 3);
    assert_int_equal(redis_int(redis, "EXISTS navvy:{q}:tasks navvy:{q}:journal"), 0);
}

static void keys_of_other_types_and_broken_tasks_break_nothing(void **state)
{
    (void)state;
    dead_letters_fill(redis, "q", 3);
    redis_run(redis, "HSET navvy:{q}:task:00000000000000aa state running plan [] total x");
    redis_run(redis, "SET navvy:{q}:task:00000000000000bb x");
    redis_run(redis, "ZADD navvy:{q}:tasks 1 00000000000000aa 2 ../../etc 3 00000000000000cc");
    json_t *tasks = get(200, "/api/v1/tasks?queue=q");
    assert_int_equal(json_array_size(json_object_get(tasks, "tasks")), 0);
    json_decref(tasks);
    json_decref(get(404, "/api/v1/tasks/00000000000000aa"));
    json_decref(get(502, "/api/v1/tasks/00000000000000bb"));
    redis_run(redis, "DEL navvy:{q}:tasks");
    redis_run(redis, "SET navvy:{q}:tasks x");
    json_decref(post(502, Q "/tasks", "{\"action\":\"drop\",\"select\":{}}"));
    redis_run(redis, "DEL navvy:{q}:dlq");
    redis_run(redis, "SET navvy:{q}:dlq x");
    json_t *groups = NULL;
    EVENTUALLY((json_decref(groups), groups = get(200, Q "/groups"),
                json_object_get(groups, "error") != NULL),
               TEST_LIMIT_MS);
    json_decref(groups);
    json_decref(get(502, Q "/export"));
    assert_int_equal(redis_int(redis, "STRLEN navvy:{q}:dlq"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(groups_tell_causes, clean),
        cmocka_unit_test_setup(a_dry_run_changes_nothing, clean),
        cmocka_unit_test_setup(a_task_runs_to_its_end, clean),
        cmocka_unit_test_setup(named_jobs_are_done_at_once, clean),
        cmocka_unit_test_setup(a_task_is_cancelled_and_resumed, clean),
        cmocka_unit_test_setup(there_are_never_more_than_two_at_once, clean),
        cmocka_unit_test_setup(lines_go_out_and_come_back_byte_for_byte, clean),
        cmocka_unit_test_setup(what_is_not_there_is_404, clean),
        cmocka_unit_test_setup(what_is_not_understood_is_400_and_changes_nothing, clean),
        cmocka_unit_test_setup(keys_of_other_types_and_broken_tasks_break_nothing, clean),
    };
    return cmocka_run_group_tests_name("api_dlq", tests, start, stop);
}
