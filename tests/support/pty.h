/*
 * pty: a program at a real pseudo-terminal: keys go in, all that it sends is kept.
 */
#ifndef SUPPORT_PTY_H
#define SUPPORT_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pty {
    int fd;
    pid_t pid;
    char *output; /* all that it has sent, terminated */
    size_t len;
    int signal; /* the last one it was sent; 0: none */
};

/* Runs argv at a terminal of this size. TERM and `env` ("NAME=value", or NULL) are set. */
void pty_start(struct pty *pty, const char *const argv[], const char *term, const char *env,
               int rows, int columns);
/* Reads what has come; never waits. */
void pty_read(struct pty *pty);
/* Has it sent this since `from`? */
bool pty_says(struct pty *pty, size_t from, const char *text);
void pty_type(struct pty *pty, const char *keys);
void pty_resize(struct pty *pty, int rows, int columns);
void pty_signal(struct pty *pty, int signal);
/* Its exit status, 128 + the signal that ended it; fails the test after limit_ms. */
int pty_wait(struct pty *pty, int limit_ms);
void pty_free(struct pty *pty);

#endif
