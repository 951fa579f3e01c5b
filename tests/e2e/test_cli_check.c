/* navvy check and navvy run --check: a configuration is judged before anything is started. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli_rig.h"
#include "tests/support/test.h"

static struct folder folder;

static int start(void **state)
{
    (void)state;
    server = redis_server_start(NULL);
    folder_init(&folder);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    redis_server_free(server);
    folder_fini(&folder);
    return 0;
}

static const char *written(const char *name, const char *text)
{
    static char path[FOLDER_FILE_MAX];

    folder_write(&folder, name, 0644, text);
    return folder_file(&folder, name, path);
}

static const char good[] = "redis: { url: 'redis://bob:secret-word@localhost:6379/2' }\n"
                           "queues:\n"
                           "  email: { handler: { builtin: noop } }\n"
                           "  sms: { handler: { exec: [true] } }\n";
static const char bad[] = "queues:\n"
                          "  email:\n"
                          "    handler: { builtin: noop }\n"
                          "    retyr: { base: 1s }\n"
                          "    timeout: soon\n";

static void the_effective_configuration_loads_again(void **state)
{
    (void)state;
    struct cli first = cli_run(NULL, NULL, "check", "--config", written("good.yaml", good));
    assert_int_equal(first.code, 0);
    assert_string_equal(first.err, "");
    assert_says(first.out, "max_attempts: 10");
    assert_says(first.out, "email");
    assert_null(strstr(first.out, "secret-word"));
    assert_says(first.out, "********");

    struct cli second = cli_run(NULL, NULL, "check", "--config", written("again.yaml", first.out));
    assert_int_equal(second.code, 0);
    assert_string_equal(second.out, first.out);
    cli_free(&first);
    cli_free(&second);
}

static void every_fault_is_said_with_its_place(void **state)
{
    static const char *const verbs[] = {"check", "run"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
        struct cli run = cli_run(NULL, NULL, verbs[i], "--config", written("bad.yaml", bad));
        assert_int_equal(run.code, 1);
        assert_string_equal(run.out, "");
        assert_says(run.err, "bad.yaml:4:");
        assert_says(run.err, "bad.yaml:5:");
        assert_says(run.err, "retry");
        cli_free(&run);
    }
}

static void a_file_that_is_not_there_is_a_failure(void **state)
{
    static const char *const verbs[] = {"check", "run", "dev"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
        char dir[FOLDER_FILE_MAX + 8] = "--dir=";
        bool dev = strcmp(verbs[i], "dev") == 0;
        folder_file(&folder, "dev", dir + 6);
        const char *const words[] = {verbs[i], "--config=/nosuch.yaml", dev ? dir : NULL, NULL};
        struct cli run = cli_run_words(NULL, NULL, words);
        assert_int_equal(run.code, 1);
        assert_says(run.err, "/nosuch.yaml");
        cli_free(&run);
    }
}

static void run_check_says_that_it_is_fine_and_starts_nothing(void **state)
{
    (void)state;
    struct cli run = cli_run(NULL, NULL, "run", "--check", "--config", written("good.yaml", good));
    assert_int_equal(run.code, 0);
    assert_says(run.out, "good.yaml: fine, 2 queues");
    cli_free(&run);
}

static void run_without_a_configuration_says_where_to_get_one(void **state)
{
    static const char *const words[] = {"sh", "-c", "cd / && exec \"$0\" run", NAVVY_BIN, NULL};
    static const char *const env[] = {"NAVVY_CONFIG", NULL};
    (void)state;
    struct process *process = process_start(words, env, NULL);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 1);
    char *err = process_errors(process);
    assert_says(err, "navvy dev");
    free(err);
    process_free(process);
}

static void connect_tells_the_version_and_the_policy(void **state)
{
    (void)state;
    struct cli run = cli_run(server, NULL, "check", "--connect");
    assert_int_equal(run.code, 0);
    assert_says(run.err, " answers, maxmemory-policy noeviction");
    cli_free(&run);

    json_t *object = cli_json(server, 0, "check", "--connect", "--json");
    assert_true(json_is_true(json_object_get(object, "ok")));
    assert_string_equal(json_text_at(json_object_get(object, "redis"), "policy"), "noeviction");
    json_decref(object);
}

static void a_redis_that_evicts_is_refused_unless_allowed(void **state)
{
    (void)state;
    redis_run(server, "CONFIG SET maxmemory-policy allkeys-lru");
    struct cli run = cli_run(server, NULL, "check", "--connect");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "allkeys-lru");
    cli_free(&run);
    json_t *object = cli_json(server, 1, "check", "--connect", "--json");
    assert_true(json_is_false(json_object_get(object, "ok")));
    assert_int_equal(json_array_size(json_object_get(object, "faults")), 1);
    json_decref(object);
    cli_must(server, 0, "check", "--connect", "--config",
             written("lax.yaml", "redis: { allow_eviction: true }\n"
                                 "queues: { q: { handler: { builtin: noop } } }\n"));
    redis_run(server, "CONFIG SET maxmemory-policy noeviction");
}

static void a_redis_that_is_not_there_is_a_failure_with_its_address(void **state)
{
    (void)state;
    struct cli run = cli_run(NULL, NULL, "check", "--connect", "--redis=/nosuch.sock");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "/nosuch.sock");
    cli_free(&run);
}

static void json_lists_the_queues_or_the_faults(void **state)
{
    (void)state;
    json_t *object = cli_json(NULL, 0, "check", "--json", "--config", written("good.yaml", good));
    assert_int_equal(json_array_size(json_object_get(object, "queues")), 2);
    assert_int_equal(json_array_size(json_object_get(object, "faults")), 0);
    json_decref(object);
    object = cli_json(NULL, 1, "check", "--json", "--config", written("bad.yaml", bad));
    assert_true(json_is_false(json_object_get(object, "ok")));
    assert_true(json_array_size(json_object_get(object, "faults")) >= 2);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_effective_configuration_loads_again),
        cmocka_unit_test(every_fault_is_said_with_its_place),
        cmocka_unit_test(a_file_that_is_not_there_is_a_failure),
        cmocka_unit_test(run_check_says_that_it_is_fine_and_starts_nothing),
        cmocka_unit_test(run_without_a_configuration_says_where_to_get_one),
        cmocka_unit_test(connect_tells_the_version_and_the_policy),
        cmocka_unit_test(a_redis_that_evicts_is_refused_unless_allowed),
        cmocka_unit_test(a_redis_that_is_not_there_is_a_failure_with_its_address),
        cmocka_unit_test(json_lists_the_queues_or_the_faults),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
