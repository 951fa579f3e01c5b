/* ring: order, bounds, wrap-around, and hand-over from one thread to many. */
#include "pool/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CAPACITY = 4, CONSUMERS = 4 };

static int ring_setup(void **state)
{
    *state = ring_new(CAPACITY);
    return *state == NULL;
}

static int ring_teardown(void **state)
{
    while (ring_pop(*state) != NULL)
        continue;
    ring_free(*state);
    return 0;
}

static void pop_returns_null_when_empty(void **state)
{
    assert_null(ring_pop(*state));
    assert_int_equal(ring_len(*state), 0);
}

static void push_is_refused_when_full(void **state)
{
    int item[CAPACITY + 1];

    for (int i = 0; i < CAPACITY; i++)
        assert_true(ring_push(*state, &item[i]));
    assert_false(ring_push(*state, &item[CAPACITY]));
    assert_int_equal(ring_len(*state), CAPACITY);

    assert_ptr_equal(ring_pop(*state), &item[0]);
    assert_int_equal(ring_len(*state), CAPACITY - 1);
    assert_true(ring_push(*state, &item[CAPACITY]));
}

static void order_survives_many_wraps(void **state)
{
    for (uintptr_t i = 1; i <= 10 * CAPACITY; i++) {
        assert_true(ring_push(*state, (void *)i));
        assert_true(ring_push(*state, (void *)(i + 1000)));
        assert_int_equal((uintptr_t)ring_pop(*state), i);
        assert_int_equal((uintptr_t)ring_pop(*state), i + 1000);
    }
}

static void smallest_and_largest_ring_hold_what_they_say(void **state)
{
    (void)state;
    const uint32_t capacities[] = {2, RING_CAPACITY_MAX};

    for (size_t c = 0; c < 2; c++) {
        struct ring *ring = ring_new(capacities[c]);
        assert_non_null(ring);
        for (uintptr_t i = 1; i <= capacities[c]; i++)
            assert_true(ring_push(ring, (void *)i));
        assert_false(ring_push(ring, ring));
        for (uintptr_t i = 1; i <= capacities[c]; i++)
            assert_int_equal((uintptr_t)ring_pop(ring), i);
        assert_null(ring_pop(ring));
        ring_free(ring);
    }
}

/* --- many consumers ------------------------------------------------------------------------- */

struct consumer {
    pthread_t thread;
    struct ring *ring;
    uint8_t
        *seen; /* shared; seen[i] is written by whoever popped item i, unsynchronised on purpose */
    uintptr_t popped;
    bool in_order; /* what one consumer gets must grow: the ring is a queue for each of them */
};

static _Atomic bool all_pushed;

static void *pop_all(void *arg)
{
    struct consumer *consumer = arg;
    uintptr_t last = 0;

    consumer->in_order = true;
    for (;;) {
        bool last_look = atomic_load(&all_pushed);
        uintptr_t item = (uintptr_t)ring_pop(consumer->ring);
        if (item == 0 && last_look)
            return NULL;
        if (item == 0) {
            sched_yield();
            continue;
        }
        consumer->in_order = consumer->in_order && item > last;
        last = item;
        consumer->seen[item]++;
        consumer->popped++;
    }
}

static void hand_over(uint32_t capacity, uintptr_t items)
{
    struct ring *ring = ring_new(capacity);
    uint8_t *seen = calloc(items + 1, 1);
    struct consumer consumers[CONSUMERS] = {0};
    uintptr_t popped = 0;

    assert_non_null(ring);
    assert_non_null(seen);
    atomic_store(&all_pushed, false);
    for (int i = 0; i < CONSUMERS; i++) {
        consumers[i] = (struct consumer){.ring = ring, .seen = seen};
        assert_int_equal(pthread_create(&consumers[i].thread, NULL, pop_all, &consumers[i]), 0);
    }
    for (uintptr_t i = 1; i <= items; i++) {
        while (!ring_push(ring, (void *)i))
            sched_yield();
    }
    atomic_store(&all_pushed, true);
    for (int i = 0; i < CONSUMERS; i++) {
        assert_int_equal(pthread_join(consumers[i].thread, NULL), 0);
        assert_true(consumers[i].in_order);
        popped += consumers[i].popped;
    }
    assert_int_equal(popped, items);
    for (uintptr_t i = 1; i <= items; i++)
        assert_int_equal(seen[i], 1);
    free(seen);
    ring_free(ring);
}

static void every_item_reaches_exactly_one_consumer(void **state)
{
    (void)state;
    hand_over(1024, 2000000);
}

static void and_so_it_does_when_the_ring_is_nearly_always_full(void **state)
{
    (void)state;
    hand_over(2, 100000);
}

int main(void)
{
#define RING_TEST(f) cmocka_unit_test_setup_teardown(f, ring_setup, ring_teardown)
    const struct CMUnitTest tests[] = {
        RING_TEST(pop_returns_null_when_empty),
        RING_TEST(push_is_refused_when_full),
        RING_TEST(order_survives_many_wraps),
        cmocka_unit_test(smallest_and_largest_ring_hold_what_they_say),
        cmocka_unit_test(every_item_reaches_exactly_one_consumer),
        cmocka_unit_test(and_so_it_does_when_the_ring_is_nearly_always_full),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
