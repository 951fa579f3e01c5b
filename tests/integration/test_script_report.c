/* report: a worker says what it does, and hears what it was ordered. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define GONE "host-9-00000000000000ff"
#define LINE "{\"pid\":1}"

enum { OLD_MS = 3600000 };

static void report_words(struct script_call *call, const char *known, const char *line)
{
    call_start(call);
    call_key(call, KEY_WORKERS);
    call_key(call, KEY_CONTROL);
    call_key(call, KEY_STATUS);
    call_text(call, CALL_WORKER);
    call_text(call, known);
    call_text(call, line);
    call_int(call, OLD_MS);
}

static struct reply *report(struct script_call *call, const char *known, const char *line)
{
    report_words(call, known, line);
    return redis_good(call_run(call, SCRIPT_REPORT), __FILE__, __LINE__);
}

static void assert_word(const struct reply *reply, size_t i, const char *expected)
{
    struct slice text = reply_text(reply_at(reply, i));
    if (!slice_equal(text, slice_of(expected)))
        TEST_FAIL("word %zu is \"%.*s\", not \"%s\"", i, (int)text.len, text.ptr, expected);
}

static void the_status_is_written_and_the_version_answered(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s version 7", call_name(call, KEY_CONTROL));
    struct reply *reply = report(call, "7", LINE);
    assert_int_equal(reply_count(reply), 1);
    assert_word(reply, 0, "7");
    assert_redis_text(call->server, LINE, "HGET %s %s", call_name(call, KEY_STATUS), CALL_WORKER);
    client_reply_free(reply);
}

static void where_nothing_was_ever_ordered_the_version_is_0(void **state)
{
    struct reply *reply = report(*state, "0", "");
    assert_int_equal(reply_count(reply), 1);
    assert_word(reply, 0, "0");
    client_reply_free(reply);
}

static void who_knows_another_version_hears_all_orders(void **state)
{
    struct script_call *call = *state;
    const char *control = call_name(call, KEY_CONTROL);
    redis_run(call->server,
              "HSET %s version 3 concurrency 5 log_level debug worker:" CALL_WORKER " quiet",
              control);
    redis_run(call->server, "HSET %s cancel:a-1-f:1 %lld", control, (long long)call_now_ms(call));
    struct reply *reply = report(call, "2", "");
    assert_int_equal(reply_count(reply), 6);
    assert_word(reply, 0, "3");
    assert_word(reply, 1, "5");
    assert_word(reply, 2, "debug");
    assert_word(reply, 3, "quiet");
    assert_word(reply, 4, "a-1-f:1");
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_STATUS)), 0);
    client_reply_free(reply);
}

static void what_was_not_ordered_is_empty(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s version 1", call_name(call, KEY_CONTROL));
    struct reply *reply = report(call, "0", "");
    assert_int_equal(reply_count(reply), 4);
    assert_word(reply, 1, "");
    assert_word(reply, 3, "");
    client_reply_free(reply);
}

static void a_worker_without_a_lease_writes_no_status_and_still_hears(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s version 1", call_name(call, KEY_CONTROL));
    redis_run(call->server, "DEL %s", call_name(call, KEY_WORKERS));
    struct reply *reply = report(call, "0", LINE);
    assert_int_equal(reply_count(reply), 4);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_STATUS)), 0);
    client_reply_free(reply);
}

static void the_status_of_workers_that_are_gone_is_removed(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s " GONE " {}", call_name(call, KEY_STATUS));
    client_reply_free(report(call, "0", LINE));
    assert_int_equal(redis_int(call->server, "HLEN %s", call_name(call, KEY_STATUS)), 2);
    client_reply_free(report(call, "-1", LINE)); /* as it does when it starts */
    assert_int_equal(redis_int(call->server, "HLEN %s", call_name(call, KEY_STATUS)), 1);
}

static void orders_to_workers_that_are_gone_and_old_cancels_are_removed(void **state)
{
    struct script_call *call = *state;
    const char *control = call_name(call, KEY_CONTROL);
    redis_run(call->server, "HSET %s version 1 worker:" GONE " quiet cancel:a:1 5 cancel:a:2 %lld",
              control, (long long)call_now_ms(call));
    redis_run(call->server, "HSET %s cancel:a:3 rubbish", control);
    struct reply *reply = report(call, "0", "");
    assert_int_equal(reply_count(reply), 6);
    assert_word(reply, 4, "a:2");
    assert_int_equal(redis_int(call->server, "HLEN %s", control), 2);
    client_reply_free(reply);
}

static void arrange(struct script_call *call)
{
    redis_run(call->server, "HSET %s version 4 concurrency 2 worker:" GONE " stop",
              call_name(call, KEY_CONTROL));
    redis_run(call->server, "HSET %s " GONE " {}", call_name(call, KEY_STATUS));
}

static void words(struct script_call *call)
{
    report_words(call, "3", LINE);
}

static const struct script_case report_case = {SCRIPT_REPORT, arrange, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &report_case, 3);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &report_case);
}

static void a_full_redis_takes_it(void **state)
{
    assert_passes_when_full(*state, &report_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &report_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_status_is_written_and_the_version_answered),
        CASE(where_nothing_was_ever_ordered_the_version_is_0),
        CASE(who_knows_another_version_hears_all_orders),
        CASE(what_was_not_ordered_is_empty),
        CASE(a_worker_without_a_lease_writes_no_status_and_still_hears),
        CASE(the_status_of_workers_that_are_gone_is_removed),
        CASE(orders_to_workers_that_are_gone_and_old_cancels_are_removed),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_takes_it),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
