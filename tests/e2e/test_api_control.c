/* The routes that order something of workers, and the journal: good, bad and hostile requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/admin_rig.h"
#include "tests/support/cli.h"
#include "tests/support/redis_server.h"
#include "tests/support/test.h"

#define Q "/api/v1/queues/q"
#define W "web-1-4711-9f86d081884c7d65"
#define WORKER "/api/v1/workers/" W

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
    redis_run(redis, "ZADD navvy:{q}:workers 9999999999999 " W);
    return 0;
}

static json_t *post(int status, const char *path, const char *body)
{
    return asked_json(ask_post(rig->address, path, "", body), status, path);
}

static void must(int status, const char *path, const char *body)
{
    json_decref(post(status, path, body));
}

/* --- good ------------------------------------------------------------------------------------ */

static void orders_arrive_where_workers_look(void **state)
{
    (void)state;
    json_t *answer = post(200, Q "/concurrency", "{\"value\":4}");
    assert_string_equal(json_text_at(answer, "status"), "ok");
    assert_int_equal(json_int_at(answer, "version"), 1);
    assert_int_equal(json_int_at(answer, "workers"), 1);
    assert_int_equal(json_int_at(answer, "applied"), 0);
    json_decref(answer);
    assert_redis_text(redis, "4", "HGET navvy:{q}:control concurrency");
    must(200, Q "/concurrency", "{\"value\":null}");
    assert_int_equal(redis_int(redis, "HEXISTS navvy:{q}:control concurrency"), 0);

    must(200, Q "/log_level", "{\"level\":\"debug\"}");
    assert_redis_text(redis, "debug", "HGET navvy:{q}:control log_level");
    must(200, Q "/log_level", "{\"level\":null}");
    must(200, Q "/pause", "{}");
    assert_redis_text(redis, "1", "HGET navvy:{q}:meta paused");
    answer = post(200, Q "/pause", "{}");
    assert_string_equal(json_text_at(answer, "status"), "same");
    json_decref(answer);
    must(200, Q "/resume", "");
    assert_int_equal(redis_int(redis, "HEXISTS navvy:{q}:meta paused"), 0);
}

static void a_worker_is_told_in_all_its_queues(void **state)
{
    (void)state;
    must(200, WORKER "/quiet", "{}");
    assert_redis_text(redis, "quiet", "HGET navvy:{q}:control worker:" W);
    must(200, "/api/v1/workers/web-1-4711/resume", "{}"); /* host and pid will do */
    assert_redis_text(redis, "work", "HGET navvy:{q}:control worker:" W);
    must(200, WORKER "/stop", "{}");
    assert_redis_text(redis, "stop", "HGET navvy:{q}:control worker:" W);
}

static void a_job_that_is_held_can_be_cancelled(void **state)
{
    (void)state;
    redis_run(redis, "HSET navvy:{q}:held:" W " 7 payload");
    redis_run(redis, "HSET navvy:{q}:meta taken 1");
    must(200, Q "/jobs/" W ":7/cancel", "{}");
    assert_int_equal(redis_int(redis, "HEXISTS navvy:{q}:control cancel:" W ":7"), 1);
}

static void the_journal_says_who_ordered_what(void **state)
{
    (void)state;
    must(200, Q "/pause", "{}");
    must(200, Q "/concurrency", "{\"value\":2}");
    json_t *lines =
        asked_json(ask_get(rig->address, "/api/v1/journal?limit=10", ""), 200, "journal");
    assert_int_equal(json_array_size(lines), 2);
    const json_t *line = json_array_get(lines, 0);
    assert_string_equal(json_text_at(line, "what"), "concurrency");
    assert_string_equal(json_text_at(line, "words"), "2");
    assert_string_equal(json_text_at(line, "who"), "loopback");
    assert_string_equal(json_text_at(line, "queue"), "q");
    json_decref(lines);
    lines =
        asked_json(ask_get(rig->address, "/api/v1/journal?queue=q&limit=1", ""), 200, "journal");
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
}

/* --- bad and hostile ------------------------------------------------------------------------- */

static void what_makes_no_sense_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *path, *body;
    } rows[] = {
        {400, Q "/concurrency", "{}"},
        {400, Q "/concurrency", "{\"value\":0}"},
        {400, Q "/concurrency", "{\"value\":1025}"},
        {400, Q "/concurrency", "{\"value\":-1}"},
        {400, Q "/concurrency", "{\"value\":1.5}"},
        {400, Q "/concurrency", "{\"value\":\"4\"}"},
        {400, Q "/concurrency", "{\"value\":99999999999999999999}"},
        {400, Q "/log_level", "{}"},
        {400, Q "/log_level", "{\"level\":\"loud\"}"},
        {400, Q "/log_level", "{\"level\":\"\"}"},
        {400, Q "/log_level", "{\"level\":7}"},
        {400, Q "/log_level", "{\"level\":\"debug\\u0000\"}"},
        {404, "/api/v1/queues/nosuch/pause", "{}"},
        {400, "/api/v1/queues/x%7B%7Dy/pause", "{}"},
        {404, "/api/v1/workers/nobody/quiet", "{}"},
        {404, "/api/v1/workers/%2e%2e%2f%0d%0a/stop", "{}"},
        {404, "/api/v1/workers/web-1/stop", "{}"}, /* a host is not a worker */
        {404, Q "/jobs/nosuch/cancel", "{}"},
        {404, Q "/jobs/" W ":9/cancel", "{}"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        must(rows[i].status, rows[i].path, rows[i].body);
    assert_int_equal(redis_int(redis, "EXISTS navvy:{q}:control navvy:{q}:journal"), 0);
    assert_int_equal(redis_int(redis, "DBSIZE"), 1);
}

static void a_long_name_is_no_worker(void **state)
{
    char path[600];

    (void)state;
    memset(path, 'a', sizeof path);
    memcpy(path, "/api/v1/workers/", strlen("/api/v1/workers/"));
    (void)snprintf(path + 400, 32, "/quiet");
    must(404, path, "{}");
}

static void what_changes_something_is_not_for_get(void **state)
{
    (void)state;
    json_decref(asked_json(ask_get(rig->address, Q "/pause", ""), 405, "GET"));
    json_decref(asked_json(ask_get(rig->address, WORKER "/stop", ""), 405, "GET"));
    json_decref(asked_json(ask_get(rig->address, "/api/v1/journal?limit=0", ""), 400, "limit"));
    json_decref(asked_json(ask_get(rig->address, "/api/v1/journal?queue=a%7Db", ""), 400, "queue"));
    assert_int_equal(redis_int(redis, "DBSIZE"), 1);
}

static void keys_of_a_wrong_type_are_an_answer(void **state)
{
    (void)state;
    redis_run(redis, "SET navvy:{q}:control text");
    must(502, Q "/pause", "{}");
    assert_int_equal(redis_int(redis, "EXISTS navvy:{q}:meta"), 0);
}

#define CASE(name) cmocka_unit_test_setup(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(orders_arrive_where_workers_look),
        CASE(a_worker_is_told_in_all_its_queues),
        CASE(a_job_that_is_held_can_be_cancelled),
        CASE(the_journal_says_who_ordered_what),
        CASE(what_makes_no_sense_is_refused_and_changes_nothing),
        CASE(a_long_name_is_no_worker),
        CASE(what_changes_something_is_not_for_get),
        CASE(keys_of_a_wrong_type_are_an_answer),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
