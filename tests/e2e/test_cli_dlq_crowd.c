/* navvy dlq with many dead jobs, and with others at the same list at the same time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/books.h"
#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/proxy.h"
#include "tests/support/test.h"

enum { MANY = 20000, SOME = 3000 };

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

/* "q: 17 dead jobs retried" */
static long moved_by(struct process *process)
{
    assert_int_equal(process_wait(process, CLI_LIMIT_MS), 0);
    char *out = process_output(process);
    long moved = strncmp(out, "q: ", 3) == 0 ? strtol(out + 3, NULL, 10) : -1;
    free(out);
    process_free(process);
    return moved;
}

static void two_retries_at_once_move_each_job_once(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", MANY);
    struct process *one = cli_start(server, "dlq", "retry", "q", "--all", "--yes");
    struct process *two = cli_start(server, "dlq", "retry", "q", "--all", "--yes");
    long moved_one = moved_by(one), moved_two = moved_by(two);
    assert_int_equal(moved_one + moved_two, MANY);

    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.ready, MANY);
    assert_int_equal(books.dlq, 0);
    assert_int_equal(books.twice, 0);
}

static void sweeps_with_other_filters_miss_nothing(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", MANY);
    struct process *retry = cli_start(server, "dlq", "retry", "q", "--reason", "poison", "--yes");
    struct process *drop = cli_start(server, "dlq", "drop", "q", "--reason", "retries", "--yes");
    struct process *both = cli_start(server, "dlq", "drop", "q", "--error", "status 4", "--yes");
    long moved = moved_by(retry) + moved_by(drop) + moved_by(both);

    /* 10 of 15 are poison or retries; of the other 5 one has status 4. */
    const int left = MANY - MANY / 15 * 11 - 4; /* 20000 = 15 x 1333 + 5, and of the 5 four go */
    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.dlq, left);
    assert_int_equal(moved, MANY - left);
    assert_int_equal(books.ready + books.purged, moved);
    json_t *none = cli_json(server, 0, "dlq", "list", "q", "--json", "--reason", "poison");
    assert_int_equal(json_array_size(none), 0);
    json_decref(none);
}

/* What was read is not at its place any more, and no read follows that would see it. */
static void what_goes_before_the_last_call_hides_nothing(void **state)
{
    struct redis_server *server = *state;
    struct proxy *proxy = proxy_start(server);
    dead_letters_fill(server, "q", 10);
    proxy_break(proxy, "dlq_move", 1, PROXY_HOLD_REQUEST);
    struct process *retry =
        cli_start(NULL, "dlq", "retry", "q", "--all", "--yes", "--redis", proxy_url(proxy));
    EVENTUALLY(proxy_broke(proxy), TEST_LIMIT_MS);
    cli_must(server, 0, "dlq", "drop", "q", DEAD_LETTER_WORKER ":0", "--yes");
    proxy_release(proxy);
    assert_int_equal(moved_by(retry), 9);

    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.ready, 9);
    assert_int_equal(books.purged, 1);
    assert_int_equal(books.dlq, 0);
    proxy_free(proxy);
}

/* A worker that fails everything at once: what comes to `ready` is dead again, as the newest. */
static void what_dies_again_meanwhile_is_not_retried_twice(void **state)
{
    struct redis_server *server = *state;
    long died = 0;
    dead_letters_fill(server, "q", SOME);
    struct process *retry = cli_start(server, "dlq", "retry", "q", "--all", "--yes");
    while (!process_ended(retry)) {
        char *bytes = redis_text(server, "LMOVE navvy:{q}:ready navvy:{q}:dlq RIGHT LEFT");
        died += bytes != NULL;
        free(bytes);
    }
    long moved = moved_by(retry);
    assert_int_equal(moved, SOME);
    assert_true(died > 0); /* else this shows nothing */
    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.ready + books.dlq, SOME);
    assert_int_equal(books.dlq, died);
}

static void every_third_of_many_goes(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", MANY);
    struct process *retry = cli_start(server, "dlq", "retry", "q", "--reason", "poison", "--yes");
    assert_int_equal(moved_by(retry), MANY / 3);
    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.ready, MANY / 3);

    /* The order of those that stay is what it was. */
    json_t *jobs = cli_json(server, 0, "dlq", "list", "q", "--json", "--limit", "100000");
    assert_int_equal(json_array_size(jobs), MANY - MANY / 3);
    for (size_t i = 1; i < json_array_size(jobs); i++)
        assert_true(json_int_at(json_array_get(jobs, i - 1), "failed_at_ms") >
                    json_int_at(json_array_get(jobs, i), "failed_at_ms"));
    json_decref(jobs);
}

static void large_payloads_are_carried_whole(void **state)
{
    struct redis_server *server = *state;
    const size_t len = 1 << 20;
    char *payload = malloc(len);
    assert_non_null(payload);
    memset(payload, 'x', len);
    for (int i = 0; i < 40; i++)
        dead_letter_push(server, "q", i, "retries", "e", (struct slice){payload, len}, 0);
    free(payload);
    struct process *retry = cli_start(server, "dlq", "retry", "q", "--all", "--yes");
    assert_int_equal(moved_by(retry), 40);
    assert_true((size_t)redis_int(server, "MEMORY USAGE navvy:{q}:ready SAMPLES 0") > 40 * len);
    assert_books_balance(server, "q");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_retries_at_once_move_each_job_once, start, stop),
        cmocka_unit_test_setup_teardown(sweeps_with_other_filters_miss_nothing, start, stop),
        cmocka_unit_test_setup_teardown(what_goes_before_the_last_call_hides_nothing, start, stop),
        cmocka_unit_test_setup_teardown(what_dies_again_meanwhile_is_not_retried_twice, start,
                                        stop),
        cmocka_unit_test_setup_teardown(every_third_of_many_goes, start, stop),
        cmocka_unit_test_setup_teardown(large_payloads_are_carried_whole, start, stop),
    };
    return cmocka_run_group_tests_name("cli_dlq_crowd", tests, NULL, NULL);
}
