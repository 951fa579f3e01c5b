/* pending: order through growth and wrap-around, the bound, and the most urgent call. */
#include "redis/pending.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void push(struct pending *pending, int64_t deadline_ms)
{
    const struct pending_call call = {.deadline_ms = deadline_ms};
    assert_true(pending_reserve(pending));
    pending_push(pending, &call);
}

static void calls_come_out_in_order_through_growth_and_wrap(void **state)
{
    (void)state;
    struct pending pending = {0};
    int64_t in = 0, out = 0;

    for (int round = 0; round < 100; round++) { /* three in, two out: it wraps, and it grows */
        for (int i = 0; i < 3; i++)
            push(&pending, in++);
        for (int i = 0; i < 2; i++)
            assert_int_equal(pending_pop(&pending).deadline_ms, out++);
    }
    while (pending.count > 0)
        assert_int_equal(pending_pop(&pending).deadline_ms, out++);
    assert_int_equal(out, in);
    pending_free(&pending);
}

static void one_more_than_the_most_is_refused(void **state)
{
    (void)state;
    struct pending pending = {0};
    for (int i = 0; i < LINK_PENDING_MAX; i++)
        push(&pending, i);
    assert_false(pending_reserve(&pending));
    (void)pending_pop(&pending);
    assert_true(pending_reserve(&pending));
    pending_free(&pending);
}

static void the_most_urgent_is_not_always_the_oldest(void **state)
{
    (void)state;
    struct pending pending = {0};
    assert_null(pending_most_urgent(&pending));
    push(&pending, 50);
    push(&pending, 20);
    push(&pending, 70);
    assert_int_equal(pending_most_urgent(&pending)->deadline_ms, 20);
    (void)pending_pop(&pending);
    (void)pending_pop(&pending);
    assert_int_equal(pending_most_urgent(&pending)->deadline_ms, 70);
    pending_free(&pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_come_out_in_order_through_growth_and_wrap),
        cmocka_unit_test(one_more_than_the_most_is_refused),
        cmocka_unit_test(the_most_urgent_is_not_always_the_oldest),
    };
    return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
