/* progress: how far a job is, from the worker that holds it and from nobody else. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define RESULT "navvy:{jobs}:result:order-"
#define CLAIM CALL_WORKER ":"

enum { TTL_MS = 60000 };

/* Of the jobs with the tags 1 to `count`. */
static void progress_words(struct script_call *call, int count, int percent)
{
    static const char *const keys[] = {RESULT "1", RESULT "2", RESULT "3"};
    static const char *const claims[] = {CLAIM "1", CLAIM "2", CLAIM "3"};

    call_start(call);
    call_key_named(call, call->held);
    for (int i = 0; i < count; i++)
        call_key_named(call, keys[i]);
    call_int(call, TTL_MS);
    for (int i = 0; i < count; i++) {
        call_int(call, i + 1);
        call_text(call, claims[i]);
        call_int(call, 2);
        call_int(call, percent);
    }
}

static int64_t progress(struct script_call *call, int count, int percent)
{
    progress_words(call, count, percent);
    return call_run_int(call, SCRIPT_PROGRESS);
}

static void only_of_what_is_held_it_is_written(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s 1 x 3 x", call->held);
    assert_int_equal(progress(call, 3, 40), 2);
    assert_redis_text(call->server, "running", "HGET " RESULT "1 state");
    assert_redis_text(call->server, "40", "HGET " RESULT "3 percent");
    assert_redis_text(call->server, "2", "HGET " RESULT "3 attempt");
    assert_int_equal(redis_int(call->server, "EXISTS " RESULT "2"), 0);
    assert_in_range(redis_int(call->server, "PTTL " RESULT "1"), TTL_MS - 10000, TTL_MS);
}

static void the_error_of_the_last_attempt_stays_readable(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s 1 x", call->held);
    redis_run(call->server, "HSET " RESULT "1 state retrying error was");
    assert_int_equal(progress(call, 1, 0), 1);
    assert_redis_text(call->server, "was", "HGET " RESULT "1 error");
}

static void a_result_of_another_type_stops_none_of_the_others(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s 1 x 2 x", call->held);
    redis_run(call->server, "SET " RESULT "1 text");
    assert_int_equal(progress(call, 2, 40), 1);
    assert_redis_text(call->server, "text", "GET " RESULT "1");
    assert_redis_text(call->server, "40", "HGET " RESULT "2 percent");
}

static void a_full_redis_gets_no_news(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "HSET %s 1 x 2 x", call->held);
    database_fill(call->server);
    assert_int_equal(progress(call, 2, 40), 0);
    database_unfill(call->server);
    assert_int_equal(redis_int(call->server, "EXISTS " RESULT "1 " RESULT "2"), 0);
}

static void arrange(struct script_call *call)
{
    redis_run(call->server, "HSET %s 1 x", call->held);
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
}

static void words(struct script_call *call)
{
    progress_words(call, 1, 40);
}

static void a_replay_writes_the_same(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    words(call);
    assert_int_equal(call_run_int(call, SCRIPT_PROGRESS), 1);
    assert_int_equal(call_run_int(call, SCRIPT_PROGRESS), 1);
    assert_int_equal(redis_int(call->server, "HLEN " RESULT "1"), 5);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(only_of_what_is_held_it_is_written),
        CASE(the_error_of_the_last_attempt_stays_readable),
        CASE(a_result_of_another_type_stops_none_of_the_others),
        CASE(a_full_redis_gets_no_news),
        CASE(a_replay_writes_the_same),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
