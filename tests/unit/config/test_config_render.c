/* config_render: what is shown loads again and means the same, and secrets are not in it. */
#include "tests/unit/config/loading.h"

static void assert_same_options(enum option_scope scope, const void *left, const void *right)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == scope && !option_equal(&option_table[i], left, right))
            fail_msg("%s is not what it was", option_table[i].path);
    }
}

static void assert_same(const struct config *left, const struct config *right)
{
    assert_same_options(OPTION_GLOBAL, left, right);
    assert_int_equal(left->queue_count, right->queue_count);
    for (size_t i = 0; i < left->queue_count; i++) {
        assert_string_equal(left->queues[i].name, right->queues[i].name);
        assert_same_options(OPTION_QUEUE, &left->queues[i], &right->queues[i]);
        assert_true(handler_conf_equal(&left->queues[i].handler, &right->queues[i].handler));
        assert_int_equal(left->queues[i].route_count, right->queues[i].route_count);
        for (size_t j = 0; j < left->queues[i].route_count; j++) {
            const struct handler_conf *route = &left->queues[i].routes[j];
            assert_string_equal(route->type, right->queues[i].routes[j].type);
            assert_true(handler_conf_equal(route, &right->queues[i].routes[j]));
        }
    }
}

static struct buf render(const struct config *config)
{
    struct buf out = {0};
    config_render(config, &out);
    assert_false(out.failed);
    return out;
}

static void what_is_shown_loads_again_with_equal_result(void **state)
{
    (void)state;
    static const char *const texts[] = {
        ONE_QUEUE,
        "redis: { url: 'unix:///s?db=3', user: 'b b', db: 7, allow_eviction: true }\n"
        "pool: { min: 1, max: 1, idle: 0 }\nlease: 1500ms\nlog: { format: text }\n" ONE_QUEUE,
        "defaults: { timeout: 0, max_payload: 123, retry: { delays: [1s, 1500ms] } }\n" ONE_QUEUE,
        "queues: { q: { handler: { exec: [cat], answer_max: 2KiB, limits: { cpu: 2s, env: [PATH] } "
        "} } }\n",
        "queues: { a: { handler: { builtin: sleep, sleep: 3s } },\n"
        "          b: { handler: { builtin: fail, times: 2 }, dlq: { max: 0 } },\n"
        "          c: { handler: { builtin: echo }, idempotency: { by: key, ttl: 90m } } }\n",
        "queues: { a: { handler: { builtin: noop },\n"
        "               retry: { backoff: fixed, factor: 1.23456789012345678, jitter: full } },\n"
        "          b: { handler: { builtin: noop }, retry: { jitter: none, base: 0, cap: 0 } } }\n",
        "queues: { 'a: #b': { handler: { exec: [cat, '', ' ', '-', '$${x}', '\"', '\\', '~',\n"
        "          \"\\t\\n\\x85\\u2028\\ufeff\\ufffe\\uffff\\x7f\\x80\", 'null', "
        "'\xf0\x9f\x98\x80',\n"
        "          '[', '&a', '*a', '!x', '%', '@', '`', ': ', '# ', '$$${'] } } }\n",
        "queues: { q: { handler: { child: [cat], children: 3, recycle: { jobs: 5, age: 1h } },\n"
        "          routes: { 'a b': { http: 'http://h/', connect_timeout: 1s },\n"
        "                    '${c}': { plugin: /p.so, options: 'x ${HOME}' } } } }\n",
        "queues: { '{t}:x': { handler: { exec: [cat] } }, '${x}': { handler: { exec: [cat] } },\n"
        "          '$${x}': { handler: { exec: [cat] } } }\n",
    };
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct config *config = load(texts[i]);
        struct buf shown = render(config);
        struct config *again = load(shown.data);
        assert_same(config, again);
        struct buf twice = render(again);
        assert_string_equal(shown.data, twice.data);
        buf_free(&shown);
        buf_free(&twice);
        config_free(config);
        config_free(again);
    }
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "redis: { url: 'redis://bob:hush@h' }\n" ONE_QUEUE,
        "redis: { url: 'redis://hush@h' }\n" ONE_QUEUE,
        "redis: { url: 'unix:///s?password=hush' }\n" ONE_QUEUE,
        "redis: { password: hush }\n" ONE_QUEUE,
        "queues: { a: { handler: { http: 'https://u:hush@h/x' } } }\n",
        "queues: { q: { handler: { http: 'http://h/', headers: ['Authorization: hush'] } } }",
    };
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct config *config = load(texts[i]);
        struct buf shown = render(config);
        assert_null(strstr(shown.data, "hush"));
        assert_non_null(strstr(shown.data, "********"));
        config_free(load(shown.data)); /* loads, if only with stars for a password */
        config_free(config);
        buf_free(&shown);
    }
}

static void a_handler_shows_only_what_it_has(void **state)
{
    (void)state;
    struct config *config = load("queues: { e: { handler: { exec: [cat, 'a b'] } } }");
    struct buf shown = render(config);
    assert_string_equal(strstr(shown.data, "queues:"), "queues:\n"
                                                       "  e:\n"
                                                       "    handler:\n"
                                                       "      exec: [cat, \"a b\"]\n"
                                                       "    timeout: 30s\n"
                                                       "    kill_grace: 5s\n"
                                                       "    concurrency: 0\n"
                                                       "    max_payload: 1MiB\n"
                                                       "    result_ttl: 0\n"
                                                       "    retry:\n"
                                                       "      max_attempts: 10\n"
                                                       "      backoff: exponential\n"
                                                       "      base: 1s\n"
                                                       "      factor: 2\n"
                                                       "      cap: 1h\n"
                                                       "      jitter: 20%\n"
                                                       "    idempotency:\n"
                                                       "      ttl: 1d\n"
                                                       "      by: payload\n"
                                                       "      store: keys\n"
                                                       "    log_level: inherit\n"
                                                       "    dlq:\n"
                                                       "      max: 100000\n");
    buf_free(&shown);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shown_loads_again_with_equal_result),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(a_handler_shows_only_what_it_has),
    };
    forget_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
