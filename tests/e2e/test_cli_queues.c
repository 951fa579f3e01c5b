/* navvy queues and workers: what is there, whose it is, and by which clock a lease ends. */
#include <stdio.h>
#include <string.h>

#include "tests/support/cli.h"
#include "tests/support/test.h"

static int start(void **state)
{
    *state = redis_server_start(NULL);
    return 0;
}

static int stop(void **state)
{
    redis_server_free(*state);
    return 0;
}

static int64_t server_now_ms(struct redis_server *server)
{
    struct reply *reply = redis_ask(server, "TIME");
    int64_t ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    client_reply_free(reply);
    return ms;
}

static void queues_that_redis_knows_are_found_and_sorted(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "HSET navvy:{mail}:meta taken 3 done 2 duplicate 1");
    redis_run(server, "HSET navvy:{t1}:bills:meta taken 0");
    redis_run(server, "HSET navvy:nobody:meta taken 0");
    redis_run(server, "RPUSH mail a b c");
    redis_run(server, "RPUSH navvy:{mail}:stage d");
    redis_run(server, "ZADD navvy:{mail}:scheduled 1 e");

    json_t *queues = cli_json(server, 0, "queues", "--json");
    assert_int_equal(json_array_size(queues), 2);
    const json_t *mail = json_array_get(queues, 0), *bills = json_array_get(queues, 1);
    assert_string_equal(json_text_at(mail, "queue"), "mail");
    assert_int_equal(json_int_at(mail, "waiting"), 4);
    assert_int_equal(json_int_at(mail, "scheduled"), 1);
    assert_int_equal(json_int_at(mail, "done"), 2);
    assert_int_equal(json_int_at(mail, "duplicate"), 1);
    assert_true(json_is_false(json_object_get(mail, "paused")));
    assert_string_equal(json_text_at(bills, "queue"), "{t1}:bills");
    json_decref(queues);
}

static void queues_of_the_configuration_come_first(void **state)
{
    struct redis_server *server = *state;
    struct folder folder;
    char path[FOLDER_FILE_MAX];

    folder_init(&folder);
    folder_write(&folder, "navvy.yaml", 0644,
                 "queues:\n  zebra: { handler: { builtin: noop } }\n"
                 "  ape: { handler: { builtin: noop } }\n");
    folder_file(&folder, "navvy.yaml", path);
    redis_run(server, "HSET navvy:{bee}:meta taken 0");

    struct cli run = cli_run(server, NULL, "queues", "--config", path);
    assert_int_equal(run.code, 0);
    assert_true(strstr(run.out, "\nzebra ") < strstr(run.out, "\nape "));
    assert_null(strstr(run.out, "bee"));
    cli_free(&run);
    run = cli_run(server, NULL, "queues", "--all", "--config", path);
    assert_non_null(strstr(run.out, "\nbee "));
    cli_free(&run);
    folder_fini(&folder);
}

static void a_worker_is_one_row_with_all_its_queues(void **state)
{
    struct redis_server *server = *state;
    char lease[32];
    snprintf(lease, sizeof(lease), "%lld", (long long)server_now_ms(server) + 20000);
    redis_run(server, "ZADD navvy:{a}:workers %s my-host-77-ab", lease);
    redis_run(server, "ZADD navvy:{b}:workers %s my-host-77-ab 1000 old-1-cd", lease);
    redis_run(server, "ZADD navvy:{b}:dead 1000 dead-2-ef");
    redis_run(server, "HSET navvy:{a}:held:my-host-77-ab 1 x 2 y");
    redis_run(server, "HSET navvy:{b}:held:my-host-77-ab 1 z");
    redis_run(server, "HSET navvy:{a}:meta taken 2");
    redis_run(server, "HSET navvy:{b}:meta taken 1");

    json_t *workers = cli_json(server, 0, "workers", "--json");
    assert_int_equal(json_array_size(workers), 3);
    const json_t *alive = json_array_get(workers, 0);
    assert_string_equal(json_text_at(alive, "worker"), "my-host-77-ab");
    assert_string_equal(json_text_at(alive, "host"), "my-host");
    assert_int_equal(json_int_at(alive, "pid"), 77);
    assert_string_equal(json_text_at(alive, "state"), "alive");
    assert_int_equal(json_int_at(alive, "held"), 3);
    assert_in_range(json_int_at(alive, "lease_ms"), 1, 20000);
    assert_int_equal(json_array_size(json_object_get(alive, "queues")), 2);
    assert_string_equal(json_text_at(json_array_get(workers, 1), "state"), "expired");
    assert_string_equal(json_text_at(json_array_get(workers, 2), "state"), "recovering");
    json_decref(workers);

    workers = cli_json(server, 0, "workers", "a", "--json");
    assert_int_equal(json_array_size(workers), 1);
    assert_int_equal(json_int_at(json_array_get(workers, 0), "held"), 2);
    json_decref(workers);
}

static void one_queue_that_cannot_be_read_hides_no_other(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "HSET navvy:{good}:meta taken 0");
    redis_run(server, "HSET navvy:{bad}:meta taken 0");
    redis_run(server, "SET bad text");
    struct cli run = cli_run(server, NULL, "queues");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.out, "\ngood "));
    cli_free(&run);
}

static void nothing_is_nothing(void **state)
{
    struct cli run = cli_run(*state, NULL, "queues", "--json");
    assert_int_equal(run.code, 0);
    assert_string_equal(run.out, "[]\n");
    cli_free(&run);
    run = cli_run(*state, NULL, "workers", "--json");
    assert_int_equal(run.code, 0);
    assert_string_equal(run.out, "[]\n");
    cli_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queues_that_redis_knows_are_found_and_sorted, start, stop),
        cmocka_unit_test_setup_teardown(queues_of_the_configuration_come_first, start, stop),
        cmocka_unit_test_setup_teardown(a_worker_is_one_row_with_all_its_queues, start, stop),
        cmocka_unit_test_setup_teardown(one_queue_that_cannot_be_read_hides_no_other, start, stop),
        cmocka_unit_test_setup_teardown(nothing_is_nothing, start, stop),
    };
    return cmocka_run_group_tests_name("cli_queues", tests, NULL, NULL);
}
