/* navvy audit: the books as a person and as a program reads them, balanced, wrong and empty. */
#include <string.h>

#include "tests/support/cli.h"
#include "tests/support/test.h"

#define HELD "navvy:{q}:held:"

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

/* One of everything: taken 36. */
static void write_books(struct redis_server *server)
{
    redis_run(server, "RPUSH q a b");
    redis_run(server, "RPUSH navvy:{q}:stage c");
    redis_run(server, "RPUSH navvy:{q}:ready d e f");
    redis_run(server, "ZADD navvy:{q}:workers 99999999999999 w-1-a");
    redis_run(server, "ZADD navvy:{q}:dead 5 w-2-b");
    redis_run(server, "HSET " HELD "w-1-a 1 x 2 y");
    redis_run(server, "HSET " HELD "w-2-b 1 z");
    redis_run(server, "ZADD navvy:{q}:retry 1 r");
    redis_run(server, "ZADD navvy:{q}:scheduled 1 s 2 t");
    redis_run(server, "LPUSH navvy:{q}:dlq u");
    redis_run(server, "HSET navvy:{q}:meta taken 36 done 10 duplicate 7 purged 6 expired 5 dead 2");
}

static void json_has_every_figure(void **state)
{
    struct redis_server *server = *state;
    write_books(server);
    json_t *books = cli_json(server, 0, "audit", "q", "--json");
    static const struct {
        const char *key;
        int value;
    } want[] = {
        {"taken", 36},    {"done", 10},   {"duplicate", 7}, {"dead", 2}, {"expired", 5},
        {"purged", 6},    {"waiting", 6}, {"ready", 3},     {"held", 3}, {"retry", 1},
        {"scheduled", 2}, {"dlq", 1},     {"orphaned", 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(want); i++)
        if (json_int_at(books, want[i].key) != want[i].value)
            TEST_FAIL("%s is %lld", want[i].key, (long long)json_int_at(books, want[i].key));
    assert_string_equal(json_text_at(books, "queue"), "q");
    assert_true(json_is_true(json_object_get(books, "balanced")));
    json_decref(books);
}

static void text_says_that_they_balance(void **state)
{
    struct redis_server *server = *state;
    write_books(server);
    struct cli run = cli_run(server, NULL, "audit", "q");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "\nBALANCED\n"));
    assert_string_equal(run.err, "");
    cli_free(&run);
}

static void a_missing_job_is_said_and_counted(void **state)
{
    struct redis_server *server = *state;
    write_books(server);
    redis_run(server, "RPOP navvy:{q}:ready");
    struct cli run = cli_run(server, NULL, "audit", "q");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.out, "NOT BALANCED: 1 taken jobs are nowhere"));
    cli_free(&run);

    redis_run(server, "LPUSH navvy:{q}:ready 1 2 3");
    run = cli_run(server, NULL, "audit", "q");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.out, "NOT BALANCED: 2 more jobs than were ever taken"));
    cli_free(&run);
}

static void jobs_of_a_worker_that_nobody_knows_are_found(void **state)
{
    struct redis_server *server = *state;
    write_books(server);
    redis_run(server, "ZREM navvy:{q}:workers w-1-a");
    redis_run(server, "HSET navvy:{qq}:held:w-9-z 1 a"); /* of another queue */
    json_t *books = cli_json(server, 1, "audit", "q", "--json");
    assert_true(json_is_false(json_object_get(books, "balanced")));
    assert_int_equal(json_int_at(books, "held"), 1);
    assert_int_equal(json_int_at(books, "orphaned"), 2);
    json_decref(books);
}

static void a_pattern_in_the_name_is_a_name(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "HSET navvy:{[a-z]*}:held:w-1-a 1 x");
    redis_run(server, "HSET navvy:{b}:held:w-1-a 1 x");
    redis_run(server, "HSET navvy:{[a-z]*}:meta taken 1");
    json_t *books = cli_json(server, 1, "audit", "[a-z]*", "--json");
    assert_int_equal(json_int_at(books, "orphaned"), 1);
    json_decref(books);
}

static void a_queue_that_never_was_balances(void **state)
{
    struct cli run = cli_run(*state, NULL, "audit", "nobody", "--json");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "\"balanced\":true,\"taken\":0"));
    assert_non_null(strstr(run.err, "there is nothing in queue nobody"));
    cli_free(&run);
}

static void what_cannot_be_read_fails(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "SET q text");
    cli_must(server, 1, "audit", "q");
    cli_must(server, 2, "audit", "x{}y");
    cli_must(server, 2, "audit");
    redis_server_kill(server);
    cli_must(server, 1, "audit", "q");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_has_every_figure, start, stop),
        cmocka_unit_test_setup_teardown(text_says_that_they_balance, start, stop),
        cmocka_unit_test_setup_teardown(a_missing_job_is_said_and_counted, start, stop),
        cmocka_unit_test_setup_teardown(jobs_of_a_worker_that_nobody_knows_are_found, start, stop),
        cmocka_unit_test_setup_teardown(a_pattern_in_the_name_is_a_name, start, stop),
        cmocka_unit_test_setup_teardown(a_queue_that_never_was_balances, start, stop),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_fails, start, stop),
    };
    return cmocka_run_group_tests_name("cli_audit", tests, NULL, NULL);
}
