/* wake: nobody who sleeps is forgotten, nobody is woken twice, an empty house costs no system call.
 */
#include "pool/wake.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/support/eventually.h"

enum { SLEEPERS = 3, ROUNDS = 100000 };

static struct wake wake;

static int wake_setup(void **state)
{
    (void)state;
    wake_init(&wake);
    return 0;
}

static void waking_nobody_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_int_equal(wake_up(&wake, 5), 0);
    assert_int_equal(wake_idle(&wake), 0);
    uint32_t ticket = wake_announce(&wake); /* so a later sleeper is not woken by an old call */
    assert_false(wake_sleep(&wake, ticket, clock_mono_ms() + 1));
    assert_int_equal(wake_idle(&wake), 0);
}

static void sleep_ends_at_its_limit(void **state)
{
    (void)state;
    int64_t start_ms = clock_mono_ms();

    uint32_t ticket = wake_announce(&wake);
    assert_int_equal(wake_idle(&wake), 1);
    assert_false(wake_sleep(&wake, ticket, start_ms + 30));
    assert_true(clock_mono_ms() >= start_ms + 30);
    assert_int_equal(wake_idle(&wake), 0);
}

static void a_wake_up_between_announcing_and_sleeping_is_not_lost(void **state)
{
    (void)state;
    uint32_t ticket = wake_announce(&wake);
    assert_int_equal(wake_up(&wake, 1), 1);
    assert_true(wake_sleep(&wake, ticket, WAKE_FOREVER));
}

static void withdrawing_takes_the_token_that_was_promised(void **state)
{
    (void)state;
    wake_announce(&wake);
    assert_int_equal(wake_up(&wake, 1), 1);
    wake_withdraw(&wake);
    assert_int_equal(wake_idle(&wake), 0);
    wake_announce(&wake);
    wake_withdraw(&wake);
    assert_int_equal(wake_idle(&wake), 0);
}

static void one_job_wakes_one_thread_however_often_it_is_announced(void **state)
{
    (void)state;
    for (int i = 0; i < SLEEPERS; i++)
        wake_announce(&wake);
    assert_int_equal(wake_up(&wake, 1), 1);
    assert_int_equal(wake_up(&wake, 1), 0);
    assert_int_equal(wake_up(&wake, 2), 1);
    assert_int_equal(wake_up(&wake, 100), 1);
    assert_int_equal(wake_up(&wake, 100), 0);
    assert_int_equal(wake_idle(&wake), SLEEPERS);
}

static void wake_all_sends_everybody_home_and_nobody_who_comes_later(void **state)
{
    (void)state;
    uint32_t first = wake_announce(&wake), second = wake_announce(&wake);

    wake_all(&wake);
    assert_false(wake_sleep(&wake, first, WAKE_FOREVER));
    assert_false(wake_sleep(&wake, second, WAKE_FOREVER));
    assert_int_equal(wake_idle(&wake), 0);
    uint32_t third = wake_announce(&wake);
    assert_int_equal(wake_up(&wake, 1), 1);
    assert_true(wake_sleep(&wake, third, WAKE_FOREVER));
}

static void a_token_is_not_lost_to_wake_all(void **state)
{
    (void)state;
    uint32_t ticket = wake_announce(&wake);

    assert_int_equal(wake_up(&wake, 1), 1);
    wake_all(&wake);
    assert_true(wake_sleep(&wake, ticket, WAKE_FOREVER));
    assert_int_equal(wake_idle(&wake), 0);
}

/* --- threads -------------------------------------------------------------------------------- */

static _Atomic int work;  /* made by the waker, taken by the sleepers; negative: the end */
static _Atomic int taken; /* by all of them */

static bool take_work(void)
{
    int left = atomic_load(&work);
    while (left > 0) {
        if (atomic_compare_exchange_weak(&work, &left, left - 1)) {
            atomic_fetch_add(&taken, 1);
            return true;
        }
    }
    return false;
}

static void *sleeper(void *arg)
{
    (void)arg;
    for (;;) {
        if (take_work())
            continue;
        uint32_t ticket = wake_announce(&wake);
        if (take_work() || atomic_load(&work) < 0) {
            wake_withdraw(&wake);
            if (atomic_load(&work) < 0)
                return NULL;
            continue;
        }
        wake_sleep(&wake, ticket, WAKE_FOREVER);
    }
}

/* One piece of work at a time, and none is made before the last was taken: a wake-up that gets lost
 * stops everything, and the test runs into its limit. */
static void no_wake_up_is_lost_in_a_race(void **state)
{
    (void)state;
    pthread_t threads[SLEEPERS];

    atomic_store(&work, 0);
    atomic_store(&taken, 0);
    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sleeper, NULL), 0);
    for (int i = 1; i <= ROUNDS; i++) {
        atomic_fetch_add(&work, 1);
        wake_up(&wake, 1);
        while (atomic_load(&taken) < i)
            sched_yield();
    }
    EVENTUALLY(wake_idle(&wake) == SLEEPERS, 5000);
    atomic_store(&work, -1);
    wake_up(&wake, SLEEPERS);
    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(wake_idle(&wake), 0);
}

static void *doze_shortly(void *arg)
{
    (void)arg;
    while (atomic_load(&work) >= 0) {
        if (take_work())
            continue;
        uint32_t ticket = wake_announce(&wake);
        if (take_work())
            wake_withdraw(&wake);
        else
            wake_sleep(&wake, ticket,
                       clock_mono_ms() + 1); /* limit and wake-up meet again and again */
    }
    return NULL;
}

static void a_limit_that_meets_a_wake_up_loses_neither(void **state)
{
    (void)state;
    pthread_t threads[SLEEPERS];

    atomic_store(&work, 0);
    atomic_store(&taken, 0);
    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, doze_shortly, NULL), 0);
    for (int i = 1; i <= ROUNDS / 10; i++) {
        atomic_fetch_add(&work, 1);
        wake_up(&wake, 1);
        while (atomic_load(&taken) < i)
            sched_yield();
    }
    atomic_store(&work, -1);
    for (int i = 0; i < SLEEPERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(wake_idle(&wake), 0); /* every announcement was taken back, every token used */
}

int main(void)
{
#define WAKE_TEST(f) cmocka_unit_test_setup(f, wake_setup)
    const struct CMUnitTest tests[] = {
        WAKE_TEST(waking_nobody_leaves_nothing_behind),
        WAKE_TEST(sleep_ends_at_its_limit),
        WAKE_TEST(a_wake_up_between_announcing_and_sleeping_is_not_lost),
        WAKE_TEST(withdrawing_takes_the_token_that_was_promised),
        WAKE_TEST(one_job_wakes_one_thread_however_often_it_is_announced),
        WAKE_TEST(wake_all_sends_everybody_home_and_nobody_who_comes_later),
        WAKE_TEST(a_token_is_not_lost_to_wake_all),
        WAKE_TEST(no_wake_up_is_lost_in_a_race),
        WAKE_TEST(a_limit_that_meets_a_wake_up_loses_neither),
    };
    return cmocka_run_group_tests_name("wake", tests, NULL, NULL);
}
