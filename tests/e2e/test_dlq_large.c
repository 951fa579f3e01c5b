/* A dead-letter queue of 100,000: its causes, and tasks that go through all of it. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/books.h"
#include "tests/support/cli.h"
#include "tests/support/test.h"

enum { LARGE = 100000 };

static int start(void **state)
{
    static const char fill[] =
        "for i = 1, 100000 do redis.call('LPUSH', KEYS[1], 'navvy/1 claim=w-1-aa:' .. i .. "
        "' attempt=1 failed_at=' .. i .. ' reason=' .. (i % 4 == 0 and 'poison' or 'retries') .. "
        "' error=\"user ' .. i .. ' gone\"\\n{}') end "
        "redis.call('HINCRBY', KEYS[2], 'taken', 100000)";
    struct redis_server *server = *state = redis_server_start(NULL);
    redis_run(server, "EVAL %s 2 navvy:{q}:dlq navvy:{q}:meta", fill);
    return 0;
}

static int stop(void **state)
{
    redis_server_free(*state);
    return 0;
}

static void causes_are_counted_and_every_job_moves_once(void **state)
{
    struct redis_server *server = *state;
    json_t *groups = cli_json(server, 0, "dlq", "groups", "q", "--json");
    json_t *first = json_array_get(json_object_get(groups, "groups"), 0);
    assert_int_equal(json_int_at(groups, "total"), LARGE);
    assert_int_equal(json_int_at(first, "count"), LARGE / 4 * 3);
    assert_string_equal(json_text_at(first, "signature"), "user <n> gone");

    struct process *drop =
        cli_start(server, "dlq", "drop", "q", "--reason", "poison", "--limit", "1000", "--yes");
    cli_must(server, 0, "dlq", "retry", "q", "--signature", json_text_at(first, "signature"),
             "--yes");
    assert_int_equal(process_wait(drop, CLI_LIMIT_MS), 0);
    process_free(drop);
    json_decref(groups);
    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.ready + books.purged, LARGE);
    assert_in_range(books.purged, 1, 1000);
    assert_int_equal(books.dlq, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(causes_are_counted_and_every_job_moves_once, start, stop),
    };
    return cmocka_run_group_tests_name("dlq_large", tests, NULL, NULL);
}
