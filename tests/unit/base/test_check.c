/* check: what must be true ends the process if it is not, in every build, and says where. */
#include "base/check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_MAX = 512 };

/* Runs CHECK(value == 7) in a child; returns how it ended, and what it wrote to stderr. */
static int end_of_check(int value, char text[TEXT_MAX])
{
    int ends[2], status;
    size_t len = 0;
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        CHECK(value == 7);
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], text + len, TEXT_MAX - 1 - len)) > 0)
        len += (size_t)got;
    text[len] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void what_holds_is_passed_in_silence(void **state)
{
    (void)state;
    char text[TEXT_MAX];

    assert_int_equal(end_of_check(7, text), 0);
    assert_string_equal(text, "");
}

static void what_does_not_hold_aborts_and_names_the_place(void **state)
{
    (void)state;
    char text[TEXT_MAX];

    assert_int_equal(end_of_check(8, text), -SIGABRT);
    assert_non_null(strstr(text, "test_check.c:"));
    assert_non_null(strstr(text, "end_of_check: CHECK failed: value == 7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_is_passed_in_silence),
        cmocka_unit_test(what_does_not_hold_aborts_and_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
