/* dlq_move, dlq_drop, dlq_add: what they promise as all scripts do, on each key, and the books. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

/* Newest left: d3 d2 d1 d2. Equal bytes are nobody's intention, but each is a job of its own. */
static void arrange(struct script_call *call)
{
    redis_run(call->server, "RPUSH %s d3 d2 d1 d2", call_name(call, KEY_DLQ));
    redis_run(call->server, "HSET %s taken 4 dead 4", call_name(call, KEY_META));
}

static void move_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_READY);
    call_key(call, KEY_META);
    call_text(call, "tail");
    call_text(call, "d1");
    call_text(call, "new d1");
    call_text(call, "absent");
    call_text(call, "new absent");
    call_text(call, "d3");
    call_text(call, "new d3");
}

static void drop_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_META);
    call_text(call, "head");
    call_text(call, "d3");
    call_text(call, "absent");
    call_text(call, "d1");
}

/* The same by place: the last, the first; -2 holds something else. */
static void move_by_place_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_READY);
    call_key(call, KEY_META);
    call_text(call, "tail MARK -1 -2 -4");
    call_text(call, "d2");
    call_text(call, "new d2");
    call_text(call, "absent");
    call_text(call, "new absent");
    call_text(call, "d3");
    call_text(call, "new d3");
}

static void drop_by_place_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_META);
    call_text(call, "head MARK -4 -1");
    call_text(call, "d3");
    call_text(call, "d2");
}

/* Others have come since the caller looked at an empty list. */
static void add_words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_META);
    call_text(call, "");
    call_text(call, "d2");
    call_text(call, "d4");
    call_text(call, "d5");
}

static void what_is_moved_waits_behind_what_came_back_before(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    redis_run(call->server, "LPUSH %s before", call_name(call, KEY_READY));
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
    move_words(call);
    assert_int_equal(call_run_int(call, SCRIPT_DLQ_MOVE), 2);
    assert_redis_text(call->server, "before", "LINDEX %s -1", call_name(call, KEY_READY));
    assert_redis_text(call->server, "new d1", "LINDEX %s -2", call_name(call, KEY_READY));
    assert_redis_text(call->server, "new d3", "LINDEX %s -3", call_name(call, KEY_READY));
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.dlq, 2);
}

static void what_is_dropped_is_counted_as_purged(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    drop_words(call);
    assert_int_equal(call_run_int(call, SCRIPT_DLQ_DROP), 2);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.dlq, 2);
    assert_int_equal(books.purged, 2);
}

static void of_equal_ones_one_goes_from_the_side_that_was_named(void **state)
{
    struct script_call *call = *state;
    static const struct {
        const char *side;
        int64_t index;
    } rows[] = {{"head", 1}, {"tail", 2}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_int_equal(call_reset(state), 0);
        arrange(call);
        call_start(call);
        call_key(call, KEY_DLQ);
        call_key(call, KEY_META);
        call_text(call, rows[i].side);
        call_text(call, "d2");
        assert_int_equal(call_run_int(call, SCRIPT_DLQ_DROP), 1);
        assert_redis_text(call->server, "d1", "LINDEX %s %lld", call_name(call, KEY_DLQ),
                          (long long)rows[i].index);
    }
}

static const struct script_case move_case = {SCRIPT_DLQ_MOVE, arrange, move_words, false};
static const struct script_case drop_case = {SCRIPT_DLQ_DROP, arrange, drop_words, false};
static const struct script_case move_by_place = {SCRIPT_DLQ_MOVE, arrange, move_by_place_words,
                                                 false};
static const struct script_case drop_by_place = {SCRIPT_DLQ_DROP, arrange, drop_by_place_words,
                                                 false};
static const struct script_case add_case = {SCRIPT_DLQ_ADD, arrange, add_words, false};

static const struct {
    const struct script_case *script;
    size_t keys;
} all[] = {
    {&move_case, 3}, {&drop_case, 2}, {&move_by_place, 3}, {&drop_by_place, 2}, {&add_case, 2}};

static void a_key_of_another_type_refuses_them_whole(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        assert_refuses_wrong_types(*state, all[i].script, all[i].keys);
}

static void a_replay_changes_nothing(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        assert_replay_is_harmless(*state, all[i].script);
}

static void a_full_redis_lets_them_leave_and_takes_nothing_in(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        if (all[i].script == &add_case)
            assert_refused_when_full(*state, all[i].script);
        else
            assert_passes_when_full(*state, all[i].script);
    }
}

static void a_replica_refuses_them_whole(void **state)
{
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        assert_refused_by_a_replica(*state, all[i].script);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_moved_waits_behind_what_came_back_before),
        CASE(what_is_dropped_is_counted_as_purged),
        CASE(of_equal_ones_one_goes_from_the_side_that_was_named),
        CASE(a_key_of_another_type_refuses_them_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_lets_them_leave_and_takes_nothing_in),
        CASE(a_replica_refuses_them_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
