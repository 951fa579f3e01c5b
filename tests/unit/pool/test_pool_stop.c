/* pool: a job is asked to stop, or its time is up; and only that job. */
#include "tests/unit/pool/gate.h"

#include <sched.h>

enum { RACES = 20000 };

static void a_running_job_hears_why_it_should_stop(void **state)
{
    (void)state;
    const enum job_stop reasons[] = {JOB_STOP_SHUTDOWN, JOB_STOP_LOST, JOB_STOP_TIMEOUT};

    start_pool(2, 2, 1000);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        push(0, 1, ERRAND_HOLD);
        pool_kick(gate.pool);
        EVENTUALLY(turn().running == 1, LIMIT_MS);
        pool_stop_job(gate.pool, &gate.job[0], reasons[i]);
        pool_stop_job(gate.pool, &gate.job[0], JOB_STOP_SHUTDOWN); /* the first reason stays */
        assert_int_equal(collect(1)->result.outcome, JOB_STOPPED);
        assert_int_equal(gate.job[0].result.delay_ms, reasons[i]);
    }
}

static void only_the_job_that_is_meant_stops(void **state)
{
    (void)state;
    start_pool(3, 3, 1000);
    push(0, 3, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 3, LIMIT_MS);
    pool_stop_job(gate.pool, &gate.job[1], JOB_STOP_LOST);
    assert_ptr_equal(collect(1), &gate.job[1]);
    assert_int_equal(pool_stats(gate.pool).running, 2);
    gate_open();
    for (struct job *job = collect(2); job != NULL; job = job->next)
        assert_int_equal(job->result.outcome, JOB_DONE);
}

static void a_waiting_job_that_is_stopped_never_begins(void **state)
{
    (void)state;
    start_pool(1, 1, 1000);
    push(0, 1, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 1, LIMIT_MS);
    push(1, 2, ERRAND_QUICK);
    pool_stop_job(gate.pool, &gate.job[1], JOB_STOP_SHUTDOWN);
    gate_open();

    struct job *job = collect(3)->next;
    assert_ptr_equal(job, &gate.job[1]);
    assert_int_equal(job->result.outcome, JOB_STOPPED);
    assert_int_equal(job->started_ms, 0);
    assert_int_equal(job->next->result.outcome, JOB_DONE);
}

static void stopping_a_job_that_has_finished_is_harmless(void **state)
{
    (void)state;
    start_pool(1, 1, 1000);
    push(0, 1, ERRAND_QUICK);
    pool_kick(gate.pool);
    EVENTUALLY(pool_stats(gate.pool).waiting == 0 && pool_stats(gate.pool).running == 0 &&
                   pool_stats(gate.pool).idle == 1,
               LIMIT_MS);
    pool_stop_job(gate.pool, &gate.job[0], JOB_STOP_SHUTDOWN);
    assert_int_equal(collect(1)->result.outcome, JOB_DONE);
}

static void a_job_runs_until_its_time_is_up(void **state)
{
    (void)state;
    start_pool(1, 1, 1000);
    gate.job[0].timeout_ms = 30;
    push(0, 1, ERRAND_HOLD);
    pool_kick(gate.pool);

    struct job *job = collect(1);
    assert_int_equal(job->result.outcome, JOB_STOPPED);
    assert_int_equal(job->result.delay_ms, JOB_STOP_TIMEOUT);
    assert_true(job->finished_ms - job->started_ms >= 30);
}

/* --- the moment at which a job ends ----------------------------------------------------------- */

static _Atomic int strays; /* jobs that found somebody else's ring on their fd */

static void expect_silence(struct job *job, const struct stopper *stopper)
{
    struct pollfd fd = {.fd = stopper->wake_fd, .events = POLLIN};

    if (poll(&fd, 1, 0) != 0 && stopper_reason(stopper) == JOB_STOP_NONE)
        atomic_fetch_add(&strays, 1);
    for (int i = 0; i < 4; i++)
        sched_yield(); /* so that a stop may meet it */
    job->result.outcome = JOB_DONE;
}

/* The first one does not listen: it ends with its fd still readable. */
static void deaf_then_expect_silence(struct job *job, const struct stopper *stopper)
{
    if (job == &gate.job[0])
        run_errand(job, stopper);
    else
        expect_silence(job, stopper);
}

static void a_ring_that_a_job_did_not_listen_to_does_not_reach_the_next_job(void **state)
{
    (void)state;
    gate.pool = pool_new(&(struct pool_limits){1, 1, 1000}, deaf_then_expect_silence);
    assert_non_null(gate.pool);
    atomic_store(&strays, 0);
    push(0, 1, ERRAND_DEAF);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 1, LIMIT_MS);
    pool_stop_job(gate.pool, &gate.job[0], JOB_STOP_LOST);
    push(1, 1, ERRAND_QUICK);
    gate_open();
    collect(2);
    assert_int_equal(atomic_load(&strays), 0);
}

static void a_stop_that_comes_too_late_does_not_reach_the_next_job(void **state)
{
    (void)state;
    gate.pool = pool_new(&(struct pool_limits){2, 2, 1000}, expect_silence);
    assert_non_null(gate.pool);
    atomic_store(&strays, 0);
    for (int round = 0; round < RACES; round++) {
        push(0, 8, ERRAND_QUICK);
        pool_kick(gate.pool);
        for (int i = 0; i < round % 8; i++)
            sched_yield(); /* another moment each time */
        for (int i = 0; i < 8; i += 2)
            pool_stop_job(gate.pool, &gate.job[i], JOB_STOP_LOST);
        for (struct job *job = collect(8); job != NULL; job = job->next) {
            bool asked = (job - gate.job) % 2 == 0;
            assert_true(job->result.outcome == JOB_DONE ||
                        (asked && job->result.outcome == JOB_STOPPED && job->started_ms == 0));
        }
    }
    assert_int_equal(atomic_load(&strays), 0);
}

static void a_stop_that_meets_the_beginning_of_a_job_is_not_lost(void **state)
{
    (void)state;
    start_pool(2, 2, 1000);
    for (int round = 0; round < RACES; round++) {
        push(0, 2, ERRAND_HOLD); /* the gate stays shut: only the stop can end them */
        pool_kick(gate.pool);
        for (int i = 0; i < round % 16; i++)
            sched_yield();
        pool_stop_job(gate.pool, &gate.job[0], JOB_STOP_LOST);
        pool_stop_job(gate.pool, &gate.job[1], JOB_STOP_LOST);
        for (struct job *job = collect(2); job != NULL; job = job->next)
            assert_int_equal(job->result.outcome, JOB_STOPPED);
    }
}

int main(void)
{
#define POOL_TEST(f) cmocka_unit_test_setup_teardown(f, gate_setup, gate_teardown)
    const struct CMUnitTest tests[] = {
        POOL_TEST(a_running_job_hears_why_it_should_stop),
        POOL_TEST(only_the_job_that_is_meant_stops),
        POOL_TEST(a_waiting_job_that_is_stopped_never_begins),
        POOL_TEST(stopping_a_job_that_has_finished_is_harmless),
        POOL_TEST(a_job_runs_until_its_time_is_up),
        POOL_TEST(a_ring_that_a_job_did_not_listen_to_does_not_reach_the_next_job),
        POOL_TEST(a_stop_that_comes_too_late_does_not_reach_the_next_job),
        POOL_TEST(a_stop_that_meets_the_beginning_of_a_job_is_not_lost),
    };
    return cmocka_run_group_tests_name("pool_stop", tests, NULL, NULL);
}
