/* take: what goes where, in which order, up to which bounds, and when nothing goes at all. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

static struct limits {
    int64_t element_max, dlq_max, answer_max;
} limits;

static int reset(void **state)
{
    limits = (struct limits){1000, 0, 1 << 20};
    return call_reset(state);
}

static void take_words(struct script_call *call, int64_t first, int64_t n)
{
    call_start(call);
    call_key(call, KEY_QUEUE);
    call_key(call, KEY_STAGE);
    call_key(call, KEY_READY);
    call_key_named(call, call->held);
    call_key(call, KEY_WORKERS);
    call_key(call, KEY_RETRY);
    call_key(call, KEY_SCHEDULED);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_META);
    call_text(call, CALL_WORKER);
    call_int(call, first);
    call_int(call, n);
    call_int(call, limits.element_max);
    call_int(call, limits.dlq_max);
    call_int(call, limits.answer_max);
    call_text(call, "navvy/1 claim=" CALL_WORKER ":");
    call_text(call, " reason=oversize\n");
}

static struct reply *take(struct script_call *call, int64_t first, int64_t n)
{
    take_words(call, first, n);
    return redis_good(call_run(call, SCRIPT_TAKE), __FILE__, __LINE__);
}

/* Takes, and joins what came with commas; yours. */
static char *taken(struct script_call *call, int64_t first, int64_t n)
{
    struct buf text = {0};
    struct reply *reply = take(call, first, n);

    assert_status(reply, "ok");
    buf_append(&text, "", 0);
    for (size_t i = 3; i < reply_count(reply); i++) {
        buf_append_str(&text, i > 3 ? "," : "");
        buf_append_slice(&text, reply_text(reply_at(reply, i)));
    }
    buf_append(&text, "", 1);
    client_reply_free(reply);
    (void)assert_books_balance(call->server, CALL_QUEUE);
    return text.data;
}

#define assert_taken(call, first, n, expected)                                                     \
    do {                                                                                           \
        char *taken_ = taken(call, first, n);                                                      \
        assert_string_equal(taken_, expected);                                                     \
        free(taken_);                                                                              \
    } while (0)

static void push(struct script_call *call, enum queue_key list, const char *element)
{
    redis_run(call->server, "LPUSH %s %s", call_name(call, list), element);
    if (list == KEY_READY)
        redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
}

/* ---- moves ---- */

static void the_oldest_go_first_and_are_held_by_their_tags(void **state)
{
    struct script_call *call = *state;
    push(call, KEY_QUEUE, "a");
    push(call, KEY_QUEUE, "b");
    push(call, KEY_QUEUE, "c");
    assert_taken(call, 7, 2, "a,b");
    assert_redis_text(call->server, "a", "HGET %s 7", call->held);
    assert_redis_text(call->server, "b", "HGET %s 8", call->held);
    assert_int_equal(redis_int(call->server, "HLEN %s", call->held), 2);
    assert_int_equal(redis_int(call->server, "LLEN %s", CALL_QUEUE), 1);
}

static void stage_goes_before_the_queue(void **state)
{
    struct script_call *call = *state;
    push(call, KEY_QUEUE, "q");
    push(call, KEY_STAGE, "s1");
    push(call, KEY_STAGE, "s2");
    assert_taken(call, 1, 9, "s1,s2,q");
}

static void jobs_that_come_back_get_half_while_fresh_ones_wait(void **state)
{
    struct script_call *call = *state;
    static const char *const names[] = {"1", "2", "3", "4", "5", "6"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        push(call, KEY_READY, names[i]);
        push(call, i % 2 ? KEY_QUEUE : KEY_STAGE, "f");
    }
    assert_taken(call, 1, 4, "1,2,f,f");
    assert_taken(call, 5, 1, "3"); /* of single ones each side gets every other */
    assert_taken(call, 6, 1, "f");
    assert_taken(call, 7, 5, "4,5,6,f,f");
    assert_taken(call, 12, 5, "f");
    assert_taken(call, 17, 5, "");
}

static void staged_jobs_are_fresh_too(void **state)
{
    struct script_call *call = *state;
    for (int i = 0; i < 4; i++) {
        push(call, KEY_READY, "r");
        push(call, KEY_STAGE, "s");
    }
    assert_taken(call, 1, 4, "r,r,s,s");
}

static void jobs_that_come_back_get_all_that_fresh_ones_leave(void **state)
{
    struct script_call *call = *state;
    push(call, KEY_READY, "r1");
    push(call, KEY_READY, "r2");
    push(call, KEY_READY, "r3");
    push(call, KEY_QUEUE, "f");
    assert_taken(call, 2, 4, "r1,r2,r3,f");
}

static void what_is_due_is_promoted_and_the_rest_tells_when(void **state)
{
    struct script_call *call = *state;
    int64_t now_ms = clock_wall_ms(); /* the same machine's clock */
    redis_run(call->server, "ZADD %s 1 r1 2 r2", call_name(call, KEY_RETRY));
    redis_run(call->server, "ZADD %s %lld later", call_name(call, KEY_RETRY),
              (long long)now_ms + 90000);
    redis_run(call->server, "HINCRBY %s taken 3", call_name(call, KEY_META));
    redis_run(call->server, "ZADD %s 1 s1", call_name(call, KEY_SCHEDULED));
    redis_run(call->server, "ZADD %s %lld soon", call_name(call, KEY_SCHEDULED),
              (long long)now_ms + 60000);

    struct reply *reply = take(call, 1, 0); /* promotes only */
    assert_status(reply, "ok");
    assert_in_range(reply_int(reply_at(reply, 1)), 50000, 60000);
    assert_int_equal(reply_int(reply_at(reply, 2)), 3);
    assert_int_equal(reply_count(reply), 3);
    client_reply_free(reply);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.ready, 2);
    assert_int_equal(books.stage, 1);
    assert_int_equal(books.retry, 1);
    assert_int_equal(books.scheduled, 1);
    assert_taken(call, 1, 9, "r1,r2,s1");
}

static void the_sooner_of_retry_and_scheduled_counts(void **state)
{
    struct script_call *call = *state;
    static const enum queue_key sooner[] = {KEY_RETRY, KEY_SCHEDULED};
    for (size_t i = 0; i < ARRAY_COUNT(sooner); i++) {
        int64_t now_ms = clock_wall_ms();
        redis_run(call->server, "DEL %s %s", call_name(call, sooner[0]),
                  call_name(call, sooner[1]));
        redis_run(call->server, "ZADD %s %lld a", call_name(call, sooner[i]),
                  (long long)now_ms + 60000);
        redis_run(call->server, "ZADD %s %lld b", call_name(call, sooner[1 - i]),
                  (long long)now_ms + 90000);
        struct reply *reply = take(call, 1, 0);
        assert_in_range(reply_int(reply_at(reply, 1)), 50000, 60000);
        client_reply_free(reply);
    }
}

static void at_most_200_are_promoted_at_once_and_the_rest_is_due_now(void **state)
{
    struct script_call *call = *state;
    for (int i = 0; i < 201; i++)
        redis_run(call->server, "ZADD %s 1 %lld", call_name(call, KEY_SCHEDULED), (long long)i);
    struct reply *reply = take(call, 1, 0);
    assert_int_equal(reply_int(reply_at(reply, 1)), 0);
    assert_int_equal(reply_int(reply_at(reply, 2)), 200);
    client_reply_free(reply);
    reply = take(call, 1, 0);
    assert_int_equal(reply_int(reply_at(reply, 1)), -1);
    assert_int_equal(reply_int(reply_at(reply, 2)), 201);
    client_reply_free(reply);
}

static void any_bytes_are_taken_as_they_are(void **state)
{
    struct script_call *call = *state;
    static const struct slice elements[] = {{"", 0},         {"\0", 1},
                                            {"\xff\xfe", 2}, {"a\r\nb\r\n", 6},
                                            {"$5\r\n", 4},   {"navvy/1 broken", 14}};
    for (size_t i = 0; i < ARRAY_COUNT(elements); i++)
        redis_run(call->server, "LPUSH %s %b", CALL_QUEUE, &elements[i]);
    struct reply *reply = take(call, 1, 100);
    assert_int_equal(reply_count(reply), 3 + ARRAY_COUNT(elements));
    for (size_t i = 0; i < ARRAY_COUNT(elements); i++)
        assert_true(slice_equal(reply_text(reply_at(reply, 3 + i)), elements[i]));
    client_reply_free(reply);
}

static void a_thousand_go_at_once(void **state)
{
    struct script_call *call = *state;
    for (int i = 0; i < 1001; i++)
        push(call, KEY_QUEUE, "x");
    struct reply *reply = take(call, 1, 1000);
    assert_int_equal(reply_count(reply), 1003);
    assert_int_equal(reply_int(reply_at(reply, 2)), 1);
    client_reply_free(reply);
    assert_int_equal(redis_int(call->server, "HLEN %s", call->held), 1000);
    assert_int_equal(redis_int(call->server, "HEXISTS %s 1000", call->held), 1);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

/* ---- bounds ---- */

static void an_element_over_the_limit_goes_to_the_dlq(void **state)
{
    struct script_call *call = *state;
    limits.element_max = 3;
    push(call, KEY_QUEUE, "1234");
    push(call, KEY_QUEUE, "123");
    push(call, KEY_QUEUE, "12345");
    assert_taken(call, 10, 4, "123");
    assert_redis_text(call->server, "navvy/1 claim=" CALL_WORKER ":13 reason=oversize\n1234",
                      "LINDEX %s -1", call_name(call, KEY_DLQ));
    assert_redis_text(call->server, "navvy/1 claim=" CALL_WORKER ":12 reason=oversize\n12345",
                      "LINDEX %s 0", call_name(call, KEY_DLQ));
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.taken, 3);
    assert_int_equal(books.dead, 2);
    assert_int_equal(books.held, 1);
}

/* `count` elements of `bytes` bytes each. */
static void push_large(struct script_call *call, enum queue_key list, int count, size_t bytes)
{
    char *large = calloc(1, bytes);
    struct slice element = {large, bytes};
    for (int i = 0; i < count; i++)
        redis_run(call->server, "LPUSH %s %b", call_name(call, list), &element);
    if (list == KEY_READY)
        redis_run(call->server, "HINCRBY %s taken %lld", call_name(call, KEY_META),
                  (long long)count);
    free(large);
}

static void assert_count(struct script_call *call, int64_t first, int64_t n, size_t expected)
{
    struct reply *reply = take(call, first, n);
    assert_int_equal(reply_count(reply) - 3, expected);
    client_reply_free(reply);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void an_answer_has_a_bound_in_bytes(void **state)
{
    struct script_call *call = *state;
    limits.answer_max = 10000;
    push_large(call, KEY_QUEUE, 40, 1000);
    assert_count(call, 1, 100, 10);
    assert_count(call, 101, 100, 10);
    assert_count(call, 201, 5, 5);
}

static void small_ones_in_front_of_large_ones_do_not_break_it(void **state)
{
    struct script_call *call = *state;
    limits.answer_max = 10000;
    push_large(call, KEY_QUEUE, 100, 1);
    push_large(call, KEY_QUEUE, 100, 1000);
    assert_count(call, 1, 512, 100 + 9);
}

static void an_element_larger_than_an_answer_goes_alone(void **state)
{
    struct script_call *call = *state;
    limits.answer_max = 500;
    push_large(call, KEY_QUEUE, 2, 1000);
    assert_count(call, 1, 10, 1);
    assert_count(call, 11, 10, 1);
    assert_count(call, 21, 10, 0);
}

static void what_is_buried_takes_no_room_in_the_answer(void **state)
{
    struct script_call *call = *state;
    limits.answer_max = 500;
    limits.element_max = 600;
    push_large(call, KEY_QUEUE, 2, 601);
    push_large(call, KEY_QUEUE, 2, 250);
    assert_count(call, 1, 10, 2);
}

static void large_ones_that_come_back_leave_bytes_for_fresh_ones(void **state)
{
    struct script_call *call = *state;
    limits.answer_max = 10000;
    push_large(call, KEY_READY, 20, 1000);
    push_large(call, KEY_QUEUE, 20, 1);
    struct reply *reply = take(call, 1, 40);
    assert_int_equal(reply_count(reply) - 3, 5 + 20);
    client_reply_free(reply);
}

/* ---- refusals ---- */

static void assert_nothing_moves(struct script_call *call, const char *status)
{
    push(call, KEY_QUEUE, "a");
    char *before = database_digest(call->server);
    struct reply *reply = take(call, 1, 10);
    char *after = database_digest(call->server);
    assert_status(reply, status);
    assert_int_equal(reply_count(reply), 3);
    assert_true(reply_int(reply_at(reply, 2)) > 0);
    assert_string_equal(before, after);
    client_reply_free(reply);
    free(before);
    free(after);
}

static void without_a_lease_nothing_moves(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "ZREM %s %s", call_name(call, KEY_WORKERS), CALL_WORKER);
    assert_nothing_moves(call, "lost");
}

static void a_paused_queue_stands_still(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s paused 1", call_name(call, KEY_META));
    assert_nothing_moves(call, "paused");
    redis_run(call->server, "HDEL %s paused", call_name(call, KEY_META));
    assert_taken(call, 1, 9, "a");
}

static void a_full_dlq_stops_the_queue(void **state)
{
    struct script_call *call = *state;
    limits.dlq_max = 2;
    redis_run(call->server, "LPUSH %s d1 d2", call_name(call, KEY_DLQ));
    redis_run(call->server, "HSET %s taken 2", call_name(call, KEY_META));
    assert_nothing_moves(call, "full");
    limits.dlq_max = 3;
    assert_taken(call, 1, 9, "a");
}

static void a_take_that_comes_late_writes_over_nothing(void **state)
{
    struct script_call *call = *state;
    push(call, KEY_QUEUE, "a");
    push(call, KEY_QUEUE, "b");
    assert_taken(call, 1, 2, "a,b");
    redis_run(call->server, "HDEL %s 1", call->held); /* as settle does */
    redis_run(call->server, "HINCRBY %s done 1", call_name(call, KEY_META));
    assert_nothing_moves(call, "replay");
    assert_redis_text(call->server, "b", "HGET %s 2", call->held);
    assert_taken(call, 3, 2, "a");
}

/* ---- what all scripts promise ---- */

static void arrange(struct script_call *call)
{
    limits.element_max = 4;
    push(call, KEY_QUEUE, "q1");
    push(call, KEY_QUEUE, "q2");
    push(call, KEY_QUEUE, "large");
    push(call, KEY_STAGE, "s");
    push(call, KEY_READY, "r");
    redis_run(call->server, "ZADD %s 1 due", call_name(call, KEY_RETRY));
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
    redis_run(call->server, "ZADD %s 1 when", call_name(call, KEY_SCHEDULED));
}

static void words(struct script_call *call)
{
    take_words(call, 1, 6);
}

static const struct script_case take_case = {SCRIPT_TAKE, arrange, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &take_case, 9);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &take_case);
}

static void a_full_redis_still_drains(void **state)
{
    assert_passes_when_full(*state, &take_case);
}

static void words_lost(struct script_call *call)
{
    take_words(call, 1, 6);
    redis_run(call->server, "DEL %s", call_name(call, KEY_WORKERS));
}

static void a_replica_refuses_it_whole_and_says_nothing_else(void **state)
{
    assert_refused_by_a_replica(*state, &take_case);
    const struct script_case lost = {SCRIPT_TAKE, arrange, words_lost, false};
    assert_refused_by_a_replica(*state, &lost); /* "lost" must come from a master */
}

#define CASE(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_oldest_go_first_and_are_held_by_their_tags),
        CASE(stage_goes_before_the_queue),
        CASE(jobs_that_come_back_get_half_while_fresh_ones_wait),
        CASE(staged_jobs_are_fresh_too),
        CASE(jobs_that_come_back_get_all_that_fresh_ones_leave),
        CASE(what_is_due_is_promoted_and_the_rest_tells_when),
        CASE(the_sooner_of_retry_and_scheduled_counts),
        CASE(at_most_200_are_promoted_at_once_and_the_rest_is_due_now),
        CASE(any_bytes_are_taken_as_they_are),
        CASE(a_thousand_go_at_once),
        CASE(an_element_over_the_limit_goes_to_the_dlq),
        CASE(an_answer_has_a_bound_in_bytes),
        CASE(small_ones_in_front_of_large_ones_do_not_break_it),
        CASE(an_element_larger_than_an_answer_goes_alone),
        CASE(what_is_buried_takes_no_room_in_the_answer),
        CASE(large_ones_that_come_back_leave_bytes_for_fresh_ones),
        CASE(without_a_lease_nothing_moves),
        CASE(a_paused_queue_stands_still),
        CASE(a_full_dlq_stops_the_queue),
        CASE(a_take_that_comes_late_writes_over_nothing),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_still_drains),
        CASE(a_replica_refuses_it_whole_and_says_nothing_else),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
