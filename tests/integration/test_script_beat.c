/* beat: a lease is renewed, the dead are reported, and nobody is blamed for a silence of Redis. */
#include <stdio.h>

#include "base/clock.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

static void words(struct script_call *call)
{
    call_start(call);
    call_key(call, KEY_WORKERS);
    call_key(call, KEY_DEAD);
    call_key_named(call, call->held);
    call_key(call, KEY_META);
    call_text(call, CALL_WORKER);
    call_int(call, CALL_LEASE_MS);
}

static struct reply *beat(struct script_call *call)
{
    words(call);
    return redis_good(call_run(call, SCRIPT_BEAT), __FILE__, __LINE__);
}

/* How many others one beat reports. */
static size_t reported(struct script_call *call)
{
    struct reply *reply = beat(call);
    size_t count = reply_count(reply) - 2;
    client_reply_free(reply);
    return count;
}

static void worker(struct script_call *call, enum queue_key list, const char *name, int64_t ms)
{
    redis_run(call->server, "ZADD %s %lld %s", call_name(call, list), (long long)ms, name);
}

/* The fleet's last beat was so long ago. */
static void silence(struct script_call *call, int64_t ms)
{
    redis_run(call->server, "HSET %s tick %lld", call_name(call, KEY_META),
              (long long)(clock_wall_ms() - ms));
}

static void it_renews_the_lease_and_tells_what_is_held(void **state)
{
    struct script_call *call = *state;
    worker(call, KEY_WORKERS, CALL_WORKER, clock_wall_ms() + 5);
    redis_run(call->server, "HSET %s 1 a 2 b", call->held);
    redis_run(call->server, "HSET %s taken 2", call_name(call, KEY_META));
    for (int i = 0; i < 2; i++) { /* a replay: the same lease */
        struct reply *reply = beat(call);
        assert_status(reply, "ok");
        assert_int_equal(reply_count(reply), 2);
        assert_int_equal(reply_int(reply_at(reply, 1)), 2);
        client_reply_free(reply);
        int64_t until_ms =
            redis_int(call->server, "ZSCORE %s %s", call_name(call, KEY_WORKERS), CALL_WORKER);
        assert_in_range(until_ms - clock_wall_ms(), CALL_LEASE_MS - 10000, CALL_LEASE_MS);
        int64_t tick_ms = redis_int(call->server, "HGET %s tick", call_name(call, KEY_META));
        assert_in_range(clock_wall_ms() - tick_ms, 0, 10000);
        (void)assert_books_balance(call->server, CALL_QUEUE);
    }
}

static void who_has_lost_its_lease_does_not_get_it_back(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "ZREM %s " CALL_WORKER, call_name(call, KEY_WORKERS));
    for (int i = 0; i < 2; i++) {
        struct reply *reply = beat(call);
        assert_status(reply, "lost");
        client_reply_free(reply);
        assert_int_equal(redis_int(call->server, "ZCARD %s", call_name(call, KEY_WORKERS)), 0);
    }
}

static void it_reports_leases_that_are_over_and_the_dying(void **state)
{
    struct script_call *call = *state;
    worker(call, KEY_WORKERS, "over", clock_wall_ms() - 1);
    worker(call, KEY_WORKERS, "alive", clock_wall_ms() + 20000);
    worker(call, KEY_DEAD, "dying", 1);
    silence(call, 0);
    struct reply *reply = beat(call);
    assert_int_equal(reply_count(reply), 4);
    assert_true(slice_equal(reply_text(reply_at(reply, 2)), slice_of("dying")));
    assert_true(slice_equal(reply_text(reply_at(reply, 3)), slice_of("over")));
    client_reply_free(reply);
}

static void it_reports_ten_at_most(void **state)
{
    struct script_call *call = *state;
    for (int i = 0; i < 20; i++) {
        char name[24];
        snprintf(name, sizeof name, "over%d", i);
        worker(call, KEY_WORKERS, name, 1);
        worker(call, KEY_DEAD, name, 1);
    }
    silence(call, 0);
    assert_int_equal(reported(call), 10);
}

static void after_a_silence_nobody_is_over_for_one_lease(void **state)
{
    struct script_call *call = *state;
    worker(call, KEY_WORKERS, "over", 1);
    silence(call, CALL_LEASE_MS / 2 + 1000);
    assert_int_equal(reported(call), 0);
    assert_int_equal(reported(call), 0); /* and not only at the first beat */
    int64_t amnesty_ms = redis_int(call->server, "HGET %s amnesty", call_name(call, KEY_META));
    assert_in_range(amnesty_ms - clock_wall_ms(), CALL_LEASE_MS - 10000, CALL_LEASE_MS);

    redis_run(call->server, "HSET %s amnesty %lld", call_name(call, KEY_META),
              (long long)clock_wall_ms() - 1); /* one lease later */
    assert_int_equal(reported(call), 1);
}

static void a_short_silence_is_none(void **state)
{
    struct script_call *call = *state;
    worker(call, KEY_WORKERS, "over", 1);
    silence(call, CALL_LEASE_MS / 2 - 5000);
    assert_int_equal(reported(call), 1);
}

static void there_is_no_second_amnesty_within_a_lease(void **state)
{
    struct script_call *call = *state;
    worker(call, KEY_WORKERS, "over", 1);
    redis_run(call->server, "HSET %s amnesty %lld", call_name(call, KEY_META),
              (long long)clock_wall_ms() - CALL_LEASE_MS + 10000);
    silence(call, 10 * CALL_LEASE_MS);
    assert_int_equal(reported(call), 1);

    redis_run(call->server, "HSET %s amnesty %lld", call_name(call, KEY_META),
              (long long)clock_wall_ms() - CALL_LEASE_MS - 10000);
    silence(call, 10 * CALL_LEASE_MS);
    assert_int_equal(reported(call), 0);
}

static const struct script_case beat_case = {SCRIPT_BEAT, NULL, words, true};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &beat_case, 4);
}

static void a_full_redis_renews_leases(void **state)
{
    assert_passes_when_full(*state, &beat_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &beat_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_renews_the_lease_and_tells_what_is_held),
        CASE(who_has_lost_its_lease_does_not_get_it_back),
        CASE(it_reports_leases_that_are_over_and_the_dying),
        CASE(it_reports_ten_at_most),
        CASE(after_a_silence_nobody_is_over_for_one_lease),
        CASE(a_short_silence_is_none),
        CASE(there_is_no_second_amnesty_within_a_lease),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_full_redis_renews_leases),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
