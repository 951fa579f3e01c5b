/* join: a lease for a new worker. */
#include "base/clock.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

static const char *store = "keys";

static void join_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_WORKERS);
    call_key_named(call, call->held);
    call_key(call, KEY_META);
    call_key(call, KEY_DEAD);
    call_text(call, CALL_WORKER);
    call_int(call, CALL_LEASE_MS);
    call_text(call, store);
}

static void it_gives_a_lease_from_now(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "FLUSHALL");
    for (int i = 0; i < 2; i++) { /* and again: the same lease */
        join_words(call);
        assert_int_equal(call_run_int(call, SCRIPT_JOIN), 1);
        int64_t until_ms =
            redis_int(call->server, "ZSCORE %s %s", call_name(call, KEY_WORKERS), CALL_WORKER);
        assert_in_range(until_ms - clock_wall_ms(), CALL_LEASE_MS - 10000, CALL_LEASE_MS);
        assert_int_equal(redis_int(call->server, "ZCARD %s", call_name(call, KEY_WORKERS)), 1);
    }
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.alive, 1);
}

static const struct script_case join_case = {SCRIPT_JOIN, NULL, join_words, true};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &join_case, 4);
}

static void a_full_redis_lets_a_worker_in_to_drain_it(void **state)
{
    struct script_call *call = *state;
    assert_passes_when_full(call, &join_case);
    assert_int_equal(redis_int(call->server, "ZCARD %s", call_name(call, KEY_WORKERS)), 1);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &join_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_gives_a_lease_from_now),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_full_redis_lets_a_worker_in_to_drain_it),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
