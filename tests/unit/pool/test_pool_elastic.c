/* pool: it grows while jobs wait, shrinks when they do not, and copes when it may not grow. */
#include "tests/unit/pool/gate.h"

#include <fcntl.h>
#include <sys/resource.h>

static void it_begins_with_min_threads(void **state)
{
    (void)state;
    start_pool(3, 8, 1000);
    assert_int_equal(pool_stats(gate.pool).threads, 3);
    assert_int_equal(pool_stats(gate.pool).capacity, 8);
}

static void one_kick_is_enough_to_get_all_jobs_running(void **state)
{
    (void)state;
    start_pool(1, 6, 1000);
    push(0, 10, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 6, LIMIT_MS);
    assert_int_equal(pool_stats(gate.pool).threads, 6);
    assert_int_equal(pool_stats(gate.pool).waiting, 4);
    pool_kick(gate.pool);
    assert_int_equal(pool_stats(gate.pool).threads, 6);
    gate_open();
    collect(10);
}

static void it_does_not_grow_while_somebody_is_idle(void **state)
{
    (void)state;
    start_pool(2, 8, 1000);
    EVENTUALLY(turn().idle == 2, LIMIT_MS);
    push(0, 2, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 2, LIMIT_MS);
    assert_int_equal(pool_stats(gate.pool).threads, 2);
}

static void idle_threads_end_down_to_min(void **state)
{
    (void)state;
    start_pool(2, 8, 10);
    push(0, 8, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().threads == 8, LIMIT_MS);
    EVENTUALLY(turn().running == 8, LIMIT_MS);
    gate_open();
    collect(8);
    EVENTUALLY(turn().threads == 2, LIMIT_MS);
    EVENTUALLY(turn().idle == 2, LIMIT_MS);
}

static void it_grows_again_after_it_has_shrunk(void **state)
{
    (void)state;
    start_pool(1, 4, 1);
    for (int round = 0; round < 20; round++) {
        uint64_t opened;

        push(0, 4, ERRAND_HOLD);
        pool_kick(gate.pool);
        EVENTUALLY(turn().running == 4, LIMIT_MS);
        gate_open();
        collect(4);
        EVENTUALLY(turn().threads == 1, LIMIT_MS);
        assert_int_equal(read(gate.fd, &opened, sizeof(opened)), sizeof(opened)); /* shut */
    }
}

static void a_job_that_comes_while_a_thread_leaves_is_run(void **state)
{
    (void)state;
    start_pool(1, 2, 0); /* whoever is over min leaves at once: it happens all the time */
    for (int round = 0; round < 10000; round++) {
        push(0, 2, ERRAND_QUICK);
        pool_kick(gate.pool);
        collect(2);
    }
}

static void a_resize_upwards_starts_threads_at_once(void **state)
{
    (void)state;
    start_pool(1, 1, 1000);
    push(0, 4, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 1, LIMIT_MS);
    pool_resize(gate.pool, &(struct pool_limits){3, 4, 1000});
    assert_true(pool_stats(gate.pool).threads >= 3);
    EVENTUALLY(turn().running == 4, LIMIT_MS);
    assert_int_equal(pool_stats(gate.pool).capacity, 4);
}

static void a_resize_downwards_ends_idle_threads_but_no_job(void **state)
{
    (void)state;
    start_pool(6, 6, 1000000);
    push(0, 4, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 4, LIMIT_MS);
    pool_resize(gate.pool, &(struct pool_limits){1, 2, 1000000});
    EVENTUALLY(turn().threads == 4, LIMIT_MS);
    assert_int_equal(pool_stats(gate.pool).running, 4);
    gate_open();
    for (struct job *job = collect(4); job != NULL; job = job->next)
        assert_int_equal(job->result.outcome, JOB_DONE);
    EVENTUALLY(turn().threads == 2,
               LIMIT_MS); /* not 1: between min and max it is idleness that counts */
}

static void a_smaller_min_is_noticed_by_those_who_sleep_for_ever(void **state)
{
    (void)state;
    start_pool(4, 4, 10);
    EVENTUALLY(turn().idle == 4, LIMIT_MS);
    pool_resize(gate.pool, &(struct pool_limits){1, 4, 10});
    EVENTUALLY(turn().threads == 1, LIMIT_MS);
}

static void jobs_survive_any_number_of_resizes(void **state)
{
    (void)state;
    start_pool(1, 8, 0);
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t max = 1 + round * 7 % 8;
        push(0, JOBS_MAX, ERRAND_QUICK);
        pool_kick(gate.pool);
        pool_resize(gate.pool, &(struct pool_limits){1 + round % max, max, round % 2});
        collect(JOBS_MAX);
    }
}

/* --- threads that cannot be started ---------------------------------------------------------- */

/* Lets the process open `more` file descriptors and no more; a thread needs one. */
static void allow_fds(int more)
{
    int lowest = fcntl(gate.fd, F_DUPFD_CLOEXEC, 0);
    struct rlimit limit;

    assert_true(lowest >= 0);
    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = more < 0 ? limit.rlim_max : (rlim_t)(lowest + more);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void a_pool_that_cannot_have_all_its_threads_works_with_those_it_has(void **state)
{
    (void)state;
    struct rlimit before;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    allow_fds(1 + 2); /* the finished list's, and two threads */
    gate.pool = pool_new(&(struct pool_limits){4, 4, 1000}, run_errand);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_non_null(gate.pool);
    assert_int_equal(pool_stats(gate.pool).threads, 2);
    push(0, 20, ERRAND_QUICK);
    pool_kick(gate.pool);
    collect(20);
}

static void it_tries_again_later(void **state)
{
    (void)state;
    struct rlimit before;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    allow_fds(1 + 1);
    gate.pool = pool_new(&(struct pool_limits){2, 2, 1000}, run_errand);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_non_null(gate.pool);
    push(0, 2, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 2, LIMIT_MS);
}

static void no_thread_at_all_is_no_pool(void **state)
{
    (void)state;
    struct rlimit before;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int more = 0; more <= 1; more++) {
        allow_fds(more);
        gate.pool = pool_new(&(struct pool_limits){1, 1, 1000}, run_errand);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_null(gate.pool);
    }
}

int main(void)
{
#define POOL_TEST(f) cmocka_unit_test_setup_teardown(f, gate_setup, gate_teardown)
    const struct CMUnitTest tests[] = {
        POOL_TEST(it_begins_with_min_threads),
        POOL_TEST(one_kick_is_enough_to_get_all_jobs_running),
        POOL_TEST(it_does_not_grow_while_somebody_is_idle),
        POOL_TEST(idle_threads_end_down_to_min),
        POOL_TEST(it_grows_again_after_it_has_shrunk),
        POOL_TEST(a_job_that_comes_while_a_thread_leaves_is_run),
        POOL_TEST(a_resize_upwards_starts_threads_at_once),
        POOL_TEST(a_resize_downwards_ends_idle_threads_but_no_job),
        POOL_TEST(a_smaller_min_is_noticed_by_those_who_sleep_for_ever),
        POOL_TEST(jobs_survive_any_number_of_resizes),
        POOL_TEST(a_pool_that_cannot_have_all_its_threads_works_with_those_it_has),
        POOL_TEST(it_tries_again_later),
        POOL_TEST(no_thread_at_all_is_no_pool),
    };
    return cmocka_run_group_tests_name("pool_elastic", tests, NULL, NULL);
}
