/*
 * program: a child process with its whole input as stdin and a pipe from its stderr, as the leader
 * of its own process group. Never a shell. It inherits no other file descriptor, no signal mask and
 * no ignored signal.
 *
 * Its stdin is a file without a name that is complete before the program begins. From a pipe, a
 * program that outlives us would read half of its input, or none, and take that for all of it.
 *
 * A program that has ended stays a zombie until program_reap(), so until then its pid, and with it
 * its group, cannot become somebody else's: signals hit nobody but those they are for.
 */
#ifndef HANDLER_PROGRAM_H
#define HANDLER_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/check.h"
#include "base/slice.h"

struct program {
    pid_t pid;
    int end_fd;    /* a pidfd, readable when it has ended; -1: none to be had, ask now and then */
    int errors_fd; /* its stderr, non-blocking; -1: closed */
};

/* 0, or an errno that says why there is no such program; `argv[0]` is looked up in PATH. Then
 * nothing ran and nothing is open. */
int program_start(struct program *program, char *const argv[], char *const env[],
                  struct slice input) MUST_CHECK;

/* To its whole group, until program_reap(). */
void program_signal(const struct program *program, int signal);

/* True if it has ended; does not wait. */
bool program_ended(const struct program *program) MUST_CHECK;

void program_close_errors(struct program *program);

/* Waits for its end and closes everything. The status as of waitpid(), or -1 if somebody else has
 * taken it. */
int program_reap(struct program *program);

#endif
