/* shift and recover, where results are kept: who moves a job on says what became of it, and who
 * does not hold it says nothing. */
#include "base/clock.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define RESULT "navvy:{jobs}:result:order-"
#define CLAIM CALL_WORKER ":1"

enum { TTL_MS = 60000 };

struct item {
    const char *tag, *to, *counter, *bytes, *key, *state, *error, *reason;
};

static void hold(struct script_call *call, const char *tag)
{
    redis_run(call->server, "HSET %s %s was", call->held, tag);
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
}

/* --- shift -------------------------------------------------------------------------------- */

static void shift_words(struct script_call *call, const struct item *items, size_t count)
{
    static const enum queue_key keys[] = {KEY_READY, KEY_RETRY, KEY_DLQ, KEY_META, KEY_CONTROL};

    call_start(call);
    call_key_named(call, call->held);
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        call_key(call, keys[i]);
    for (size_t i = 0; i < count; i++)
        call_key(call, KEY_META);
    for (size_t i = 0; i < count; i++)
        call_key_named(call, items[i].key);
    call_int(call, TTL_MS);
    call_text(call, "");
    for (size_t i = 0; i < count; i++) {
        const char *const words[] = {
            items[i].tag,   items[i].to, items[i].counter, "0", items[i].bytes,
            "keep",         CLAIM,       items[i].state,   "2", items[i].error,
            items[i].reason};
        for (size_t j = 0; j < ARRAY_COUNT(words); j++)
            call_text(call, words[j]);
    }
}

static void shift(struct script_call *call, const struct item *items, size_t count)
{
    shift_words(call, items, count);
    struct reply *reply = redis_good(call_run(call, SCRIPT_SHIFT), __FILE__, __LINE__);
    assert_int_equal(reply_count(reply), count);
    client_reply_free(reply);
}

static void assert_result(struct script_call *call, const struct item *item)
{
    assert_redis_text(call->server, item->state, "HGET %s state", item->key);
    assert_redis_text(call->server, item->error, "HGET %s error", item->key);
    assert_redis_text(call->server, item->reason, "HGET %s reason", item->key);
    assert_redis_text(call->server, "2", "HGET %s attempt", item->key);
    assert_redis_text(call->server, CLAIM, "HGET %s claim", item->key);
    assert_in_range(redis_int(call->server, "PTTL %s", item->key), TTL_MS - 10000, TTL_MS);
}

static void each_way_of_moving_on_is_told(void **state)
{
    struct script_call *call = *state;
    static const struct item items[] = {
        {"1", "retry", "retried", "+1", RESULT "1", "retrying", "down", ""},
        {"2", "retry", "", "+2", RESULT "2", "snoozed", "", ""},
        {"3", "dlq", "dead", "+3", RESULT "3", "dead", "gone", "permanent"},
        {"4", "drop", "expired", "+4", RESULT "4", "expired", "", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(items); i++)
        hold(call, items[i].tag);
    redis_run(call->server, "HSET " RESULT "3 state running percent 40 result old");
    shift(call, items, ARRAY_COUNT(items));
    for (size_t i = 0; i < ARRAY_COUNT(items); i++)
        assert_result(call, &items[i]);
    assert_int_equal(redis_int(call->server, "HEXISTS " RESULT "3 percent"), 0);
    assert_int_equal(redis_int(call->server, "HEXISTS " RESULT "3 result"), 0);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.retry, 2);
}

static void what_is_not_held_is_not_told(void **state)
{
    struct script_call *call = *state;
    static const struct item item = {"9",        "dlq",  "dead", "+5",
                                     RESULT "1", "dead", "x",    "permanent"};
    shift(call, &item, 1);
    assert_int_equal(redis_int(call->server, "EXISTS " RESULT "1"), 0);
}

static void what_is_given_back_leaves_its_result_alone(void **state)
{
    struct script_call *call = *state;
    static const struct item item = {"1", "ready", "released", "+6", RESULT "1", "", "", ""};
    hold(call, "1");
    redis_run(call->server, "HSET " RESULT "1 state running percent 40");
    shift(call, &item, 1);
    assert_redis_text(call->server, "40", "HGET " RESULT "1 percent");
    assert_int_equal(redis_int(call->server, "HLEN " RESULT "1"), 2);
}

static void a_result_of_another_type_stops_no_move(void **state)
{
    struct script_call *call = *state;
    static const struct item item = {"1",        "dlq",  "dead", "+7",
                                     RESULT "1", "dead", "x",    "permanent"};
    hold(call, "1");
    redis_run(call->server, "SET " RESULT "1 text");
    shift(call, &item, 1);
    assert_redis_text(call->server, "text", "GET " RESULT "1");
    assert_int_equal(assert_books_balance(call->server, CALL_QUEUE).dlq, 1);
}

/* --- recover ------------------------------------------------------------------------------ */

/* One job goes on, one is poison. */
static void recover(struct script_call *call)
{
    static const enum queue_key after[] = {KEY_READY,  KEY_DLQ,     KEY_META,
                                           KEY_STATUS, KEY_CONTROL, KEY_META};
    static const char *const words[] = {CALL_WORKER, "1", "60000", "1",  "ready", "+a", "",    "0",
                                        "",          "2", "dlq",   "+b", CLAIM,   "2",  "died"};
    call_start(call);
    call_key(call, KEY_WORKERS);
    call_key(call, KEY_DEAD);
    call_key_named(call, call->held);
    for (size_t i = 0; i < ARRAY_COUNT(after); i++)
        call_key(call, after[i]);
    call_key_named(call, RESULT "2");
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        call_text(call, words[i]);
    client_reply_free(redis_good(call_run(call, SCRIPT_RECOVER), __FILE__, __LINE__));
}

static void poison_is_told_and_what_goes_on_is_not(void **state)
{
    struct script_call *call = *state;
    static const struct item dead = {"2", "", "", "", RESULT "2", "dead", "died", "poison"};
    hold(call, "1");
    hold(call, "2");
    redis_run(call->server, "HSET " RESULT "2 state running percent 40");
    recover(call);
    assert_result(call, &dead);
    assert_int_equal(redis_int(call->server, "HEXISTS " RESULT "2 percent"), 0);
    assert_int_equal(redis_int(call->server, "HEXISTS %s state", call_name(call, KEY_META)), 0);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.dlq, 1);
    assert_int_equal(books.ready, 1);
}

static void whose_job_has_moved_already_tells_nothing(void **state)
{
    struct script_call *call = *state;
    hold(call, "1");
    recover(call);
    assert_int_equal(redis_int(call->server, "EXISTS " RESULT "2"), 0);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_way_of_moving_on_is_told),
        CASE(what_is_not_held_is_not_told),
        CASE(what_is_given_back_leaves_its_result_alone),
        CASE(a_result_of_another_type_stops_no_move),
        CASE(poison_is_told_and_what_goes_on_is_not),
        CASE(whose_job_has_moved_already_tells_nothing),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
