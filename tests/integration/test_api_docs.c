/*
 * docs/api.md: every route has its place there, and every example is what navvy answers.
 *
 * An example is a block `http` (method and path, then a body) and a block `json`, with a status if
 * that is not 200, or `text`, lines that the answer begins with. "..." in a text stands for
 * anything. Each is asked on the same queue `email`, made anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/api/api.h"
#include "base/clock.h"
#include "tests/support/api_rig.h"
#include "tests/support/cli.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

#define PAGE NAVVY_SOURCE_DIR "/docs/api.md"
#define W "web1-4711-9f86d081884c7d65"
#define EXAMPLE_TASK "9be8a4d4b86fa7d9" /* the id that the page gives to a task */

/* What depends on the machine and the moment: only its being there is compared. */
static const char *const varying[] = {
    "at_ms",      "rtt_us", "used_memory", "oldest_ms", "lease_ms", "started_ms", "words",
    "updated_ms", "moved",  "looked",      "length",    "total",    "phase",      "version"};

/* --- the queue of the examples ---------------------------------------------------------------- */

static void arrange(void)
{
    redis_run(api_redis, "FLUSHALL");
    redis_run(api_redis, "LPUSH email %s",
              "navvy/1 id=order-18 type=welcome key=order-18 enqueued_at=1795255190000\n"
              "{\"to\":\"bob\"}");
    redis_run(api_redis, "ZADD navvy:{email}:workers 9999999999999 " W);
    redis_run(api_redis, "HSET navvy:{email}:held:" W " 17 %s",
              "navvy/1 id=order-17 type=welcome\n{\"to\":\"eve\"}");
    redis_run(api_redis, "HSET navvy:{email}:status " W " %s",
              "{\"version\":\"0.1.0\",\"host\":\"web1\",\"pid\":4711,\"started_ms\":1795255100000,"
              "\"at_ms\":1795255200000,\"quiet\":false,\"applied\":0,\"pool\":{\"running\":1,"
              "\"idle\":1,\"capacity\":16},\"running\":[{\"tag\":17,\"claim\":\"" W ":17\","
              "\"type\":\"welcome\",\"since_ms\":1795255199000,\"attempt\":1}]}");
    redis_run(api_redis, "ZADD navvy:{email}:retry 9999999999999 %s",
              "navvy/1 claim=" W ":12 attempt=2 deliveries=2 failed_at=1795255180000 "
              "error=\"exit status 1\" id=order-12 type=invoice\n{\"to\":\"ann\"}");
    redis_run(api_redis, "LPUSH navvy:{email}:dlq %s",
              "navvy/1 claim=" W ":3 attempt=1 deliveries=1 failed_at=1795255110000 "
              "reason=permanent error=\"no such customer: 4711\" id=order-3 type=invoice\n"
              "{\"to\":\"kim\"}");
    redis_run(api_redis,
              "HSET navvy:{email}:meta taken 20 done 17 dead 1 retried 11 next:" W " 18");
    redis_run(api_redis, "LPUSH navvy:{email}:journal %s",
              "{\"at_ms\":1795255150000,\"who\":\"kim\",\"where\":\"cli web1\",\"what\":\"pause\","
              "\"queue\":\"email\"}");
}

static json_int_t task_moved(const char *id)
{
    char path[64];
    snprintf(path, sizeof path, "/api/v1/tasks/%s", id);
    json_t *task = api_json(200, "GET", path, NULL);
    json_int_t moved = json_int_at(task, "moved");
    json_decref(task);
    return moved;
}

/* Where two tasks run already, as they do while those of the last example end, again. */
static struct api_reply ask(const char *method, const char *path, const char *body)
{
    struct api_reply reply = {0};
    EVENTUALLY((api_reply_free(&reply), reply = api_ask(method, path, body)).status != 503,
               TEST_LIMIT_MS);
    return reply;
}

/* A task that has begun, and takes its time. */
static void begin_task(char id[32], bool cancelled)
{
    char path[64];
    for (int i = 20; i < 50; i++) {
        char element[128];
        snprintf(element, sizeof element, "navvy/1 claim=" W ":%d attempt=1 reason=permanent\n{}",
                 i);
        redis_run(api_redis, "LPUSH navvy:{email}:dlq %s", element);
    }
    redis_run(api_redis, "HINCRBY navvy:{email}:meta taken 30");
    struct api_reply task =
        ask("POST", "/api/v1/queues/email/dlq/tasks",
            "{\"action\":\"retry\",\"select\":{\"reason\":\"permanent\"},\"rate\":1}");
    snprintf(id, 32, "%s", json_text_at(task.json, "id"));
    api_reply_free(&task);
    EVENTUALLY(task_moved(id) > 0, TEST_LIMIT_MS);
    if (cancelled) {
        snprintf(path, sizeof path, "/api/v1/tasks/%s/cancel", id);
        json_decref(api_json(200, "POST", path, NULL));
    }
}

static void end_task(const char *id)
{
    char path[64];
    snprintf(path, sizeof path, "/api/v1/tasks/%s/cancel", id);
    struct api_reply reply = api_ask("POST", path, NULL);
    api_reply_free(&reply);
}

/* --- comparison ------------------------------------------------------------------------------- */

static bool is_varying(const char *key)
{
    for (size_t i = 0; i < ARRAY_COUNT(varying); i++)
        if (strcmp(varying[i], key) == 0)
            return true;
    return false;
}

/* `pattern` with any text where it has "...". */
static bool text_fits(const char *pattern, const char *text)
{
    const char *dots = strstr(pattern, "...");
    if (dots == NULL)
        return strcmp(pattern, text) == 0;
    if (strncmp(pattern, text, (size_t)(dots - pattern)) != 0)
        return false;
    for (text += dots - pattern;; text++) {
        if (text_fits(dots + 3, text))
            return true;
        if (*text == '\0')
            return false;
    }
}

static bool json_fits(const json_t *want, const json_t *have);

static bool object_fits(const json_t *want, const json_t *have)
{
    const char *key;
    json_t *value;

    if (json_object_size(want) != json_object_size(have))
        return false;
    json_object_foreach((json_t *)(uintptr_t)want, key, value)
    {
        const json_t *other = json_object_get(have, key);
        bool is_task = json_is_string(value) && strcmp(json_string_value(value), EXAMPLE_TASK) == 0;
        if (other == NULL || !(is_varying(key) || is_task || json_fits(value, other)))
            return false;
    }
    return true;
}

static bool json_fits(const json_t *want, const json_t *have)
{
    if (json_typeof(want) != json_typeof(have))
        return false;
    if (json_is_object(want))
        return object_fits(want, have);
    if (json_is_string(want))
        return text_fits(json_string_value(want), json_string_value(have));
    if (!json_is_array(want))
        return json_equal(want, have);
    if (json_array_size(want) != json_array_size(have))
        return false;
    for (size_t i = 0; i < json_array_size(want); i++)
        if (!json_fits(json_array_get(want, i), json_array_get(have, i)))
            return false;
    return true;
}

/* --- the examples of the page ----------------------------------------------------------------- */

struct example {
    char method[8], path[256], *body;
    int status;
    bool is_text;
    char *answer;
};

static char *copy_block(const char *from, const char **end)
{
    *end = strstr(from, "\n```");
    assert_non_null(*end);
    return strndup(from, (size_t)(*end - from));
}

/* The next one from *at on; false: there is none. */
static bool next_example(const char **at, struct example *out)
{
    static const char request[] = "```http\n";
    const char *from = strstr(*at, request), *end = NULL;

    if (from == NULL)
        return false;
    char *block = copy_block(from + sizeof request - 1, &end);
    *out = (struct example){.status = 200};
    assert_int_equal(sscanf(block, "%7s %255s", out->method, out->path), 2);
    char *line_end = strchr(block, '\n');
    out->body = line_end != NULL ? strdup(line_end + 1) : NULL;
    free(block);
    from = end + sizeof("\n```");
    out->is_text = strncmp(from, "```text\n", 8) == 0;
    if (!out->is_text && strncmp(from, "```json", 7) != 0)
        TEST_FAIL("docs/api.md: %s %s has no answer", out->method, out->path);
    sscanf(from, "```json %d", &out->status);
    out->answer = copy_block(strchr(from, '\n') + 1, &end);
    *at = end;
    return true;
}

/* Puts the id of a task that there is where the page has one. */
static bool make_task(struct example *example, char id[32])
{
    char *place = strstr(example->path, EXAMPLE_TASK);
    bool wants_task = place != NULL || strstr(example->path, "/tasks") == example->path + 7;

    if (!wants_task)
        return false;
    begin_task(id, strstr(example->path, "/resume") != NULL);
    if (place != NULL)
        memcpy(place, id, strlen(EXAMPLE_TASK));
    return true;
}

static void check_example(struct example *example)
{
    char task[32] = "";
    arrange();
    bool has_task = make_task(example, task);
    struct api_reply reply = ask(example->method, example->path, example->body);
    json_t *want = example->is_text ? NULL : json_loads(example->answer, 0, NULL);

    if (reply.status != example->status)
        TEST_FAIL("%s %s: status %d, not %d: %s", example->method, example->path, reply.status,
                  example->status, reply.body);
    if (!example->is_text && want == NULL)
        TEST_FAIL("%s %s: the answer in docs/api.md is no JSON", example->method, example->path);
    if (want != NULL && (reply.json == NULL || !json_fits(want, reply.json)))
        TEST_FAIL("%s %s: docs/api.md says\n%s\nand navvy\n%s", example->method, example->path,
                  example->answer, reply.body);
    if (example->is_text && !text_fits(example->answer, reply.body))
        TEST_FAIL("%s %s: docs/api.md says\n%s\nand navvy\n%s", example->method, example->path,
                  example->answer, reply.body);
    json_decref(want);
    api_reply_free(&reply);
    if (has_task)
        end_task(task);
}

static void every_example_is_what_navvy_answers(void **state)
{
    char *page = file_text(PAGE);
    const char *at = page;
    struct example example;
    size_t count = 0;

    (void)state;
    for (; next_example(&at, &example); count++) {
        check_example(&example);
        free(example.body);
        free(example.answer);
    }
    assert_true(count > 10);
    free(page);
}

static void every_route_has_its_place(void **state)
{
    char *page = file_text(PAGE);

    (void)state;
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        char head[256];
        snprintf(head, sizeof head, "\n### %s %s\n", row->method == API_GET ? "GET" : "POST",
                 row->path);
        if (strstr(page, head) == NULL)
            TEST_FAIL("docs/api.md has no%s", head);
    }
    free(page);
}

static int start(void **state)
{
    (void)state;
    api_rig_start("queues:\n  email: { handler: { builtin: noop }, result_ttl: 1h }\n");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    api_rig_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_what_navvy_answers),
        cmocka_unit_test(every_route_has_its_place),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
