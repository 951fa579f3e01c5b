/* fault: the plan names a step and a count; only then does the process die. */
#include "base/fault.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* How a child ends that reaches `step` so many times: 0, or the signal. */
static int end_of_child(const char *plan, const char *step, int times)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (plan != NULL)
            setenv("NAVVY_FAULT", plan, 1);
        for (int i = 0; i < times; i++)
            fault_point(step);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void it_dies_at_the_step_and_time_of_the_plan_only(void **state)
{
    (void)state;
    static const struct {
        const char *plan, *step;
        int times, signal;
    } rows[] = {
        {"after_take:1", "after_take", 1, SIGKILL},
        {"after_take:3", "after_take", 2, 0},
        {"after_take:3", "after_take", 3, SIGKILL},
        {"after_take:1", "after_settle", 9, 0},
        {"after_take:1", "after", 9, 0},
        {"after:1", "after_take", 9, 0},
        {"after_take", "after_take", 9, 0},
        {"after_take:0", "after_take", 9, 0},
        {"after_take:x", "after_take", 9, 0},
        {"", "after_take", 9, 0},
        {NULL, "after_take", 9, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(end_of_child(rows[i].plan, rows[i].step, rows[i].times), rows[i].signal);
}

static void a_point_is_there_only_in_builds_for_tests(void **state)
{
    (void)state;
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("NAVVY_FAULT", "here:1", 1);
        FAULT_POINT("here");
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
#ifdef NAVVY_FAULTS
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
#else
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_dies_at_the_step_and_time_of_the_plan_only),
        cmocka_unit_test(a_point_is_there_only_in_builds_for_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
