/* lifecycle: every pair of state and event, and that each job comes to its end. */
#include "job/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "job/job.h"

/* As it is drawn in lifecycle.h; what is not here cannot happen. */
static const struct {
    enum job_state from;
    enum job_event event;
    enum job_state to;
} arrows[] = {
    {JOB_STATE_TAKEN, JOB_EV_CLAIM, JOB_STATE_CLAIMING},
    {JOB_STATE_TAKEN, JOB_EV_DISPATCH, JOB_STATE_WORKING},
    {JOB_STATE_TAKEN, JOB_EV_DECIDE, JOB_STATE_DECIDED},
    {JOB_STATE_TAKEN, JOB_EV_LEASE_LOST, JOB_STATE_GONE},
    {JOB_STATE_CLAIMING, JOB_EV_DISPATCH, JOB_STATE_WORKING},
    {JOB_STATE_CLAIMING, JOB_EV_DECIDE, JOB_STATE_DECIDED},
    {JOB_STATE_CLAIMING, JOB_EV_NO_ANSWER, JOB_STATE_TAKEN},
    {JOB_STATE_CLAIMING, JOB_EV_LEASE_LOST, JOB_STATE_LOST},
    {JOB_STATE_WORKING, JOB_EV_FINISH, JOB_STATE_DECIDED},
    {JOB_STATE_WORKING, JOB_EV_DECIDE, JOB_STATE_DECIDED},
    {JOB_STATE_WORKING, JOB_EV_LEASE_LOST, JOB_STATE_LOST},
    {JOB_STATE_DECIDED, JOB_EV_SEND, JOB_STATE_SETTLING},
    {JOB_STATE_DECIDED, JOB_EV_SETTLED, JOB_STATE_GONE},
    {JOB_STATE_DECIDED, JOB_EV_REFUSED, JOB_STATE_GONE},
    {JOB_STATE_DECIDED, JOB_EV_LEASE_LOST, JOB_STATE_GONE},
    {JOB_STATE_SETTLING, JOB_EV_SETTLED, JOB_STATE_GONE},
    {JOB_STATE_SETTLING, JOB_EV_REFUSED, JOB_STATE_GONE},
    {JOB_STATE_SETTLING, JOB_EV_NO_ANSWER, JOB_STATE_DECIDED},
    {JOB_STATE_SETTLING, JOB_EV_LEASE_LOST, JOB_STATE_SETTLING},
    {JOB_STATE_LOST, JOB_EV_FINISH, JOB_STATE_GONE},
    {JOB_STATE_LOST, JOB_EV_DECIDE, JOB_STATE_GONE},
    {JOB_STATE_LOST, JOB_EV_DISPATCH, JOB_STATE_GONE},
    {JOB_STATE_LOST, JOB_EV_NO_ANSWER, JOB_STATE_GONE},
};

static enum job_state drawn(enum job_state from, enum job_event event)
{
    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++) {
        if (arrows[i].from == from && arrows[i].event == event)
            return arrows[i].to;
    }
    return JOB_STATE_NONE;
}

static void only_the_arrows_that_are_drawn_exist(void **state)
{
    (void)state;
    for (int from = JOB_STATE_NONE; from < JOB_STATE_COUNT; from++) {
        for (int event = 0; event < JOB_EV_COUNT; event++) {
            enum job_state want = drawn((enum job_state)from, (enum job_event)event);
            enum job_state is = lifecycle_next((enum job_state)from, (enum job_event)event);
            if (is != want)
                fail_msg("%s, %s: %s", lifecycle_state_name((enum job_state)from),
                         lifecycle_event_name((enum job_event)event), lifecycle_state_name(is));
        }
    }
}

static void every_state_but_gone_can_be_left_and_leads_to_gone(void **state)
{
    (void)state;
    bool ends[JOB_STATE_COUNT] = {[JOB_STATE_GONE] = true};

    for (int round = 0; round < JOB_STATE_COUNT; round++) {
        for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++)
            ends[arrows[i].from] |= ends[arrows[i].to];
    }
    for (int at = JOB_STATE_TAKEN; at < JOB_STATE_COUNT; at++)
        assert_true(ends[at]);
    for (int event = 0; event < JOB_EV_COUNT; event++)
        assert_int_equal(lifecycle_next(JOB_STATE_GONE, (enum job_event)event), JOB_STATE_NONE);
}

static void a_job_that_lost_its_lease_is_never_settled(void **state)
{
    (void)state;
    assert_int_equal(lifecycle_next(JOB_STATE_LOST, JOB_EV_SEND), JOB_STATE_NONE);
    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++) {
        if (arrows[i].from == JOB_STATE_LOST)
            assert_int_equal(arrows[i].to, JOB_STATE_GONE);
    }
}

static void names_are_there_and_differ(void **state)
{
    (void)state;
    for (int a = 0; a < JOB_STATE_COUNT; a++) {
        for (int b = 0; b < a; b++)
            assert_string_not_equal(lifecycle_state_name((enum job_state)a),
                                    lifecycle_state_name((enum job_state)b));
    }
    for (int a = 0; a < JOB_EV_COUNT; a++) {
        for (int b = 0; b < a; b++)
            assert_string_not_equal(lifecycle_event_name((enum job_event)a),
                                    lifecycle_event_name((enum job_event)b));
    }
    assert_string_equal(job_outcome_name(JOB_UNKNOWN), "unknown");
    assert_string_equal(job_outcome_name(JOB_DONE), "done");
    assert_string_equal(job_outcome_name(JOB_STOPPED), "stopped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_arrows_that_are_drawn_exist),
        cmocka_unit_test(every_state_but_gone_can_be_left_and_leads_to_gone),
        cmocka_unit_test(a_job_that_lost_its_lease_is_never_settled),
        cmocka_unit_test(names_are_there_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
