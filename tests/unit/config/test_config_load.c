/* config_load: what a file says arrives, and what is wrong with it is said with line and column. */
#include "tests/unit/config/loading.h"

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    struct config *config = load(ONE_QUEUE);
    assert_string_equal(config->redis.host, "localhost");
    assert_int_equal(config->redis.port, 6379);
    assert_int_equal(config->pool_min, 2);
    assert_int_equal(config->pool_max, 16);
    assert_int_equal(config->pool_idle_ms, 30000);
    assert_int_equal(config->lease_ms, 30000);
    assert_int_equal(config->shutdown_timeout_ms, 25000);
    assert_int_equal(config->redis_connect_timeout_ms, 5000);
    assert_int_equal(config->redis_command_timeout_ms, 5000);
    assert_false(config->redis_allow_eviction);
    assert_int_equal(config->log_level, LOG_INFO);
    assert_int_equal(config->queue_count, 1);

    const struct queue_conf *queue = &config->queues[0];
    assert_int_equal(queue->handler.kind, HANDLER_BUILTIN);
    assert_int_equal(queue->handler.builtin, BUILTIN_NOOP);
    assert_int_equal(queue->timeout_ms, 30000);
    assert_int_equal(queue->kill_grace_ms, 5000);
    assert_int_equal(queue->retry.backoff, BACKOFF_EXPONENTIAL);
    assert_int_equal(queue->retry.max_attempts, 10);
    assert_int_equal(queue->retry.base_ms, 1000);
    assert_true(queue->retry.factor == 2);
    assert_int_equal(queue->retry.cap_ms, 3600000);
    assert_int_equal(queue->retry.jitter_percent, 20);
    assert_false(queue->retry.jitter_full);
    assert_int_equal(queue->retry.delays_count, 0);
    assert_int_equal(queue->idempotency_ttl_ms, 86400000);
    assert_int_equal(queue->idempotency_by, FINGERPRINT_PAYLOAD);
    assert_int_equal(queue->payload_bytes_max, 1048576);
    assert_int_equal(queue->dlq_max, 100000);
    config_free(config);
}

static void what_is_said_arrives(void **state)
{
    (void)state;
    struct config *config = load("redis: { url: 'redis://h:7/3' }\n"
                                 "pool: { min: 3, max: 4, idle: 1m }\n"
                                 "lease: 1m\n"
                                 "log: { level: debug, format: json }\n"
                                 "queues:\n"
                                 "  email:\n"
                                 "    handler: { exec: [cat, -n, ''] }\n"
                                 "    timeout: 0\n"
                                 "    retry: { backoff: fixed, base: 5s, jitter: full }\n"
                                 "    idempotency: { ttl: 0, by: key }\n"
                                 "    dlq: { max: 0 }\n"
                                 "  '{t1}:sms':\n"
                                 "    handler: { builtin: sleep, sleep: 1s }\n"
                                 "    retry: { delays: [1s, 1m] }\n");
    assert_string_equal(config->redis.host, "h");
    assert_int_equal(config->redis.db, 3);
    assert_int_equal(config->pool_min, 3);
    assert_int_equal(config->pool_idle_ms, 60000);
    assert_int_equal(config->log_level, LOG_DEBUG);
    assert_int_equal(config->queue_count, 2);

    const struct queue_conf *email = config_queue(config, "email");
    assert_ptr_equal(email, &config->queues[0]);
    assert_int_equal(email->handler.kind, HANDLER_EXEC);
    assert_string_equal(email->handler.exec[0], "cat");
    assert_string_equal(email->handler.exec[2], "");
    assert_null(email->handler.exec[3]);
    assert_int_equal(email->timeout_ms, 0);
    assert_int_equal(email->retry.backoff, BACKOFF_FIXED);
    assert_true(email->retry.jitter_full);
    assert_int_equal(email->idempotency_ttl_ms, 0);
    assert_int_equal(email->idempotency_by, FINGERPRINT_KEY);
    assert_int_equal(email->dlq_max, 0);

    const struct queue_conf *sms = config_queue(config, "{t1}:sms");
    assert_int_equal(sms->handler.sleep_ms, 1000);
    assert_int_equal(sms->retry.backoff, BACKOFF_LIST);
    assert_int_equal(sms->retry.delays_count, 2);
    assert_int_equal(sms->retry.delays_ms[1], 60000);
    assert_null(config_queue(config, "sms"));
    config_free(config);
}

static void defaults_hold_for_queues_that_do_not_say_otherwise(void **state)
{
    (void)state;
    struct config *config = load("queues:\n"
                                 "  plain: { handler: { builtin: noop } }\n"
                                 "  own: { handler: { builtin: noop }, timeout: 1s,\n"
                                 "         retry: { delays: [3s] } }\n"
                                 "  grown: { handler: { builtin: noop },\n"
                                 "           retry: { backoff: exponential } }\n"
                                 "defaults: { timeout: 10s, retry: { delays: [1s, 2s] } }\n");
    const struct queue_conf *plain = config_queue(config, "plain");
    const struct queue_conf *own = config_queue(config, "own");
    const struct queue_conf *grown = config_queue(config, "grown");
    assert_int_equal(plain->timeout_ms, 10000);
    assert_int_equal(plain->retry.backoff, BACKOFF_LIST);
    assert_int_equal(plain->retry.delays_count, 2);
    assert_int_equal(own->timeout_ms, 1000);
    assert_int_equal(own->retry.delays_count, 1);
    assert_int_equal(own->retry.delays_ms[0], 3000);
    assert_int_equal(grown->retry.backoff, BACKOFF_EXPONENTIAL);
    assert_int_equal(grown->retry.delays_count, 0);
    config_free(config);
}

static void an_alias_is_what_it_stands_for(void **state)
{
    (void)state;
    struct config *config = load("queues:\n"
                                 "  a: &a { handler: { builtin: fail, times: 3 } }\n"
                                 "  b: *a\n");
    assert_int_equal(config_queue(config, "b")->handler.fail_times, 3);
    config_free(config);
}

static void variables_are_put_in_and_two_dollars_are_one(void **state)
{
    (void)state;
    assert_int_equal(setenv("NAVVY_TEST_WORD", "cat", 1), 0);
    assert_int_equal(setenv("NAVVY_TEST_EMPTY", "", 1), 0);
    struct config *config = load("queues: { '${q}': { handler: { exec: [\"${NAVVY_TEST_WORD}\", "
                                 "'$${A} $$ $', 'x${NAVVY_TEST_EMPTY}${NAVVY_TEST_WORD}y'] } } }");
    char **argv = config_queue(config, "${q}")->handler.exec; /* keys stay as they are */
    assert_string_equal(argv[0], "cat");
    assert_string_equal(argv[1], "${A} $$ $");
    assert_string_equal(argv[2], "xcaty");
    config_free(config);
}

static void a_section_that_is_all_comments_is_none(void **state)
{
    (void)state;
    struct config *config = load("pool:\n  #max: 3\nlog:\ndefaults:\n" ONE_QUEUE);
    assert_int_equal(config->pool_max, 16);
    config_free(config);
}

#define TOP                                                                                        \
    "allowed: redis, processes, recycle, pool, lease, shutdown_timeout, log, admin, middleware, "  \
    "traces, defaults, "                                                                           \
    "queues\n"
#define RETRY "allowed: max_attempts, backoff, base, factor, cap, jitter, delays\n"

static const struct {
    const char *text, *faults;
} bad[] = {
    /* keys */
    {"polo: 1\n" ONE_QUEUE, "F:1:1: polo: unknown key; did you mean \"pool\"? " TOP},
    {"concurrency: 1\n" ONE_QUEUE, "F:1:1: concurrency: unknown key; " TOP},
    {"queues:\n  email:\n    handler: { builtin: noop }\n    retry: { jiter: 20% }\n",
     "F:4:14: queues.email.retry.jiter: unknown key; did you mean \"jitter\"? " RETRY},
    {"queues: { q: { handler: { plugins: x } } }",
     "F:1:27: queues.q.handler.plugins: unknown key; did you mean \"plugin\"? allowed: builtin, "
     "exec, "
     "child, http, plugin, sleep, times, histogram, children, start_timeout, health, recycle, "
     "headers, "
     "ca_file, "
     "connect_timeout, options, answer_max, limits\n"},
    {"defaults: { retries: 1 }\n" ONE_QUEUE,
     "F:1:13: defaults.retries: unknown key; did you mean \"retry\"? allowed: handler, routes, "
     "timeout, "
     "kill_grace, concurrency, max_payload, result_ttl, retry, idempotency, log_level, dlq\n"},
    {"queues.q: 1\n" ONE_QUEUE, "F:1:1: queues.q: unknown key; did you mean \"queues\"? " TOP},
    {"pool.max: 1\n" ONE_QUEUE, "F:1:1: pool.max: unknown key; " TOP},
    {"\"a\\nb\": 1\n" ONE_QUEUE, "F:1:1: a?b: unknown key; " TOP},
    {"\"pool\\0x\": 1\n" ONE_QUEUE, "F:1:1: a key is a text with a NUL byte; a word is wanted\n"},
    {"? [a]\n: 1\nlease: 1s\n" ONE_QUEUE, "F:1:3: a key is a list; a word is wanted\n"},
    {"lease: 2s\nlease: 3s\n" ONE_QUEUE, "F:2:1: the key \"lease\" stands here twice\n"},
    {"queues:\n  q: { handler: { builtin: noop } }\n  q: { handler: { builtin: noop } }\n",
     "F:3:3: queues: the key \"q\" stands here twice\n"},

    /* kinds of nodes */
    {"just words", "F:1:1: is a single value; a mapping is wanted, as in { key: value }\n"},
    {"[a, b]", "F:1:1: is a list; a mapping is wanted, as in { key: value }\n"},
    {"pool: 3\n" ONE_QUEUE,
     "F:1:7: pool: is a single value; a mapping is wanted, as in { key: value }\n"},
    {"lease: [1s]\n" ONE_QUEUE, "F:1:8: lease: is a list; a single value is wanted\n"},
    {"lease: { a: b }\n" ONE_QUEUE, "F:1:8: lease: is a mapping; a single value is wanted\n"},
    {"lease: \"1\\0s\"\n" ONE_QUEUE, "F:1:8: lease: has a NUL byte in it\n"},
    {"queues: { q: { handler: { exec: cat } } }",
     "F:1:33: queues.q.handler.exec: is a single value; a list is wanted, as in [a, b]\n"},
    {"queues: { q: { handler: { exec: [[cat]] } } }",
     "F:1:34: queues.q.handler.exec: is a list; a single value is wanted\n"},
    {"queues: { q: noop }",
     "F:1:14: queues.q: is a single value; a mapping is wanted, as in { key: value }\n"},
    {"queues: [q]", "F:1:9: queues: is a list; a mapping is wanted, as in { key: value }\n"},
    {"defaults: 1\n" ONE_QUEUE,
     "F:1:11: defaults: is a single value; a mapping is wanted, as in { key: value }\n"},

    /* values */
    {"pool: { max: 1025 }\n" ONE_QUEUE,
     "F:1:14: pool.max: \"1025\" is not a whole number from 1 to 1024\n"},
    {"pool: { min: 3, max: 2 }\n" ONE_QUEUE,
     "F:1:22: pool.max: pool.min (3) is more than pool.max (2)\n"},
    {"pool: { min: 17 }\n" ONE_QUEUE,
     "F:1:14: pool.min: pool.min (17) is more than pool.max (16)\n"},
    {"pool: { min: 17, max: x }\n" ONE_QUEUE,
     "F:1:23: pool.max: \"x\" is not a whole number from 1 to 1024\n"},
    {"lease: 30\n" ONE_QUEUE, "F:1:8: lease: \"30\" is not a duration from 1s to 1h; write it like "
                              "250ms, 30s, 5m, 24h\n"},
    {"log: { level: loud }\n" ONE_QUEUE,
     "F:1:15: log.level: \"loud\" is not one of: error, warn, info, debug\n"},
    {"redis: { allow_eviction: yes }\n" ONE_QUEUE,
     "F:1:26: redis.allow_eviction: \"yes\" is neither true nor false\n"},
    {"redis: { url: 'rediss://h' }\n" ONE_QUEUE,
     "F:1:15: redis.url: rediss:// (TLS) is not supported yet; use redis:// or unix://\n"},
    {"defaults: { max_payload: 65MiB }\n" ONE_QUEUE,
     "F:1:26: defaults.max_payload: \"65MiB\" is not a size from 1B to 64MiB; write it like 64KiB, "
     "1MiB\n"},
    {"defaults: { retry: { factor: 0 } }\n" ONE_QUEUE,
     "F:1:30: defaults.retry.factor: \"0\" is not a number from 1 to 100\n"},
    {"defaults: { retry: { jitter: 20 } }\n" ONE_QUEUE,
     "F:1:30: defaults.retry.jitter: \"20\" is not none, full, or a percentage from 0% to 100%\n"},
    {"defaults: { retry: { delays: [] } }\n" ONE_QUEUE,
     "F:1:30: defaults.retry.delays: is an empty list\n"},
    {"defaults: { retry: { backoff: linear } }\n" ONE_QUEUE,
     "F:1:31: defaults.retry.backoff: \"linear\" is not one of: exponential, fixed\n"},

    /* what must hold in a queue */
    {"queues: { q: { routes: {} } }",
     "F:1:11: queues.q.handler: is missing; as in handler: { exec: "
     "[/usr/bin/program] }\n"},
    {"queues: { q: {} }", "F:1:11: queues.q.handler: is missing; as in handler: { exec: "
                          "[/usr/bin/program] }\n"},
    {"queues: { q: { handler: { builtin: noop, exec: [cat] } } }",
     "F:1:36: queues.q.handler: has both exec and builtin; leave one of them out\n"},
    {"queues: { q: { handler: {} } }",
     "F:1:25: queues.q.handler: says of no handler; one of builtin, exec, child, http, plugin is "
     "wanted\n"},
    {"queues: { q: { handler: { exec: [cat], children: 2, headers: ['A: b'] } } }",
     "F:1:50: queues.q.handler.children: is nothing that exec handlers have\n"
     "F:1:62: queues.q.handler.headers: is nothing that exec handlers have\n"},
    {"queues: { q: { handler: { child: [navvy-no-such] } } }",
     "F:1:34: queues.q.handler.child: \"navvy-no-such\" is not an executable program in PATH\n"},
    {"queues: { q: { handler: { http: ftp://h/ } } }",
     "F:1:33: queues.q.handler.http: is no URL that begins with http:// or https://\n"},
    {"queues: { q: { handler: { http: http://h/, headers: [\"A: b\\r\\nC: hush\"] } } }",
     "F:1:54: queues.q.handler.headers: this is not a header line, as in \"Name: value\"\n"},
    {"queues: { q: { routes: { a: { exec: [navvy-no-such] } } } }",
     "F:1:37: queues.q.routes.a.exec: \"navvy-no-such\" is not an executable program in PATH\n"},
    {"queues: { q: { routes: { a: { builtin: noop }, a: { builtin: noop } } } }",
     "F:1:48: queues.q.routes: the key \"a\" stands here twice\n"},
    {"queues: { q: { routes: { '': { builtin: noop } } } }",
     "F:1:26: queues.q.routes.: a type has 1 to 128 bytes\n"},
    {"queues: { q: { handler: { builtin: nop } } }",
     "F:1:36: queues.q.handler.builtin: \"nop\" is not one of: noop, echo, sleep, fail, bench\n"},
    {"queues: { q: { handler: { exec: [] } } }",
     "F:1:33: queues.q.handler.exec: is an empty list\n"},
    {"queues: { q: { handler: { exec: [navvy-no-such] } } }",
     "F:1:33: queues.q.handler.exec: \"navvy-no-such\" is not an executable program in PATH\n"},
    {"queues: { q: { handler: { exec: [''] } } }",
     "F:1:33: queues.q.handler.exec: \"\" is not an executable program in PATH\n"},
    {"queues: { q: { handler: { exec: [/etc/passwd] } } }",
     "F:1:33: queues.q.handler.exec: \"/etc/passwd\" is not an executable program\n"},
    {"queues: { q: { handler: { exec: [/usr/bin] } } }",
     "F:1:33: queues.q.handler.exec: \"/usr/bin\" is not an executable program\n"},
    {"queues: { q: { handler: { builtin: noop }, retry: { base: 2h } } }",
     "F:1:59: queues.q.retry.cap: 1h is shorter than retry.base, 2h\n"},
    {"queues: { q: { handler: { builtin: noop }, retry: { backoff: fixed, delays: [1s] } } }",
     "F:1:62: queues.q.retry.backoff: retry.delays says every wait already; leave one of them "
     "out\n"},
    {"defaults: { handler: { builtin: noop, times: 3 } }\n" ONE_QUEUE,
     "F:1:22: defaults.handler: each queue has a handler of its own\n"},
    {"queues: { 'a}b': { handler: { builtin: noop } } }",
     "F:1:11: queues.a}b: this queue name has a brace that makes no hash tag; use {tag} or no "
     "braces\n"},
    {"queues: { '': {} }", "F:1:11: queues.: this queue name is empty\n"},
    {"queues: {}", "F:1:9: queues: no queue; at least one is wanted\n"},
    {"queues:", "F:1:8: queues: no queue; at least one is wanted\n"},
    {"lease: 3s", "F: queues: no queue; at least one is wanted\n"},

    /* variables */
    {"lease: ${NAVVY_TEST_UNSET}\n" ONE_QUEUE,
     "F:1:8: lease: ${NAVVY_TEST_UNSET}: there is no such variable in the environment; write $${ "
     "for a plain ${\n"},
    {"lease: ${}\n" ONE_QUEUE, "F:1:8: lease: ${} is not the name of a variable; "
                               "write $${ for a plain ${\n"},
    {"lease: '${X'\n" ONE_QUEUE,
     "F:1:8: lease: ${ without its closing brace; write $${ for a plain ${\n"},
};

static void each_fault_is_said_with_its_place(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("NAVVY_TEST_UNSET"), 0);
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_faults(bad[i].text, bad[i].faults);
}

static void a_type_leads_to_its_route_and_any_other_to_the_handler(void **state)
{
    (void)state;
    struct config *config = load("queues:\n"
                                 "  a: { handler: { builtin: noop },\n"
                                 "       routes: { x.y: { exec: [cat], answer_max: 2KiB },\n"
                                 "                 X.Y: { http: 'http://h/' } } }\n"
                                 "  b: { routes: { x: { builtin: echo } } }\n");
    const struct queue_conf *a = config_queue(config, "a"), *b = config_queue(config, "b");
    const struct slice none = {NULL, 0};

    assert_ptr_equal(config_handler(a, none), &a->handler);
    assert_ptr_equal(config_handler(a, slice_of("")), &a->handler);
    assert_ptr_equal(config_handler(a, slice_of("x")), &a->handler);
    assert_int_equal(config_handler(a, slice_of("x.y"))->kind, HANDLER_EXEC);
    assert_int_equal(config_handler(a, slice_of("x.y"))->answer_bytes_max, 2048);
    assert_string_equal(config_handler(a, slice_of("X.Y"))->http, "http://h/");
    assert_int_equal(config_handler(a, slice_of("X.Y"))->answer_bytes_max, 65536);
    assert_int_equal(config_handler(b, slice_of("x"))->kind, HANDLER_BUILTIN);
    assert_null(config_handler(b, none));
    assert_null(config_handler(b, slice_of("y")));
    config_free(config);
}

static void a_copied_handler_is_equal_and_its_own(void **state)
{
    (void)state;
    static const char text[] = "queues: { q: { handler: { exec: [cat, x], limits: { folder: /, "
                               "env: [A, B] } }, routes: { t: { plugin: /p, options: o } } } }";
    struct config *config = load(text), *other = load(text);
    struct handler_conf copy, *from = &config->queues[0].handler;

    assert_true(handler_conf_copy(from, &copy));
    assert_ptr_not_equal(copy.exec[1], from->exec[1]);
    assert_ptr_not_equal(copy.limits.env[1], from->limits.env[1]);
    config_free(config);
    assert_true(handler_conf_equal(&copy, &other->queues[0].handler));
    copy.limits.env[1][0] = 'C';
    assert_false(handler_conf_equal(&copy, &other->queues[0].handler));
    handler_conf_free(&copy);
    assert_true(handler_conf_copy(&other->queues[0].routes[0], &copy));
    config_free(other);
    assert_string_equal(copy.plugin_options, "o");
    assert_string_equal(copy.type, "t");
    handler_conf_free(&copy);
}

static void all_faults_are_said_not_only_the_first(void **state)
{
    (void)state;
    assert_faults(
        "pool: { min: 3, max: 2 }\n"
        "lease: 0\n"
        "queues:\n"
        "  a: { timeout: x, kill_grace: y }\n"
        "  b: {}\n",
        "F:2:8: lease: \"0\" is not a duration from 1s to 1h; write it like 250ms, 30s, "
        "5m, 24h\n"
        "F:4:17: queues.a.timeout: \"x\" is not a duration from 0 to 7d; write it like "
        "250ms, 30s, 5m, 24h\n"
        "F:4:32: queues.a.kill_grace: \"y\" is not a duration from 0 to 1h; write it like "
        "250ms, 30s, 5m, 24h\n"
        "F:5:3: queues.b.handler: is missing; as in handler: { exec: [/usr/bin/program] "
        "}\n"
        "F:1:22: pool.max: pool.min (3) is more than pool.max (2)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_not_said_has_its_default, clean_environment),
        cmocka_unit_test_setup(what_is_said_arrives, clean_environment),
        cmocka_unit_test_setup(defaults_hold_for_queues_that_do_not_say_otherwise,
                               clean_environment),
        cmocka_unit_test_setup(an_alias_is_what_it_stands_for, clean_environment),
        cmocka_unit_test_setup(variables_are_put_in_and_two_dollars_are_one, clean_environment),
        cmocka_unit_test_setup(a_section_that_is_all_comments_is_none, clean_environment),
        cmocka_unit_test_setup(each_fault_is_said_with_its_place, clean_environment),
        cmocka_unit_test_setup(a_type_leads_to_its_route_and_any_other_to_the_handler,
                               clean_environment),
        cmocka_unit_test_setup(a_copied_handler_is_equal_and_its_own, clean_environment),
        cmocka_unit_test_setup(all_faults_are_said_not_only_the_first, clean_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
