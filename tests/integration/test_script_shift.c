/* shift: a delivery ends, and its job goes where it is told, with the bytes and the fingerprint
 * told. */
#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define FINGERPRINT "navvy:{jobs}:fp:1"
#define CLAIM CALL_WORKER ":1"

struct item {
    int64_t tag;
    const char *to, *counter;
    int64_t delay_ms;
    const char *bytes, *fingerprint;
};

static void hold(struct script_call *call, int64_t tag, const char *element)
{
    redis_run(call->server, "HSET %s %lld %s", call->held, (long long)tag, element);
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
}

static void shift_words(struct script_call *call, const struct item *items, size_t count)
{
    static const enum queue_key keys[] = {KEY_READY, KEY_RETRY, KEY_DLQ, KEY_META, KEY_CONTROL};

    call_start(call);
    call_key_named(call, call->held);
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        call_key(call, keys[i]);
    for (size_t i = 0; i < count; i++)
        call_key_named(call, strcmp(items[i].fingerprint, "keep") != 0 ? FINGERPRINT
                                                                       : call_name(call, KEY_META));
    call_text(call, "0");
    call_text(call, "");
    for (size_t i = 0; i < count; i++) {
        call_int(call, items[i].tag);
        call_text(call, items[i].to);
        call_text(call, items[i].counter);
        call_int(call, items[i].delay_ms);
        call_text(call, items[i].bytes);
        call_text(call, items[i].fingerprint);
        call_text(call, CLAIM);
    }
}

/* One item; whether it moved. */
static bool shift(struct script_call *call, const struct item *item)
{
    shift_words(call, item, 1);
    struct reply *reply = redis_good(call_run(call, SCRIPT_SHIFT), __FILE__, __LINE__);
    assert_int_equal(reply_count(reply), 1);
    bool moved = reply_int(reply_at(reply, 0)) == 1;
    client_reply_free(reply);
    return moved;
}

static void each_goes_where_it_is_told(void **state)
{
    struct script_call *call = *state;
    static const struct item items[] = {
        {1, "retry", "retried", 60000, "+navvy/1 attempt=1\na", "keep"},
        {2, "dlq", "dead", 0, "+navvy/1 reason=poison\nb", "keep"},
        {3, "ready", "released", 0, "=", "keep"},
        {4, "drop", "expired", 0, "=", "keep"},
        {5, "retry", "", 0, "+e", "keep"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(items); i++)
        hold(call, items[i].tag, "was");
    shift_words(call, items, ARRAY_COUNT(items));
    struct reply *reply = redis_good(call_run(call, SCRIPT_SHIFT), __FILE__, __LINE__);
    for (size_t i = 0; i < ARRAY_COUNT(items); i++)
        assert_int_equal(reply_int(reply_at(reply, i)), 1);
    client_reply_free(reply);

    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.held, 0);
    assert_int_equal(books.retry, 2);
    assert_int_equal(books.retried, 1);
    assert_int_equal(books.dead, 1);
    assert_int_equal(books.released, 1);
    assert_int_equal(books.expired, 1);
    assert_redis_text(call->server, "was", "LINDEX %s 0", call_name(call, KEY_READY));
    assert_redis_text(call->server, "navvy/1 reason=poison\nb", "LINDEX %s 0",
                      call_name(call, KEY_DLQ));
    struct slice record = slice_of("navvy/1 attempt=1\na");
    int64_t due_ms = redis_int(call->server, "ZSCORE %s %b", call_name(call, KEY_RETRY), &record);
    assert_in_range(due_ms - clock_wall_ms(), 50000, 60000);
}

static void what_is_given_back_is_next_in_line(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "RPUSH %s first", call_name(call, KEY_READY));
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
    hold(call, 1, "given");
    assert_true(shift(call, &(struct item){1, "ready", "released", 0, "=", "keep"}));
    assert_redis_text(call->server, "given", "LINDEX %s -1", call_name(call, KEY_READY));
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void what_is_not_held_moves_nowhere(void **state)
{
    struct script_call *call = *state;
    assert_false(shift(call, &(struct item){9, "retry", "retried", 0, "+x", "keep"}));
    assert_false(shift(call, &(struct item){9, "ready", "released", 0, "=", "keep"}));
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.retry + books.ready + books.retried + books.released, 0);
}

static void empty_bytes_stay_empty(void **state)
{
    struct script_call *call = *state;
    hold(call, 1, "was");
    assert_true(shift(call, &(struct item){1, "ready", "released", 0, "+", "keep"}));
    assert_redis_text(call->server, "", "LINDEX %s -1", call_name(call, KEY_READY));
}

static void the_fingerprint_is_kept_deleted_or_extended_by_its_holder_only(void **state)
{
    struct script_call *call = *state;
    static const struct {
        const char *holder, *how;
        int64_t ttl_min_ms, ttl_max_ms; /* afterwards; -2: gone */
    } rows[] = {
        {CLAIM, "keep", 4000, 5000},       {CLAIM, "delete", -2, -2},
        {CLAIM, "60000", 50000, 60000},    {CLAIM, "10", 4000, 5000}, /* never shortened */
        {"other:1", "delete", 4000, 5000}, {"other:1", "60000", 4000, 5000},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        hold(call, 1, "was");
        redis_run(call->server, "SET %s %s PX 5000", FINGERPRINT, rows[i].holder);
        assert_true(shift(call, &(struct item){1, "ready", "released", 0, "=", rows[i].how}));
        int64_t ttl_ms = redis_int(call->server, "PTTL %s", FINGERPRINT);
        if (ttl_ms < rows[i].ttl_min_ms || ttl_ms > rows[i].ttl_max_ms)
            TEST_FAIL("row %zu: it lives for %lld ms", i, (long long)ttl_ms);
    }
    hold(call, 1, "was");
    redis_run(call->server, "DEL %s", FINGERPRINT);
    assert_true(shift(call, &(struct item){1, "ready", "released", 0, "=", "60000"}));
    assert_int_equal(redis_int(call->server, "EXISTS %s", FINGERPRINT), 0);
}

static void a_fingerprint_of_another_type_stops_nobody(void **state)
{
    struct script_call *call = *state;
    static const struct item items[] = {
        {1, "retry", "retried", 0, "+a", "60000"},
        {2, "dlq", "dead", 0, "+b", "delete"},
    };
    hold(call, 1, "a");
    hold(call, 2, "b");
    redis_run(call->server, "LPUSH %s x", FINGERPRINT);
    shift_words(call, items, 2);
    client_reply_free(redis_good(call_run(call, SCRIPT_SHIFT), __FILE__, __LINE__));
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.held, 0);
}

static void a_hundred_go_at_once(void **state)
{
    struct script_call *call = *state;
    struct item items[100];
    char bytes[100][24];
    for (int i = 0; i < 100; i++) {
        hold(call, i, "was");
        snprintf(bytes[i], sizeof bytes[i], "+%d", i);
        items[i] = (struct item){i, "retry", "retried", 0, bytes[i], "keep"};
    }
    shift_words(call, items, 100);
    client_reply_free(redis_good(call_run(call, SCRIPT_SHIFT), __FILE__, __LINE__));
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.retry, 100);
}

static void arrange(struct script_call *call)
{
    hold(call, 1, "a");
    hold(call, 2, "b");
    hold(call, 3, "c");
    redis_run(call->server, "SET %s %s PX 5000", FINGERPRINT, CLAIM);
}

static void words(struct script_call *call)
{
    static const struct item items[] = {
        {1, "retry", "retried", 1000, "+navvy/1 attempt=1\na", "60000"},
        {2, "dlq", "dead", 0, "+navvy/1 reason=permanent\nb", "keep"},
        {3, "ready", "released", 0, "=", "keep"},
    };
    shift_words(call, items, ARRAY_COUNT(items));
}

static void a_job_that_is_dead_takes_the_order_to_cancel_it_along(void **state)
{
    struct script_call *call = *state;
    static const struct item dead = {1, "dlq", "dead", 0, "+navvy/1 reason=cancelled\nb", "keep"};
    static const struct item retry = {1, "retry", "retried", 0, "+a", "keep"};
    const char *control = call_name(call, KEY_CONTROL);

    redis_run(call->server, "HSET %s version 1 cancel:" CLAIM " 5", control);
    hold(call, 1, "was");
    assert_true(shift(call, &retry));
    assert_int_equal(redis_int(call->server, "HLEN %s", control), 2);
    assert_false(shift(call, &dead)); /* not held: not even that is touched */
    assert_int_equal(redis_int(call->server, "HLEN %s", control), 2);
    hold(call, 1, "was");
    assert_true(shift(call, &dead));
    assert_int_equal(redis_int(call->server, "HLEN %s", control), 1);
}

static void orders_of_another_type_stop_no_move(void **state)
{
    struct script_call *call = *state;
    static const struct item dead = {1, "dlq", "dead", 0, "+b", "keep"};
    redis_run(call->server, "SET %s text", call_name(call, KEY_CONTROL));
    hold(call, 1, "was");
    assert_true(shift(call, &dead));
}

static const struct script_case shift_case = {SCRIPT_SHIFT, arrange, words, true};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &shift_case, 5);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &shift_case);
}

static void a_full_redis_shifts(void **state)
{
    assert_passes_when_full(*state, &shift_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &shift_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_goes_where_it_is_told),
        CASE(a_job_that_is_dead_takes_the_order_to_cancel_it_along),
        CASE(orders_of_another_type_stop_no_move),
        CASE(what_is_given_back_is_next_in_line),
        CASE(what_is_not_held_moves_nowhere),
        CASE(empty_bytes_stay_empty),
        CASE(the_fingerprint_is_kept_deleted_or_extended_by_its_holder_only),
        CASE(a_fingerprint_of_another_type_stops_nobody),
        CASE(a_hundred_go_at_once),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_shifts),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
