/* take, told which element is likely to come: it claims that one's fingerprint in the same call. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define FINGERPRINT "navvy:{jobs}:fp:00"
#define CLAIM CALL_WORKER ":1"

static void take_words(struct script_call *call, const char *seen)
{
    static const enum queue_key rest[] = {KEY_WORKERS, KEY_RETRY, KEY_SCHEDULED, KEY_DLQ, KEY_META};

    call_start(call);
    call_key(call, KEY_QUEUE);
    call_key(call, KEY_STAGE);
    call_key(call, KEY_READY);
    call_key_named(call, call->held);
    for (size_t i = 0; i < ARRAY_COUNT(rest); i++)
        call_key(call, rest[i]);
    call_key_named(call, FINGERPRINT);
    call_text(call, CALL_WORKER);
    call_int(call, 1);       /* first tag */
    call_int(call, 2);       /* jobs */
    call_int(call, 1000);    /* bytes of an element */
    call_int(call, 0);       /* dlq.max */
    call_int(call, 1 << 20); /* bytes of an answer */
    call_text(call, "navvy/1 claim=" CALL_WORKER ":");
    call_text(call, " reason=oversize\n");
    call_text(call, seen);
    call_text(call, CLAIM);
    call_int(call, 60000);
}

/* Takes 2 where `seen` is expected: the answer's status, and that one job came. */
static void assert_take_says(struct script_call *call, const char *seen, const char *status)
{
    take_words(call, seen);
    struct reply *reply = redis_good(call_run(call, SCRIPT_TAKE), __FILE__, __LINE__);
    assert_status(reply, status);
    assert_int_equal(reply_count(reply), 4);
    client_reply_free(reply);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void the_element_that_was_seen_gets_its_fingerprint(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "LPUSH %s seen", call_name(call, KEY_STAGE));
    assert_take_says(call, "seen", "claimed");
    assert_redis_text(call->server, CLAIM, "GET " FINGERPRINT);
    assert_redis_text(call->server, "seen", "HGET %s 1", call->held);
    int64_t ttl_ms = redis_int(call->server, "PTTL " FINGERPRINT);
    assert_true(ttl_ms > 0 && ttl_ms <= 60000);
}

static void another_element_gets_none(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "LPUSH %s other", call_name(call, KEY_STAGE));
    assert_take_says(call, "seen", "ok");
    assert_int_equal(redis_int(call->server, "EXISTS " FINGERPRINT), 0);
}

static void one_that_comes_second_gets_none(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "RPUSH %s seen other", call_name(call, KEY_STAGE));
    take_words(call, "seen");
    struct reply *reply = redis_good(call_run(call, SCRIPT_TAKE), __FILE__, __LINE__);
    assert_status(reply, "ok");
    assert_int_equal(reply_count(reply), 5);
    client_reply_free(reply);
    assert_int_equal(redis_int(call->server, "EXISTS " FINGERPRINT), 0);
}

static void nothing_taken_claims_nothing(void **state)
{
    struct script_call *call = *state;
    take_words(call, "seen");
    struct reply *reply = redis_good(call_run(call, SCRIPT_TAKE), __FILE__, __LINE__);
    assert_status(reply, "ok");
    client_reply_free(reply);
    assert_int_equal(redis_int(call->server, "EXISTS " FINGERPRINT), 0);
}

static void a_fingerprint_that_another_holds_stays_its_own(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "LPUSH %s seen", call_name(call, KEY_STAGE));
    redis_run(call->server, "SET " FINGERPRINT " another:7");
    assert_take_says(call, "seen", "ok");
    assert_redis_text(call->server, "another:7", "GET " FINGERPRINT);
}

static void a_fingerprint_that_is_no_text_stops_no_take(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "LPUSH %s seen", call_name(call, KEY_STAGE));
    redis_run(call->server, "LPUSH " FINGERPRINT " x");
    assert_take_says(call, "seen", "ok");
    assert_int_equal(redis_int(call->server, "LLEN " FINGERPRINT), 1);
}

static void arrange(struct script_call *call)
{
    redis_run(call->server, "LPUSH %s seen", call_name(call, KEY_STAGE));
}

static void words(struct script_call *call)
{
    take_words(call, "seen");
}

static const struct script_case take_case = {SCRIPT_TAKE, arrange, words, false};

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &take_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &take_case);
}

static void a_full_redis_claims_too(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    database_fill(call->server);
    assert_take_says(call, "seen", "claimed");
    database_unfill(call->server);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_element_that_was_seen_gets_its_fingerprint),
        CASE(another_element_gets_none),
        CASE(one_that_comes_second_gets_none),
        CASE(nothing_taken_claims_nothing),
        CASE(a_fingerprint_that_another_holds_stays_its_own),
        CASE(a_fingerprint_that_is_no_text_stops_no_take),
        CASE(a_replay_changes_nothing),
        CASE(a_replica_refuses_it_whole),
        CASE(a_full_redis_claims_too),
    };
    return cmocka_run_group_tests_name("take_claim", tests, call_setup, call_teardown);
}
