/* leave: who holds nothing may go, and leaves nothing behind. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

static void words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_WORKERS);
    call_key_named(call, call->held);
    call_key(call, KEY_META);
    call_key(call, KEY_STATUS);
    call_key(call, KEY_CONTROL);
    call_text(call, CALL_WORKER);
}

static void arrange(struct script_call *call)
{
    redis_run(call->server, "HSET %s next:" CALL_WORKER " 17", call_name(call, KEY_META));
    redis_run(call->server, "HSET %s " CALL_WORKER " {}", call_name(call, KEY_STATUS));
    redis_run(call->server, "HSET %s worker:" CALL_WORKER " quiet", call_name(call, KEY_CONTROL));
}

static void it_takes_the_lease_and_all_about_the_worker_away(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    words(call);
    assert_int_equal(call_run_int(call, SCRIPT_LEAVE), 0);
    assert_int_equal(redis_int(call->server, "DBSIZE"), 0);
}

static void who_still_holds_jobs_stays(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s 1 a 2 b", call->held);
    redis_run(call->server, "HSET %s taken 2", call_name(call, KEY_META));
    words(call);
    assert_int_equal(call_run_int(call, SCRIPT_LEAVE), 2);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.alive, 1);
    assert_int_equal(books.held, 2);
}

static void what_is_for_people_may_be_of_any_type(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "SET %s text", call_name(call, KEY_STATUS));
    redis_run(call->server, "SET %s text", call_name(call, KEY_CONTROL));
    words(call);
    assert_int_equal(call_run_int(call, SCRIPT_LEAVE), 0);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_WORKERS)), 0);
}

static const struct script_case leave_case = {SCRIPT_LEAVE, arrange, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &leave_case, 3);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &leave_case);
}

static void a_full_redis_lets_go(void **state)
{
    assert_passes_when_full(*state, &leave_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &leave_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_takes_the_lease_and_all_about_the_worker_away),
        CASE(who_still_holds_jobs_stays),
        CASE(what_is_for_people_may_be_of_any_type),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_lets_go),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
