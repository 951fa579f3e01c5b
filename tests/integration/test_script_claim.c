/* claim: many fingerprints at once, as SET NX GET PX would, for a Redis without memory. */
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#include <stdio.h>

#define FP1 "navvy:{jobs}:fp:1"
#define FP2 "navvy:{jobs}:fp:2"

static void words(struct script_call *call)
{
    call_start(call);
    call_key_named(call, call->held);
    call_key_named(call, FP1);
    call_key_named(call, FP2);
    call_key_named(call, FP1);
    call_text(call, "60000");
    call_text(call, "w:1");
    call_text(call, "w:2");
    call_text(call, "w:3");
}

static void assert_answers(struct script_call *call, const char *one, const char *two,
                           const char *three)
{
    const char *const expected[] = {one, two, three};
    words(call);
    struct reply *reply = redis_good(call_run(call, SCRIPT_CLAIM), __FILE__, __LINE__);
    assert_int_equal(reply_count(reply), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(slice_equal(reply_text(reply_at(reply, i)), slice_of(expected[i])));
    client_reply_free(reply);
}

static void the_first_gets_it_and_an_equal_one_is_told(void **state)
{
    struct script_call *call = *state;
    assert_answers(call, "", "", "w:1");
    assert_redis_text(call->server, "w:1", "GET " FP1);
    assert_redis_text(call->server, "w:2", "GET " FP2);
    assert_in_range(redis_int(call->server, "PTTL " FP1), 50000, 60000);
}

static void another_holder_keeps_it_and_its_time(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "SET " FP2 " other:9 PX 5000");
    assert_answers(call, "", "other:9", "w:1");
    assert_redis_text(call->server, "other:9", "GET " FP2);
    assert_in_range(redis_int(call->server, "PTTL " FP2), 1, 5000);
}

static void a_replay_finds_its_own_claims(void **state)
{
    struct script_call *call = *state;
    assert_answers(call, "", "", "w:1");
    assert_answers(call, "w:1", "w:2", "w:1");
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void a_thousand_are_claimed_at_once(void **state)
{
    struct script_call *call = *state;
    static char names[SCRIPT_ITEMS_MAX][40];
    call_start(call);
    call_key_named(call, call->held);
    for (int i = 0; i < SCRIPT_ITEMS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "navvy:{jobs}:fp:%d", i);
        call_key_named(call, names[i]);
    }
    call_text(call, "60000");
    for (int i = 0; i < SCRIPT_ITEMS_MAX; i++)
        call_text(call, names[i]);
    struct reply *reply = redis_good(call_run(call, SCRIPT_CLAIM), __FILE__, __LINE__);
    assert_int_equal(reply_count(reply), SCRIPT_ITEMS_MAX);
    client_reply_free(reply);
    assert_int_equal(redis_int(call->server, "DBSIZE"), SCRIPT_ITEMS_MAX + 1); /* and workers */
}

static const struct script_case claim_case = {SCRIPT_CLAIM, NULL, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &claim_case, 4);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &claim_case);
}

static void a_full_redis_lets_it_pass(void **state)
{
    assert_passes_when_full(*state, &claim_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &claim_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_first_gets_it_and_an_equal_one_is_told),
        CASE(another_holder_keeps_it_and_its_time),
        CASE(a_replay_finds_its_own_claims),
        CASE(a_thousand_are_claimed_at_once),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_lets_it_pass),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
