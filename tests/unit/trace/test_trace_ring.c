/* trace_ring: what is put is taken, in order; what does not fit is counted; nobody sleeps too long.
 */
#include "trace/trace_ring.h"

#include <pthread.h>
#include <sched.h>

#include "tests/unit/trace/story.h"

static bool put(struct trace_ring *ring, int64_t number)
{
    struct trace_visit *slot = trace_ring_claim(ring);

    if (slot == NULL)
        return false;
    slot->attempt = number;
    trace_ring_put(ring);
    return true;
}

static void a_full_ring_drops_what_comes_and_counts_it(void **state)
{
    (void)state;
    struct trace_ring *ring = trace_ring_new(3);

    assert_non_null(ring);
    for (int round = 0; round < 5; round++) {
        assert_int_equal(trace_ring_count(ring), 0);
        for (int i = 0; i < 3; i++)
            assert_true(put(ring, 10 * round + i));
        assert_false(put(ring, -1));
        assert_int_equal(trace_ring_dropped(ring), round + 1);
        assert_int_equal(trace_ring_count(ring), 3);
        for (uint32_t i = 0; i < 3; i++)
            assert_int_equal(trace_ring_peek(ring, i)->attempt, 10 * round + (int)i);
        trace_ring_drop(ring, 2);
        assert_int_equal(trace_ring_peek(ring, 0)->attempt, 10 * round + 2);
        trace_ring_drop(ring, 1);
    }
    trace_ring_free(ring);
}

enum { MANY = 20000 };

/* As the loop would: it goes on, whatever becomes of them; but here none may be lost. */
static void *put_many(void *arg)
{
    for (int64_t i = 0; i < MANY;) {
        if (put(arg, i))
            i++;
        else
            sched_yield();
    }
    return NULL;
}

static void two_threads_lose_nothing_and_never_sleep_over_it(void **state)
{
    (void)state;
    struct trace_ring *ring = trace_ring_new(16);
    pthread_t thread;
    int64_t next = 0;

    assert_int_equal(pthread_create(&thread, NULL, put_many, ring), 0);
    while (next < MANY) {
        trace_ring_wait(ring, 1, -1); /* a lost wake-up hangs here */
        uint32_t count = trace_ring_count(ring);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(trace_ring_peek(ring, i)->attempt, next++);
        trace_ring_drop(ring, count);
    }
    pthread_join(thread, NULL);
    trace_ring_free(ring);
}

static void a_ring_ends_the_wait_and_no_later_one(void **state)
{
    (void)state;
    struct trace_ring *ring = trace_ring_new(4);

    trace_ring_ring(ring);
    trace_ring_wait(ring, 1, -1);
    trace_ring_wait(ring, 1, 1); /* the bell was heard: this one is over by its limit */
    assert_int_equal(trace_ring_count(ring), 0);
    assert_true(put(ring, 1));
    trace_ring_wait(ring, 1, -1); /* it is there already */
    assert_int_equal(trace_ring_count(ring), 1);
    trace_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_ring_drops_what_comes_and_counts_it),
        cmocka_unit_test(two_threads_lose_nothing_and_never_sleep_over_it),
        cmocka_unit_test(a_ring_ends_the_wait_and_no_later_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
