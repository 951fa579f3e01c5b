/* plan: slow jobs are left to the fleet, fast ones fill the pipe, nobody starves. */
#include "consumer/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct plan_view idle = {
    .threads = 16, .queue_max = UINT32_MAX, .hungry = 1, .table_free = 8192, .done_per_ms = 0};

static void an_idle_pool_takes_one_job_per_thread(void **state)
{
    (void)state;
    assert_int_equal(plan_take(&idle), 16);
}

static void slow_jobs_are_taken_only_for_free_threads(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.done_per_ms = 0.01; /* one in 100 ms */
    for (uint32_t busy = 0; busy <= 16; busy++) {
        view.pool_jobs = view.queue_jobs = busy;
        assert_int_equal(plan_take(&view), 16 - busy);
    }
    view.pool_jobs = 17; /* after the pool was made smaller */
    assert_int_equal(plan_take(&view), 0);
}

static void free_threads_are_shared_by_hungry_queues(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.hungry = 5;
    assert_int_equal(plan_take(&view), 4); /* 16 / 5, rounded up */
    view.hungry = 200;
    assert_int_equal(plan_take(&view), 1);
}

static void fast_jobs_are_taken_for_the_next_20_ms(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.done_per_ms = 10; /* 200 in 20 ms */
    view.pool_jobs = view.queue_jobs = 100;
    assert_int_equal(plan_take(&view), 100);
    view.done_per_ms = 1000;
    assert_int_equal(plan_take(&view), PLAN_TAKE_MAX);
}

static void a_full_pipe_waits_until_a_take_is_worth_its_round_trip(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.done_per_ms = 100; /* 2000 in 20 ms; half of it is more than a take may bring */
    view.pool_jobs = view.queue_jobs = 2000 - PLAN_TAKE_MAX + 1;
    assert_int_equal(plan_take(&view), 0);
    view.pool_jobs = view.queue_jobs = 2000 - PLAN_TAKE_MAX;
    assert_int_equal(plan_take(&view), PLAN_TAKE_MAX);

    view.done_per_ms = 10; /* 200 in 20 ms */
    view.pool_jobs = view.queue_jobs = 101;
    assert_int_equal(plan_take(&view), 0);
    view.pool_jobs = view.queue_jobs = 100;
    assert_int_equal(plan_take(&view), 100);
}

static void a_slow_queue_does_not_inherit_the_speed_of_a_fast_one(void **state)
{
    (void)state;
    struct plan_view slow = idle;
    slow.pool_jobs = 4000; /* of the fast one */
    slow.queue_jobs = 3;
    slow.done_per_ms = 0.1;
    assert_int_equal(plan_take(&slow), 0);
}

static void a_queue_with_nothing_here_gets_one_behind_a_fast_one(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.pool_jobs = 4000;
    view.pool_per_ms = 0.04; /* less than one in 20 ms: its thread is not soon free */
    assert_int_equal(plan_take(&view), 0);
    view.pool_per_ms = 0.05;
    assert_int_equal(plan_take(&view), 1);
    view.queue_jobs = 1;
    assert_int_equal(plan_take(&view), 0);
}

static void a_limit_of_the_queue_holds_for_takes(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.queue_max = 3;
    assert_int_equal(plan_take(&view), 3);
    view.pool_jobs = view.queue_jobs = 2;
    assert_int_equal(plan_take(&view), 1);
    view.pool_jobs = view.queue_jobs = 3;
    assert_int_equal(plan_take(&view), 0);
    view.queue_jobs = 10; /* the limit was lowered */
    assert_int_equal(plan_take(&view), 0);
    view.pool_jobs = view.queue_jobs = 3;
    view.done_per_ms = 1; /* three at a time, and yet 20 in 20 ms */
    assert_int_equal(plan_take(&view), 17);
}

static void a_full_table_takes_nothing(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.table_free = 0;
    assert_int_equal(plan_take(&view), 0);
    view.table_free = 3;
    assert_int_equal(plan_take(&view), 3);
    view.done_per_ms = 1e12;
    assert_int_equal(plan_take(&view), 3);
}

static void what_is_on_its_way_comes_on_top(void **state)
{
    (void)state;
    struct plan_view view = idle;
    view.done_per_ms = 10;
    view.fetch_ms = 4; /* 200 in 20 ms, and 120 in three times 4 */
    view.pool_jobs = view.queue_jobs = 160;
    assert_int_equal(plan_take(&view), 160);
}

static void the_rate_follows_within_two_windows(void **state)
{
    (void)state;
    assert_true(plan_rate(0, 400, 40, 20) == 10);
    assert_true(plan_rate(0, 100, 10, 20) == 2.5); /* a quarter of the way to 10 */
    assert_true(plan_rate(0, 100, 10, 40) == 1.25);
    assert_true(plan_rate(10, 0, 1000, 20) == 0);
    double rate = 1000;
    for (int i = 0; i < 20; i++)
        rate = plan_rate(rate, 0, 20, 20);
    assert_true(rate < 0.01);
}

static void the_way_is_learnt_and_a_silence_soon_forgotten(void **state)
{
    (void)state;
    assert_true(plan_fetch(0, 8) == 2);
    assert_true(plan_fetch(8, 8) == 8);
    double fetch = plan_fetch(1, 1e9);
    assert_true(fetch <= 1 + PLAN_FETCH_MS_MAX / 4.0);
    for (int i = 0; i < 16; i++)
        fetch = plan_fetch(fetch, 1);
    assert_true(fetch < 2);
}

/*
 * A Redis that is `trip_ms` away and always has more, two takes under way at most, a claim for each
 * job, jobs that end at once: so many are done in the last of ten seconds, ms by ms.
 */
static uint32_t done_at_distance(uint32_t trip_ms)
{
    enum { END_MS = 10000, LAST_MS = 1000 };
    static uint32_t answered[END_MS + 1000], runs[END_MS + 1000];
    struct plan_view view = idle;
    uint32_t takes = 0, finished = 0, done = 0;

    for (int i = 0; i < END_MS + 1000; i++)
        answered[i] = runs[i] = 0;
    view.fetch_ms = 2 * trip_ms;
    for (uint32_t now_ms = 0; now_ms < END_MS; now_ms++) {
        takes -= answered[now_ms] > 0;
        finished += runs[now_ms];
        done += now_ms >= END_MS - LAST_MS ? runs[now_ms] : 0;
        view.queue_jobs = view.pool_jobs = view.queue_jobs - runs[now_ms];
        if (now_ms % 5 == 4) {
            view.done_per_ms =
                plan_rate(view.done_per_ms, finished, 5, plan_ahead_ms(view.fetch_ms));
            finished = 0;
        }
        uint32_t jobs = takes < 2 ? plan_take(&view) : 0;
        takes += jobs > 0;
        answered[now_ms + trip_ms] += jobs;
        runs[now_ms + 2 * trip_ms] += jobs;
        view.queue_jobs = view.pool_jobs = view.queue_jobs + jobs;
    }
    return done;
}

static void a_queue_becomes_fast_at_any_distance(void **state)
{
    (void)state;
    for (uint32_t trip_ms = 1; trip_ms <= 50; trip_ms++) {
        uint32_t most = 2 * PLAN_TAKE_MAX * 1000 / trip_ms;
        assert_true(done_at_distance(trip_ms) > most / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_pool_takes_one_job_per_thread),
        cmocka_unit_test(slow_jobs_are_taken_only_for_free_threads),
        cmocka_unit_test(free_threads_are_shared_by_hungry_queues),
        cmocka_unit_test(fast_jobs_are_taken_for_the_next_20_ms),
        cmocka_unit_test(a_full_pipe_waits_until_a_take_is_worth_its_round_trip),
        cmocka_unit_test(a_slow_queue_does_not_inherit_the_speed_of_a_fast_one),
        cmocka_unit_test(a_queue_with_nothing_here_gets_one_behind_a_fast_one),
        cmocka_unit_test(a_limit_of_the_queue_holds_for_takes),
        cmocka_unit_test(a_full_table_takes_nothing),
        cmocka_unit_test(what_is_on_its_way_comes_on_top),
        cmocka_unit_test(the_rate_follows_within_two_windows),
        cmocka_unit_test(the_way_is_learnt_and_a_silence_soon_forgotten),
        cmocka_unit_test(a_queue_becomes_fast_at_any_distance),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
