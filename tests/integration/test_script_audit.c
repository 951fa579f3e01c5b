/* audit: each figure in its place, and a word when it does not know everybody. */
#include <stdbool.h>
#include <stdlib.h>

#include "tests/support/script_call.h"
#include "tests/support/test.h"

static void audit_words(struct script_call *call, bool knows_worker)
{
    call_start(call);
    for (int key = 0; key <= KEY_META; key++)
        call_key(call, (enum queue_key)key);
    if (knows_worker) {
        call_key_named(call, call->held);
        call_text(call, CALL_WORKER);
    }
}

static void words(struct script_call *call)
{
    audit_words(call, true);
}

static void arrange(struct script_call *call)
{
    redis_run(call->server, "RPUSH %s a", CALL_QUEUE);
    redis_run(call->server, "RPUSH %s a b", call_name(call, KEY_STAGE));
    redis_run(call->server, "RPUSH %s a b c", call_name(call, KEY_READY));
    redis_run(call->server, "HSET %s 1 a 2 b 3 c 4 d", call->held);
    redis_run(call->server, "ZADD %s 1 a 2 b 3 c 4 d 5 e", call_name(call, KEY_RETRY));
    redis_run(call->server, "ZADD %s 1 a 2 b 3 c 4 d 5 e 6 f", call_name(call, KEY_SCHEDULED));
    redis_run(call->server, "RPUSH %s a b c d e f g", call_name(call, KEY_DLQ));
    redis_run(call->server, "HSET %s taken 19", call_name(call, KEY_META));
}

static void each_figure_is_in_its_place(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    words(call);
    struct reply *reply = redis_good(call_run(call, SCRIPT_AUDIT), __FILE__, __LINE__);
    assert_status(reply, "ok");
    for (size_t i = 1; i <= 7; i++)
        assert_int_equal(reply_int(reply_at(reply, i)), i);
    assert_int_equal(reply_int(reply_at(reply, 8)), 1);
    assert_int_equal(reply_int(reply_at(reply, 9)), 0);
    const struct reply *meta = reply_at(reply, 10), *held = reply_at(reply, 11);
    assert_int_equal(reply_count(meta), 2);
    assert_true(slice_equal(reply_text(reply_at(meta, 0)), slice_of("taken")));
    assert_int_equal(reply_int(reply_at(meta, 1)), 19);
    assert_int_equal(reply_count(held), 1);
    assert_int_equal(reply_int(reply_at(held, 0)), 4);
    client_reply_free(reply);
}

static void assert_audit_says(struct script_call *call, const char *status, bool knows_worker)
{
    audit_words(call, knows_worker);
    struct reply *reply = redis_good(call_run(call, SCRIPT_AUDIT), __FILE__, __LINE__);
    assert_status(reply, status);
    client_reply_free(reply);
}

static void a_worker_that_it_was_not_told_of_shows(void **state)
{
    struct script_call *call = *state;
    assert_audit_says(call, "ok", true);
    assert_audit_says(call, "changed", false);
    redis_run(call->server, "ZADD %s 1 dying", call_name(call, KEY_DEAD));
    assert_audit_says(call, "changed", true);
}

static void it_changes_nothing_and_so_passes_everywhere(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    char *before = database_digest(call->server);
    assert_audit_says(call, "ok", true);
    database_fill(call->server);
    assert_audit_says(call, "ok", true);
    database_unfill(call->server);
    redis_run(call->server, "REPLICAOF 127.0.0.1 1");
    assert_audit_says(call, "ok", true);
    char *after = database_digest(call->server);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static const struct script_case audit_case = {SCRIPT_AUDIT, arrange, words, false};

static void a_key_of_another_type_refuses_it(void **state)
{
    assert_refuses_wrong_types(*state, &audit_case, KEY_META + 2);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_figure_is_in_its_place),
        CASE(a_worker_that_it_was_not_told_of_shows),
        CASE(it_changes_nothing_and_so_passes_everywhere),
        CASE(a_key_of_another_type_refuses_it),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
