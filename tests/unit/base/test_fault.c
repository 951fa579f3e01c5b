/* fault: the plan names a step and a count; only then does the process die. */
#include "base/fault.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* How a child ends that reaches `step` so many times: 0, or the signal. */
static int end_of_child(const char *plan, enum fault_point step, int times)
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
        const char *plan;
        enum fault_point step;
        int times, signal;
    } rows[] = {
        {"after_take:1", FAULT_after_take, 1, SIGKILL},
        {"after_take:3", FAULT_after_take, 2, 0},
        {"after_take:3", FAULT_after_take, 3, SIGKILL},
        {"after_take:1", FAULT_after_settle, 9, 0},
        {"after:1", FAULT_after_take, 9, 0},
        {"after_take", FAULT_after_take, 9, 0},
        {"after_take:0", FAULT_after_take, 9, 0},
        {"after_take:x", FAULT_after_take, 9, 0},
        {"", FAULT_after_take, 9, 0},
        {NULL, FAULT_after_take, 9, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(end_of_child(rows[i].plan, rows[i].step, rows[i].times), rows[i].signal);
}

static void as_many_die_as_the_file_has_bytes(void **state)
{
    (void)state;
    char path[] = "/tmp/navvy-fault-XXXXXX", plan[64];
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "xx", 2), 2);
    (void)snprintf(plan, sizeof plan, "after_take:2@%s", path);
    assert_int_equal(end_of_child(plan, FAULT_after_take, 1), 0);
    assert_int_equal(end_of_child(plan, FAULT_after_take, 2), SIGKILL);
    assert_int_equal(end_of_child(plan, FAULT_after_take, 3), SIGKILL);
    assert_int_equal(end_of_child(plan, FAULT_after_take, 3), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(end_of_child(plan, FAULT_after_take, 3), 0);
    (void)close(fd);
}

static void a_point_is_there_only_in_builds_for_tests(void **state)
{
    (void)state;
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("NAVVY_FAULT", "after_take:1", 1);
        FAULT_POINT(after_take);
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
        cmocka_unit_test(as_many_die_as_the_file_has_bytes),
        cmocka_unit_test(a_point_is_there_only_in_builds_for_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
