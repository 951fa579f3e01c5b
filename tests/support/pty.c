#include "tests/support/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

/* In the child. */
static _Noreturn void run(const char *const argv[], const char *term, const char *env)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("TERM", term, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("NO_COLOR");
    unsetenv("LINES");
    unsetenv("COLUMNS");
    if (env != NULL)
        putenv(strdup(env));
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

void pty_start(struct pty *pty, const char *const argv[], const char *term, const char *env,
               int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

    *pty = (struct pty){.output = calloc(1, 1)};
    assert_non_null(pty->output);
    pty->pid = forkpty(&pty->fd, NULL, NULL, &size);
    if (pty->pid == 0)
        run(argv, term, env);
    if (pty->pid < 0)
        TEST_FAIL("no pseudo-terminal: %s", strerror(errno));
    assert_int_equal(fcntl(pty->fd, F_SETFL, O_NONBLOCK), 0);
}

/* ThreadSanitizer's own handler keeps a signal for later, and at times forgets it until the next
 * one comes: about one in fifty, as it seems, of those that meet the end of a poll(). */
static void remind_of_signal(const struct pty *pty)
{
#ifdef __SANITIZE_THREAD__
    if (pty->signal != 0 && pty->pid > 0)
        (void)kill(pty->pid, pty->signal);
#else
    (void)pty;
#endif
}

void pty_read(struct pty *pty)
{
    char block[4096];

    remind_of_signal(pty);
    for (ssize_t got; (got = read(pty->fd, block, sizeof(block))) > 0;) {
        char *output = realloc(pty->output, pty->len + (size_t)got + 1);
        assert_non_null(output);
        pty->output = output;
        memcpy(output + pty->len, block, (size_t)got);
        pty->len += (size_t)got;
        output[pty->len] = '\0';
    }
}

bool pty_says(struct pty *pty, size_t from, const char *text)
{
    pty_read(pty);
    return from <= pty->len && strstr(pty->output + from, text) != NULL;
}

void pty_type(struct pty *pty, const char *keys)
{
    assert_int_equal(write(pty->fd, keys, strlen(keys)), strlen(keys));
}

void pty_resize(struct pty *pty, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

    assert_int_equal(ioctl(pty->fd, TIOCSWINSZ, &size), 0);
    pty->signal = SIGWINCH;
}

void pty_signal(struct pty *pty, int signal)
{
    assert_int_equal(kill(pty->pid, signal), 0);
    pty->signal = signal;
}

int pty_wait(struct pty *pty, int limit_ms)
{
    int status = 0;
    bool ended = false;

    /* what it still sends must be read, or it cannot end */
    EVENTUALLY((pty_read(pty), ended = waitpid(pty->pid, &status, WNOHANG) == pty->pid), limit_ms);
    (void)ended;
    pty_read(pty);
    pty->pid = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void pty_free(struct pty *pty)
{
    if (pty->pid > 0) {
        kill(pty->pid, SIGKILL);
        (void)waitpid(pty->pid, NULL, 0);
    }
    close(pty->fd);
    free(pty->output);
    *pty = (struct pty){0};
}
