/* finish: what was held ends, is counted once, and what it came to is there exactly then. */
#include <string.h>

#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define RESULT "navvy:{jobs}:result:order-"
#define CLAIM CALL_WORKER ":"

enum { TTL_MS = 60000, MANY = 100 };

struct item {
    int64_t tag;
    const char *key, *claim, *error;
    struct slice bytes;
};

static const char binary[] = "a\0\xff\nb";

static void hold(struct script_call *call, int64_t first, int count)
{
    for (int i = 0; i < count; i++)
        redis_run(call->server, "HSET %s %lld x", call->held, (long long)first + i);
    redis_run(call->server, "HINCRBY %s taken %lld", call_name(call, KEY_META), (long long)count);
}

static void finish_words(struct script_call *call, const char *counter, const struct item *items,
                         size_t count)
{
    call_start(call);
    call_key_named(call, call->held);
    call_key(call, KEY_META);
    for (size_t i = 0; i < count; i++)
        call_key_named(call, items[i].key);
    call_text(call, counter);
    call_int(call, TTL_MS);
    for (size_t i = 0; i < count; i++) {
        call_int(call, items[i].tag);
        call_text(call, items[i].claim);
        call_int(call, 1);
        call_text(call, items[i].error);
        call_bytes(call, items[i].bytes);
    }
}

static int64_t finish(struct script_call *call, const char *counter, const struct item *item)
{
    finish_words(call, counter, item, 1);
    return call_run_int(call, SCRIPT_FINISH);
}

static const struct item done = {1, RESULT "1", CLAIM "1", "", {binary, sizeof binary - 1}};

static void what_is_done_is_counted_and_its_bytes_are_kept_for_the_ttl(void **state)
{
    struct script_call *call = *state;
    hold(call, 1, 1);
    assert_int_equal(finish(call, "done", &done), 1);
    struct reply *bytes = redis_ask(call->server, "HGET " RESULT "1 result");
    assert_true(slice_equal(reply_text(bytes), done.bytes));
    client_reply_free(bytes);
    assert_redis_text(call->server, "done", "HGET " RESULT "1 state");
    assert_redis_text(call->server, CLAIM "1", "HGET " RESULT "1 claim");
    assert_in_range(redis_int(call->server, "PTTL " RESULT "1"), TTL_MS - 10000, TTL_MS);
    assert_int_equal(assert_books_balance(call->server, CALL_QUEUE).done, 1);
}

static void who_does_not_hold_it_writes_nothing(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET " RESULT "1 state done claim other result theirs");
    assert_int_equal(finish(call, "done", &done), 0);
    assert_redis_text(call->server, "theirs", "HGET " RESULT "1 result");
    assert_int_equal(redis_int(call->server, "HLEN " RESULT "1"), 3);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_META)), 0);
}

static void the_end_replaces_the_news_of_the_run(void **state)
{
    struct script_call *call = *state;
    hold(call, 1, 1);
    redis_run(call->server, "HSET " RESULT "1 state running percent 40 error was reason x");
    assert_int_equal(finish(call, "done", &done), 1);
    assert_int_equal(redis_int(call->server, "HEXISTS " RESULT "1 percent"), 0);
    assert_int_equal(redis_int(call->server, "HEXISTS " RESULT "1 reason"), 0);
    assert_redis_text(call->server, "", "HGET " RESULT "1 error");
}

static void a_duplicate_never_replaces_what_another_job_left(void **state)
{
    struct script_call *call = *state;
    static const struct item again = {2, RESULT "1", CLAIM "2", "of 1", {"", 0}};
    hold(call, 1, 2);
    assert_int_equal(finish(call, "done", &done), 1);
    assert_int_equal(finish(call, "duplicate", &again), 1);
    assert_redis_text(call->server, "done", "HGET " RESULT "1 state");
    assert_redis_text(call->server, CLAIM "1", "HGET " RESULT "1 claim");
    assert_redis_text(call->server, CLAIM "2", "HGET " RESULT "1 duplicate");
    assert_int_equal(assert_books_balance(call->server, CALL_QUEUE).duplicate, 1);
}

static void a_duplicate_with_an_id_of_its_own_says_of_what(void **state)
{
    struct script_call *call = *state;
    static const struct item again = {2, RESULT "2", CLAIM "2", "of 1", {"", 0}};
    hold(call, 2, 1);
    assert_int_equal(finish(call, "duplicate", &again), 1);
    assert_redis_text(call->server, "duplicate", "HGET " RESULT "2 state");
    assert_redis_text(call->server, "of 1", "HGET " RESULT "2 error");
}

static void a_result_of_another_type_stops_nothing_and_stays(void **state)
{
    struct script_call *call = *state;
    hold(call, 1, 1);
    redis_run(call->server, "SET " RESULT "1 text");
    assert_int_equal(finish(call, "done", &done), 1);
    assert_redis_text(call->server, "text", "GET " RESULT "1");
    assert_int_equal(assert_books_balance(call->server, CALL_QUEUE).done, 1);
}

/* Each time with news of its run there, which are not true any more then. */
static void a_full_redis_settles_and_keeps_no_result(void **state)
{
    struct script_call *call = *state;
    static const struct item items[] = {
        {1, RESULT "1", CLAIM "1", "", {"a", 1}},
        {7, RESULT "7", CLAIM "7", "", {"not held", 8}},
        {2, RESULT "2", CLAIM "2", "", {"b", 1}},
    };
    hold(call, 1, 2);
    redis_run(call->server, "HSET " RESULT "2 state running claim " CLAIM "2 percent 40");
    redis_run(call->server, "HSET " RESULT "7 state running");
    database_fill(call->server);
    finish_words(call, "done", items, ARRAY_COUNT(items));
    assert_int_equal(call_run_int(call, SCRIPT_FINISH), 2);
    database_unfill(call->server);
    assert_int_equal(redis_int(call->server, "EXISTS " RESULT "1 " RESULT "2"), 0);
    assert_redis_text(call->server, "running", "HGET " RESULT "7 state");
    assert_int_equal(assert_books_balance(call->server, CALL_QUEUE).done, 2);
}

/* Whatever was there, another job's result outlives a duplicate for which there is no room. */
static void in_a_full_redis_a_duplicate_replaces_nothing_either(void **state)
{
    struct script_call *call = *state;
    static const struct item again = {2, RESULT "1", CLAIM "2", "of 1", {"", 0}};
    hold(call, 1, 2);
    assert_int_equal(finish(call, "done", &done), 1);
    database_fill(call->server);
    assert_int_equal(finish(call, "duplicate", &again), 1);
    database_unfill(call->server);
    assert_redis_text(call->server, "done", "HGET " RESULT "1 state");
}

static void a_hundred_are_finished_at_once(void **state)
{
    struct script_call *call = *state;
    static struct item items[MANY];
    for (int i = 0; i < MANY; i++)
        items[i] = (struct item){i + 1, RESULT "all", CLAIM "1", "", {"x", 1}};
    hold(call, 1, MANY);
    finish_words(call, "done", items, MANY);
    assert_int_equal(call_run_int(call, SCRIPT_FINISH), MANY);
    assert_int_equal(assert_books_balance(call->server, CALL_QUEUE).done, MANY);
}

static void arrange(struct script_call *call)
{
    hold(call, 1, 3);
}

static void words(struct script_call *call)
{
    finish_words(call, "done", &done, 1);
}

static const struct script_case finish_case = {SCRIPT_FINISH, arrange, words, true};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &finish_case, 2);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &finish_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &finish_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_done_is_counted_and_its_bytes_are_kept_for_the_ttl),
        CASE(who_does_not_hold_it_writes_nothing),
        CASE(the_end_replaces_the_news_of_the_run),
        CASE(a_duplicate_never_replaces_what_another_job_left),
        CASE(a_duplicate_with_an_id_of_its_own_says_of_what),
        CASE(a_result_of_another_type_stops_nothing_and_stays),
        CASE(a_full_redis_settles_and_keeps_no_result),
        CASE(in_a_full_redis_a_duplicate_replaces_nothing_either),
        CASE(a_hundred_are_finished_at_once),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
