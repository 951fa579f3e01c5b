/* task and canary: who runs a bulk task, and who may no more; dlq_move and dlq_drop for a task. */
#include <stdio.h>

#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

#define TASK "navvy:{jobs}:task:9f"
#define MINE "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

enum { LEASE_MS = 15000, KEPT_MS = 60000 };

static void task_words(struct script_call *call, const char *must, const char *owner,
                       int64_t lease_ms, const char *state)
{
    call_start(call);
    call_key_named(call, TASK);
    call_key(call, KEY_TASKS);
    call_text(call, "9f");
    call_text(call, must);
    call_text(call, owner);
    call_int(call, lease_ms);
    call_int(call, KEPT_MS);
    call_text(call, "state");
    call_text(call, state);
}

/* Did it happen? `was`: the state before. */
static void assert_task(struct script_call *call, const char *must, const char *owner,
                        int64_t lease_ms, const char *state, bool happens, const char *was)
{
    task_words(call, must, owner, lease_ms, state);
    struct reply *reply = redis_good(call_run(call, SCRIPT_TASK), __FILE__, __LINE__);
    assert_int_equal(reply_int(reply_at(reply, 0)), happens);
    assert_true(slice_equal(reply_text(reply_at(reply, 1)), slice_of(was)));
    assert_true(reply_int(reply_at(reply, 2)) > 0);
    client_reply_free(reply);
}

static void one_begins_reports_and_ends_it(void **state)
{
    struct script_call *call = *state;
    assert_task(call, "mine", MINE, LEASE_MS, "running", false, "");
    assert_task(call, "new", MINE, LEASE_MS, "running", true, "");
    assert_redis_text(call->server, MINE, "HGET " TASK " owner");
    assert_int_equal(redis_int(call->server, "ZCARD %s", call_name(call, KEY_TASKS)), 1);
    assert_in_range(redis_int(call->server, "PTTL " TASK), KEPT_MS - 10000, KEPT_MS);
    assert_task(call, "new", OTHER, LEASE_MS, "running", false, "running");
    assert_task(call, "mine", OTHER, LEASE_MS, "running", false, "running");
    assert_task(call, "mine", MINE, LEASE_MS, "running", true, "running");
    assert_task(call, "mine", MINE, 0, "done", true, "running");
    assert_int_equal(redis_int(call->server, "HEXISTS " TASK " owner"), 0);
    assert_task(call, "mine", MINE, LEASE_MS, "running", false, "done");
    assert_task(call, "free", OTHER, LEASE_MS, "running", false, "done");
}

static void nobody_goes_on_with_it_before_the_lease_is_over(void **state)
{
    struct script_call *call = *state;
    assert_task(call, "free", OTHER, LEASE_MS, "running", false, "");
    assert_task(call, "new", MINE, LEASE_MS, "running", true, "");
    assert_task(call, "free", OTHER, LEASE_MS, "running", false, "running");
    redis_run(call->server, "HSET " TASK " until 1");
    assert_task(call, "free", OTHER, LEASE_MS, "running", true, "running");
    assert_task(call, "mine", MINE, LEASE_MS, "running", false, "running"); /* too late */
    assert_redis_text(call->server, OTHER, "HGET " TASK " owner");
}

static void a_cancelled_one_is_nobodys_and_can_be_resumed(void **state)
{
    struct script_call *call = *state;
    assert_task(call, "running", "", 0, "cancelled", false, "");
    assert_task(call, "new", MINE, LEASE_MS, "running", true, "");
    assert_task(call, "running", "", 0, "cancelled", true, "running");
    assert_task(call, "running", "", 0, "cancelled", false, "cancelled");
    assert_task(call, "mine", MINE, LEASE_MS, "running", false, "cancelled");
    assert_task(call, "free", OTHER, LEASE_MS, "running", true, "cancelled");
}

/* ---- moves for a task ---- */

static int64_t move(struct script_call *call, const char *owner, const char *bytes)
{
    char places[64];
    (void)snprintf(places, sizeof places, "tail %s -1", owner);
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_READY);
    call_key(call, KEY_META);
    call_key_named(call, TASK);
    call_text(call, places);
    call_text(call, bytes);
    call_text(call, "new");
    struct reply *reply = redis_good(call_run(call, SCRIPT_DLQ_MOVE), __FILE__, __LINE__);
    int64_t moved = reply_count(reply) == 0 ? -1 : reply_int(reply_at(reply, 0));
    client_reply_free(reply);
    return moved;
}

static int64_t drop(struct script_call *call, const char *owner, const char *bytes)
{
    char places[64];
    (void)snprintf(places, sizeof places, "tail %s -1", owner);
    call_start(call);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_META);
    call_key_named(call, TASK);
    call_text(call, places);
    call_text(call, bytes);
    struct reply *reply = redis_good(call_run(call, SCRIPT_DLQ_DROP), __FILE__, __LINE__);
    int64_t dropped = reply_count(reply) == 0 ? -1 : reply_int(reply_at(reply, 0));
    client_reply_free(reply);
    return dropped;
}

static void jobs_move_for_the_owner_only_and_are_counted(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "RPUSH %s c b a", call_name(call, KEY_DLQ));
    assert_int_equal(move(call, MINE, "a"), -1); /* there is no such task */
    assert_task(call, "new", MINE, LEASE_MS, "running", true, "");
    assert_int_equal(move(call, OTHER, "a"), -1);
    assert_int_equal(drop(call, OTHER, "a"), -1);
    assert_int_equal(move(call, MINE, "a"), 1);
    assert_int_equal(move(call, MINE, "a"), 0); /* a replay */
    assert_int_equal(drop(call, MINE, "b"), 1);
    assert_int_equal(drop(call, MINE, "b"), 0);
    assert_redis_text(call->server, "2", "HGET " TASK " moved");
    assert_task(call, "running", "", 0, "cancelled", true, "running");
    assert_int_equal(move(call, MINE, "c"), -1);
    assert_int_equal(drop(call, MINE, "c"), -1);
    assert_redis_text(call->server, "2", "HGET " TASK " moved");
    assert_int_equal(redis_int(call->server, "LLEN %s", call_name(call, KEY_DLQ)), 1);
}

/* ---- canary ---- */

static int64_t canary(struct script_call *call, const char *end)
{
    call_start(call);
    call_key_named(call, TASK);
    call_text(call, "w:1");
    call_text(call, end);
    return call_run_int(call, SCRIPT_CANARY);
}

static void a_task_hears_the_first_news_of_each_canary(void **state)
{
    struct script_call *call = *state;
    assert_int_equal(canary(call, "done "), 0); /* it may be long over */
    assert_int_equal(redis_int(call->server, "EXISTS " TASK), 0);
    assert_task(call, "new", MINE, LEASE_MS, "running", true, "");
    assert_int_equal(canary(call, "done "), 0); /* it waits for none */
    redis_run(call->server, "HSET " TASK " canary []");
    assert_int_equal(canary(call, "failed exit status 1"), 1);
    assert_int_equal(canary(call, "done "), 0);
    assert_redis_text(call->server, "failed exit status 1", "HGET " TASK " canary:w:1");
    redis_run(call->server, "DEL " TASK);
    redis_run(call->server, "SET " TASK " x");
    assert_int_equal(canary(call, "done "), 0);
}

/* ---- what all scripts promise ---- */

static void arrange_none(struct script_call *call)
{
    (void)call;
}

static void arrange_mine(struct script_call *call)
{
    redis_run(call->server, "HSET " TASK " state running owner " MINE " until 9 canary []");
}

static void words_new(struct script_call *call)
{
    task_words(call, "new", MINE, LEASE_MS, "running");
}

static void words_cancel(struct script_call *call)
{
    task_words(call, "running", "", 0, "cancelled");
}

static void words_canary(struct script_call *call)
{
    call_start(call);
    call_key_named(call, TASK);
    call_text(call, "w:1");
    call_text(call, "done ");
}

static const struct script_case begin = {SCRIPT_TASK, arrange_none, words_new, true};
static const struct script_case cancel = {SCRIPT_TASK, arrange_mine, words_cancel, true};
static const struct script_case news = {SCRIPT_CANARY, arrange_mine, words_canary, false};

static void wrong_types_are_refused_whole(void **state)
{
    assert_refuses_wrong_types(*state, &begin, 2);
}

static void replays_are_harmless(void **state)
{
    assert_replay_is_harmless(*state, &begin);
    assert_replay_is_harmless(*state, &cancel);
    assert_replay_is_harmless(*state, &news);
}

static void a_full_redis_lets_tasks_pass_and_news_not(void **state)
{
    assert_passes_when_full(*state, &begin);
    assert_passes_when_full(*state, &cancel);
    assert_refused_when_full(*state, &news);
}

static void a_replica_refuses_them(void **state)
{
    assert_refused_by_a_replica(*state, &begin);
    assert_refused_by_a_replica(*state, &news);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_begins_reports_and_ends_it, call_reset),
        cmocka_unit_test_setup(nobody_goes_on_with_it_before_the_lease_is_over, call_reset),
        cmocka_unit_test_setup(a_cancelled_one_is_nobodys_and_can_be_resumed, call_reset),
        cmocka_unit_test_setup(jobs_move_for_the_owner_only_and_are_counted, call_reset),
        cmocka_unit_test_setup(a_task_hears_the_first_news_of_each_canary, call_reset),
        cmocka_unit_test_setup(wrong_types_are_refused_whole, call_reset),
        cmocka_unit_test_setup(replays_are_harmless, call_reset),
        cmocka_unit_test_setup(a_full_redis_lets_tasks_pass_and_news_not, call_reset),
        cmocka_unit_test_setup(a_replica_refuses_them, call_reset),
    };
    return cmocka_run_group_tests_name("script_task", tests, call_setup, call_teardown);
}
