/*
 * sweep_replies: the connection ends at each of the first calls of a worker's life, whatever it is:
 * before the call reaches Redis, between the call and its reply, in the middle of the reply.
 */
#include "tests/support/sweep.h"
#include "tests/support/test.h"

enum { CALLS = 40, CALLS_OF_RECOVERY = 24 };

static void sweep(enum sweep_flow flow, enum proxy_fault cut, unsigned calls)
{
    struct sweep_case cases[CALLS];

    CHECK(calls <= CALLS);
    for (unsigned i = 0; i < calls; i++)
        cases[i] = (struct sweep_case){.flow = flow, .nth = 1 + i, .cut = cut};
    sweep_run(cases, calls);
}

static void cut_before_each_call(void **state)
{
    (void)state;
    sweep(SWEEP_WORK, PROXY_CUT_REQUEST, CALLS);
}

static void cut_before_each_reply(void **state)
{
    (void)state;
    sweep(SWEEP_WORK, PROXY_CUT_REPLY, CALLS);
}

static void cut_inside_each_reply(void **state)
{
    (void)state;
    sweep(SWEEP_WORK, PROXY_CUT_INSIDE, CALLS);
}

static void cut_before_each_reply_while_a_dead_worker_is_recovered(void **state)
{
    (void)state;
    sweep(SWEEP_DEAD, PROXY_CUT_REPLY, CALLS_OF_RECOVERY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_before_each_call),
        cmocka_unit_test(cut_before_each_reply),
        cmocka_unit_test(cut_inside_each_reply),
        cmocka_unit_test(cut_before_each_reply_while_a_dead_worker_is_recovered),
    };
    return cmocka_run_group_tests_name("sweep_replies", tests, NULL, NULL);
}
