/* order: what an operator orders is written once, counted once, and written down. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define LINE "{\"what\":\"test\"}"

enum { LINES_MAX = 3, ORDERS_MAX = 5 };

static void order_words(struct script_call *call, const char *field, const char *value,
                        const char *worker)
{
    call_start(call);
    call_key(call, KEY_CONTROL);
    call_key(call, KEY_META);
    call_key(call, KEY_WORKERS);
    call_key(call, KEY_JOURNAL);
    call_text(call, field);
    call_text(call, value);
    call_text(call, worker);
    call_text(call, LINE);
    call_int(call, LINES_MAX);
    call_int(call, ORDERS_MAX);
}

/* Answers with that status and version. */
static void assert_order(struct script_call *call, const char *field, const char *value,
                         const char *status, int64_t version)
{
    order_words(call, field, value, "");
    struct reply *reply = redis_good(call_run(call, SCRIPT_ORDER), __FILE__, __LINE__);
    assert_status(reply, status);
    assert_int_equal(reply_int(reply_at(reply, 1)), version);
    client_reply_free(reply);
}

static void each_change_raises_the_version_and_is_written_down(void **state)
{
    struct script_call *call = *state;
    assert_order(call, "concurrency", "4", "ok", 1);
    assert_order(call, "log_level", "debug", "ok", 2);
    assert_redis_text(call->server, "4", "HGET %s concurrency", call_name(call, KEY_CONTROL));
    assert_redis_text(call->server, "debug", "HGET %s log_level", call_name(call, KEY_CONTROL));
    assert_int_equal(redis_int(call->server, "LLEN %s", call_name(call, KEY_JOURNAL)), 2);
    assert_redis_text(call->server, LINE, "LINDEX %s 0", call_name(call, KEY_JOURNAL));
}

static void what_is_so_already_changes_nothing(void **state)
{
    struct script_call *call = *state;
    assert_order(call, "concurrency", "4", "ok", 1);
    assert_order(call, "concurrency", "4", "same", 1);
    assert_order(call, "log_level", "", "same", 1);
    assert_int_equal(redis_int(call->server, "LLEN %s", call_name(call, KEY_JOURNAL)), 1);
}

static void an_order_is_taken_back(void **state)
{
    struct script_call *call = *state;
    assert_order(call, "concurrency", "4", "ok", 1);
    assert_order(call, "concurrency", "", "ok", 2);
    assert_int_equal(redis_int(call->server, "HLEN %s", call_name(call, KEY_CONTROL)), 1);
}

static void a_pause_stands_where_take_looks_for_it(void **state)
{
    struct script_call *call = *state;
    assert_order(call, "paused", "1", "ok", 1);
    assert_redis_text(call->server, "1", "HGET %s paused", call_name(call, KEY_META));
    assert_order(call, "paused", "", "ok", 2);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_META)), 0);
}

static void a_cancel_has_the_time_of_redis_and_keeps_it(void **state)
{
    struct script_call *call = *state;
    assert_order(call, "cancel:a:1", "now", "ok", 1);
    int64_t now_ms = call_now_ms(call);
    int64_t at_ms = redis_int(call->server, "HGET %s cancel:a:1", call_name(call, KEY_CONTROL));
    assert_in_range(at_ms, now_ms - 60000, now_ms);
    assert_order(call, "cancel:a:1", "now", "same", 1);
}

static void a_worker_must_be_there(void **state)
{
    struct script_call *call = *state;
    order_words(call, "worker:nobody", "quiet", "nobody");
    struct reply *reply = redis_good(call_run(call, SCRIPT_ORDER), __FILE__, __LINE__);
    assert_status(reply, "gone");
    client_reply_free(reply);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_CONTROL)), 0);

    order_words(call, "worker:" CALL_WORKER, "quiet", CALL_WORKER);
    reply = redis_good(call_run(call, SCRIPT_ORDER), __FILE__, __LINE__);
    assert_status(reply, "ok");
    client_reply_free(reply);
}

static void there_is_a_bound_on_orders_and_old_ones_can_still_be_changed(void **state)
{
    struct script_call *call = *state;
    assert_order(call, "concurrency", "1", "ok", 1);
    assert_order(call, "cancel:1", "now", "ok", 2);
    assert_order(call, "cancel:2", "now", "ok", 3);
    assert_order(call, "cancel:3", "now", "ok", 4); /* five fields with the version */
    assert_order(call, "cancel:4", "now", "many", 4);
    assert_order(call, "concurrency", "2", "ok", 5);
    assert_order(call, "paused", "1", "ok", 6);
    assert_order(call, "cancel:1", "", "ok", 7);
    assert_order(call, "cancel:4", "now", "ok", 8);
}

static void the_journal_has_an_end(void **state)
{
    struct script_call *call = *state;
    for (int i = 0; i < LINES_MAX + 2; i++)
        assert_order(call, "concurrency", i % 2 == 0 ? "1" : "2", "ok", i + 1);
    assert_int_equal(redis_int(call->server, "LLEN %s", call_name(call, KEY_JOURNAL)), LINES_MAX);
}

static void words(struct script_call *call)
{
    order_words(call, "concurrency", "4", CALL_WORKER);
}

static const struct script_case order_case = {SCRIPT_ORDER, NULL, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &order_case, 4);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &order_case);
}

static void a_full_redis_takes_it(void **state)
{
    assert_passes_when_full(*state, &order_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &order_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_change_raises_the_version_and_is_written_down),
        CASE(what_is_so_already_changes_nothing),
        CASE(an_order_is_taken_back),
        CASE(a_pause_stands_where_take_looks_for_it),
        CASE(a_cancel_has_the_time_of_redis_and_keeps_it),
        CASE(a_worker_must_be_there),
        CASE(there_is_a_bound_on_orders_and_old_ones_can_still_be_changed),
        CASE(the_journal_has_an_end),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_takes_it),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
