/* config: from which place a value comes, what holds between values, and where a fault is put. */
#include "tests/unit/config/loading.h"

static void values_come_from_the_highest_place(void **state)
{
    static const struct {
        const char *file, *env_name, *env_value;
        uint32_t max;
    } rows[] = {
        {ONE_QUEUE, NULL, NULL, 16},
        {"pool: { max: 4 }\n" ONE_QUEUE, NULL, NULL, 4},
        {"pool: { max: 4 }\n" ONE_QUEUE, "NAVVY_POOL_MAX", "5", 5},
        {ONE_QUEUE, "NAVVY_POOL_MAX", "5", 5},
        {"pool: { max: 4 }\n" ONE_QUEUE, "NAVVY_POOL_MAX", "", 4},
        {"pool: { max: 1 }\n" ONE_QUEUE, NULL, NULL, 1}, /* min, not given, follows */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        forget_environment();
        if (rows[i].env_name != NULL)
            setenv(rows[i].env_name, rows[i].env_value, 1);
        struct config *config = load(rows[i].file);
        assert_int_equal(config->pool_max, rows[i].max);
        assert_int_equal(config->pool_min, rows[i].max < 2 ? 1 : 2);
        config_free(config);
    }
}

#define FILE_URL "redis: { url: 'redis://file:f@file/3' }\n" ONE_QUEUE
#define FILE_ALL "redis: { url: 'redis://file:f@file/3', user: u, password: p, db: 4 }\n" ONE_QUEUE
#define FILE_LOGIN "redis: { user: u, password: p, db: 4 }\n" ONE_QUEUE

static void the_server_and_the_login_come_from_the_highest_place(void **state)
{
    static const struct {
        const char *file, *command_line, *navvy_url, *navvy_password, *redis_url;
        const char *host, *user, *password;
        int db;
    } rows[] = {
        {ONE_QUEUE, NULL, NULL, NULL, NULL, "localhost", "", "", 0},
        {ONE_QUEUE, NULL, NULL, NULL, "redis://r:s@common/5", "common", "r", "s", 5},
        {FILE_LOGIN, NULL, NULL, NULL, "redis://r:s@common/5", "common", "u", "p", 4},
        {FILE_URL, NULL, NULL, NULL, "redis://r:s@common/5", "file", "file", "f", 3},
        {FILE_ALL, NULL, NULL, NULL, NULL, "file", "u", "p", 4},
        {FILE_URL, NULL, "redis://e:x@env/6", NULL, "redis://c", "env", "e", "x", 6},
        {FILE_ALL, NULL, "redis://e:x@env/6", NULL, NULL, "env", "e", "x", 6},
        {FILE_ALL, NULL, "redis://env", NULL, NULL, "env", "u", "p", 4}, /* completed */
        {FILE_ALL, NULL, "", NULL, NULL, "file", "u", "p", 4},
        {FILE_URL, NULL, NULL, "n", NULL, "file", "file", "n", 3},
        {ONE_QUEUE, NULL, "redis://e:x@env/6", "n", NULL, "env", "e", "n", 6},
        {FILE_ALL, "redis://a:b@line/7", "redis://e:x@env/6", "n", "redis://c", "line", "a", "b",
         7},
        {FILE_ALL, "redis://line", "redis://e:x@env/6", "n", NULL, "line", "u", "n", 4},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        forget_environment();
        if (rows[i].navvy_url != NULL)
            setenv("NAVVY_REDIS_URL", rows[i].navvy_url, 1);
        if (rows[i].navvy_password != NULL)
            setenv("NAVVY_REDIS_PASSWORD", rows[i].navvy_password, 1);
        if (rows[i].redis_url != NULL)
            setenv("REDIS_URL", rows[i].redis_url, 1);
        struct buf errors = {0};
        struct config *config =
            load_bytes(rows[i].file, strlen(rows[i].file), rows[i].command_line, &errors);
        assert_non_null(config);
        const struct endpoint *redis = &config->redis;
        assert_string_equal(redis->host, rows[i].host);
        assert_string_equal(redis->user, rows[i].user);
        assert_string_equal(redis->password, rows[i].password);
        assert_int_equal(redis->db, rows[i].db);
        config_free(config);
    }
}

/* `navvy check` with the environment of today, loaded without it tomorrow. */
static void what_is_shown_is_what_holds(void **state)
{
    static const char *const variables[][2] = {{"NAVVY_REDIS_DB", "5"},
                                               {"NAVVY_REDIS_USER", "e"},
                                               {"NAVVY_REDIS_URL", "redis://env:x@env/6"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(variables); i++) {
        struct buf shown = {0};
        char there[ENDPOINT_TEXT_MAX], here[ENDPOINT_TEXT_MAX];
        assert_int_equal(setenv(variables[i][0], variables[i][1], 1), 0);
        struct config *config = load(FILE_ALL);
        config_render(config, &shown);
        forget_environment();
        struct config *again = load(shown.data);
        assert_string_equal(endpoint_format(&again->redis, there),
                            endpoint_format(&config->redis, here));
        assert_string_equal(again->redis.user, config->redis.user);
        buf_free(&shown);
        config_free(again);
        config_free(config);
    }
}

static void a_fault_between_options_is_put_where_they_were_given(void **state)
{
    static const struct {
        const char *file, *env_name, *env_value, *errors;
    } rows[] = {
        {"pool: { min: 9, max: 4 }\n" ONE_QUEUE, NULL, NULL,
         "F:1:22: pool.max: pool.min (9) is more than pool.max (4)\n"},
        {"pool:\n  min: 17\n" ONE_QUEUE, NULL, NULL,
         "F:2:8: pool.min: pool.min (17) is more than pool.max (16)\n"},
        {"pool:\n  max: 4\n" ONE_QUEUE, "NAVVY_POOL_MIN", "9",
         "F:2:8: pool.max: pool.min (9) is more than pool.max (4)\n"},
        {"pool:\n  min: 4\n" ONE_QUEUE, "NAVVY_POOL_MAX", "3",
         "NAVVY_POOL_MAX (in the environment): pool.min (4) is more than pool.max (3)\n"},
        {ONE_QUEUE, "NAVVY_POOL_MIN", "17",
         "NAVVY_POOL_MIN (in the environment): pool.min (17) is more than pool.max (16)\n"},
        {"redis: { password: a, password_file: b }\n" ONE_QUEUE, NULL, NULL,
         "F:1:38: redis.password_file: there is a redis.password too; leave one of them "
         "out\n"},
        {"queues:\n  q:\n    handler: { builtin: noop }\n    retry: { base: 2h }\n", NULL, NULL,
         "F:4:20: queues.q.retry.cap: 1h is shorter than retry.base, 2h\n"},
        {"defaults: { retry: { base: 2h } }\nqueues:\n  q: { handler: { builtin: noop } }\n"
         "  r: { handler: { builtin: noop } }\n",
         NULL, NULL, "F:1:28: defaults.retry.cap: 1h is shorter than retry.base, 2h\n"},
        {"defaults: { retry: { base: 2h, delays: [1s] } }\n"
         "queues: { q: { handler: { builtin: noop }, retry: { backoff: fixed } } }\n",
         NULL, NULL, "F:2:62: queues.q.retry.cap: 1h is shorter than retry.base, 2h\n"},
        {"defaults: { retry: { base: 2s } }\n"
         "queues:\n  q:\n    handler: { builtin: noop }\n    retry: { cap: 1s }\n",
         NULL, NULL, "F:5:19: queues.q.retry.cap: 1s is shorter than retry.base, 2s\n"},
        {"queues:\n  q:\n    handler: { builtin: noop }\n"
         "    retry: { backoff: fixed, delays: [1s] }\n",
         NULL, NULL,
         "F:4:23: queues.q.retry.backoff: retry.delays says every wait already; leave one "
         "of them out\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        forget_environment();
        if (rows[i].env_name != NULL)
            setenv(rows[i].env_name, rows[i].env_value, 1);
        assert_faults(rows[i].file, rows[i].errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(values_come_from_the_highest_place, clean_environment),
        cmocka_unit_test_setup(the_server_and_the_login_come_from_the_highest_place,
                               clean_environment),
        cmocka_unit_test_setup(what_is_shown_is_what_holds, clean_environment),
        cmocka_unit_test_setup(a_fault_between_options_is_put_where_they_were_given,
                               clean_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
