/* recover: the jobs of the dead come back, those of the living do not. */
#include <stdlib.h>

#include "base/clock.h"
#include "tests/support/books.h"
#include "tests/support/script_call.h"
#include "tests/support/test.h"

static void recover_words(struct script_call *call, const char *seen, size_t items)
{
    static const char *const item[] = {"1", "ready", "navvy/1 deliveries=1\na",  "", "", "",
                                       "2", "dlq",   "navvy/1 reason=poison\nb", "", "", ""};
    call_start(call);
    call_key(call, KEY_WORKERS);
    call_key(call, KEY_DEAD);
    call_key_named(call, call->held);
    call_key(call, KEY_READY);
    call_key(call, KEY_DLQ);
    call_key(call, KEY_META);
    call_key(call, KEY_STATUS);
    call_key(call, KEY_CONTROL);
    call_text(call, CALL_WORKER);
    call_text(call, seen);
    call_text(call, "0");
    for (size_t i = 0; i < 6 * items; i++)
        call_text(call, item[i]);
}

static struct reply *recover(struct script_call *call, const char *seen, size_t items)
{
    recover_words(call, seen, items);
    return redis_good(call_run(call, SCRIPT_RECOVER), __FILE__, __LINE__);
}

/* Runs it; fails unless it answers this. */
static void assert_recover(struct script_call *call, const char *seen, size_t items,
                           const char *status, int64_t left, int64_t moved)
{
    struct reply *reply = recover(call, seen, items);
    assert_status(reply, status);
    assert_int_equal(reply_int(reply_at(reply, 1)), left);
    assert_int_equal(reply_int(reply_at(reply, 2)), moved);
    client_reply_free(reply);
}

static void lease(struct script_call *call, int64_t ms_from_now)
{
    redis_run(call->server, "ZADD %s %lld " CALL_WORKER, call_name(call, KEY_WORKERS),
              (long long)(clock_wall_ms() + ms_from_now));
}

/* A worker whose lease is over holds three jobs. */
static void arrange(struct script_call *call)
{
    redis_run(call->server, "HSET %s 1 a 2 b 3 c", call->held);
    redis_run(call->server, "HSET %s taken 3 next:" CALL_WORKER " 4", call_name(call, KEY_META));
    redis_run(call->server, "HSET %s " CALL_WORKER " {}", call_name(call, KEY_STATUS));
    redis_run(call->server, "HSET %s worker:" CALL_WORKER " quiet", call_name(call, KEY_CONTROL));
    lease(call, -1000);
}

static void the_jobs_go_where_they_are_told_with_new_bytes(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    redis_run(call->server, "RPUSH %s first", call_name(call, KEY_READY));
    redis_run(call->server, "HINCRBY %s taken 1", call_name(call, KEY_META));
    assert_recover(call, "0", 2, "ok", 1, 2);
    assert_redis_text(call->server, "navvy/1 deliveries=1\na", "LINDEX %s -1", /* next in line */
                      call_name(call, KEY_READY));
    assert_redis_text(call->server, "navvy/1 reason=poison\nb", "LINDEX %s 0",
                      call_name(call, KEY_DLQ));
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.recovered, 1);
    assert_int_equal(books.dead, 1);
    assert_int_equal(books.alive, 0);
    assert_int_equal(books.dying, 1); /* one job is left: another worker may go on */
}

static void without_items_it_declares_the_death(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    assert_recover(call, "0", 0, "ok", 3, 0);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.dying, 1);
    assert_int_equal(books.held, 3);
}

static void when_all_have_moved_nothing_is_left_of_the_dead(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    assert_recover(call, "0", 2, "ok", 1, 2);
    redis_run(call->server, "HDEL %s 3", call->held);
    redis_run(call->server, "HINCRBY %s done 1", call_name(call, KEY_META));
    assert_recover(call, "0", 2, "ok", 0, 0);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.alive + books.dying, 0);
    assert_int_equal(
        redis_int(call->server, "HEXISTS %s next:" CALL_WORKER, call_name(call, KEY_META)), 0);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_STATUS)), 0);
    assert_int_equal(redis_int(call->server, "EXISTS %s", call_name(call, KEY_CONTROL)), 0);
}

static void a_live_worker_keeps_its_jobs(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    lease(call, 20000);
    char *before = database_digest(call->server);
    assert_recover(call, "0", 2, "alive", 3, 0);
    char *after = database_digest(call->server);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void during_an_amnesty_nobody_is_dead(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    redis_run(call->server, "HSET %s amnesty %lld", call_name(call, KEY_META),
              (long long)clock_wall_ms() + 20000);
    assert_recover(call, "0", 2, "alive", 3, 0);
}

static void an_amnesty_does_not_stop_a_recovery_under_way(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    assert_recover(call, "0", 0, "ok", 3, 0);
    redis_run(call->server, "HSET %s amnesty %lld", call_name(call, KEY_META),
              (long long)clock_wall_ms() + 20000);
    assert_recover(call, "0", 2, "ok", 1, 2);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void who_was_seen_to_die_is_dead_at_once(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    lease(call, 20000);
    redis_run(call->server, "HSET %s amnesty %lld", call_name(call, KEY_META),
              (long long)clock_wall_ms() + 20000);
    assert_recover(call, "1", 2, "ok", 1, 2);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void jobs_of_a_worker_that_no_list_knows_come_back_too(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    redis_run(call->server, "DEL %s", call_name(call, KEY_WORKERS));
    assert_recover(call, "0", 2, "ok", 1, 2);
    (void)assert_books_balance(call->server, CALL_QUEUE);
}

static void two_that_recover_at_once_move_each_job_once(void **state)
{
    struct script_call *call = *state;
    arrange(call);
    assert_recover(call, "0", 1, "ok", 2, 1);
    assert_recover(call, "0", 2, "ok", 1, 1);
    struct books books = assert_books_balance(call->server, CALL_QUEUE);
    assert_int_equal(books.ready, 1);
    assert_int_equal(books.dlq, 1);
}

/* Only two jobs, so that nothing is left and nothing depends on the clock. */
static void arrange_two(struct script_call *call)
{
    arrange(call);
    redis_run(call->server, "HDEL %s 3", call->held);
    redis_run(call->server, "HINCRBY %s taken -1", call_name(call, KEY_META));
    redis_run(call->server, "ZADD %s 1 " CALL_WORKER, call_name(call, KEY_WORKERS));
}

static void words(struct script_call *call)
{
    recover_words(call, "0", 2);
}

static const struct script_case recover_case = {SCRIPT_RECOVER, arrange_two, words, false};

static void a_key_of_another_type_refuses_it_whole(void **state)
{
    assert_refuses_wrong_types(*state, &recover_case, 6);
}

static void a_replay_changes_nothing(void **state)
{
    assert_replay_is_harmless(*state, &recover_case);
}

static void a_full_redis_recovers(void **state)
{
    assert_passes_when_full(*state, &recover_case);
}

static void a_replica_refuses_it_whole(void **state)
{
    assert_refused_by_a_replica(*state, &recover_case);
}

#define CASE(name) cmocka_unit_test_setup(name, call_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_jobs_go_where_they_are_told_with_new_bytes),
        CASE(without_items_it_declares_the_death),
        CASE(when_all_have_moved_nothing_is_left_of_the_dead),
        CASE(a_live_worker_keeps_its_jobs),
        CASE(during_an_amnesty_nobody_is_dead),
        CASE(an_amnesty_does_not_stop_a_recovery_under_way),
        CASE(who_was_seen_to_die_is_dead_at_once),
        CASE(jobs_of_a_worker_that_no_list_knows_come_back_too),
        CASE(two_that_recover_at_once_move_each_job_once),
        CASE(a_key_of_another_type_refuses_it_whole),
        CASE(a_replay_changes_nothing),
        CASE(a_full_redis_recovers),
        CASE(a_replica_refuses_it_whole),
    };
    return cmocka_run_group_tests(tests, call_setup, call_teardown);
}
