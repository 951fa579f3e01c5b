/* settle: what was held ends, is counted once, and nothing else is touched. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

enum { MANY = SCRIPT_ITEMS_MAX };

static void hold(struct script_call *call, int64_t first, int count)
{
    for (int i = 0; i < count; i++)
        redis_run(call->server, "HSET %s %lld x", call->held, (long long)first + i);
    redis_run(call->server, "HINCRBY %s taken %lld", call_name(call, KEY_META), (long long)count);
}

static int64_t settle(struct script_call *call, const char *counter, int64_t first, int count)
{
    call_start(call);
    call_key_named(call, call->held);
    call_key(call, KEY_META);
    call_text(call, counter);
    for (int i = 0; i < count; i++)
        call_int(call, first + i);
    return call_run_int(call, SCRIPT_SETTLE);
}

static void each_counter_gets_its_own(void **state)
{
    struct script_call *call = *state;
    hold(call, 1, 6);
    assert_int_equal(settle(call, "done", 1, 3), 3);
    assert_int_equal(settle(call, "duplicate", 4, 2), 2);
    assert_int_equal(settle(call, "expired", 6, 1), 1);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.done, 3);
    assert_int_equal(books.duplicate, 2);
    assert_int_equal(books.expired, 1);
    assert_int_equal(books.held, 0);
}

static void only_what_is_held_counts(void **state)
{
    struct script_call *call = *state;
    hold(call, 5, 2);
    assert_int_equal(settle(call, "done", 4, 4), 2);
    assert_int_equal(settle(call, "done", 4, 4), 0);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.done, 2);
}

static void of_nothing_nothing_is_written(void **state)
{
    struct script_call *call = *state;
    assert_int_equal(settle(call, "done", 1, 1), 0);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_META)), 0);
}

static void a_thousand_are_settled_at_once(void **state)
{
    struct script_call *call = *state;
    hold(call, 1, MANY);
    assert_int_equal(settle(call, "done", 1, MANY), MANY);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.done, MANY);
}

static void arrange(struct script_call *call)
{
    hold(call, 1, 3);
}

static void words(struct script_call *call)
{
    call_start(call);
    call_key_named(call, call->held);
    call_key(call, KEY_META);
    call_text(call, "done");
    call_int(call, 1);
    call_int(call, 3);
}

static const struct script_case settle_case = {SCRIPT_SETTLE, arrange, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &settle_case, 2);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &settle_case);
}

static void a_full_redis_settles(void **state)
{
    assert_passes_when_full(*state, &settle_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &settle_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_counter_gets_its_own),
        CASE(only_what_is_held_counts),
        CASE(of_nothing_nothing_is_written),
        CASE(a_thousand_are_settled_at_once),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_settles),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
