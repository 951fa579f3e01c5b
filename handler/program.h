/*
 * program: a child process, the leader of its own process group. Never a shell. It inherits no file
 * descriptor but those it is given here, no signal mask and no ignored signal.
 *
 * What it is given whole as its stdin is a file without a name that is complete before the program
 * begins. From a pipe, a program that outlives us would read half of its input, or none, and take
 * that for all of it.
 *
 * A program that has ended stays a zombie until program_reap(), so until then its pid, and with it
 * its group, cannot become somebody else's: signals hit nobody but those they are for.
 */
#ifndef HANDLER_PROGRAM_H
#define HANDLER_PROGRAM_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/check.h"
#include "base/slice.h"
#include "handler/limits.h"

enum {
    PROGRAM_ANSWER_FD = 3, /* in the program */
    PROGRAM_FDS,           /* so many that it begins with, at most */
    PROGRAM_WHY_MAX = 256,
};

struct program_spec {
    char *const *argv; /* [0] is looked up in the worker's PATH */
    char *const *env;
    const struct limits *limits; /* NULL: none */
    struct slice input;          /* all of its stdin, unless ... */
    bool input_pipe;             /* ... there is a pipe to it */
    bool output;                 /* a pipe from its stdout, else /dev/null */
    bool answers;                /* a pipe from its PROGRAM_ANSWER_FD, else that is closed */
    /* It is killed when the calling thread ends, so also when this process is. Only if the thread
     * stays as long as the program is wanted. Of its group, that kills the leader alone. */
    bool dies_with_thread;
    /* The other ends of its pipes stay open here until program_let_go(), so that none comes to its
     * end when the program does: there is one wake-up less for each program, and no EOF. */
    bool hold;
};

struct program {
    pid_t pid;
    int end_fd; /* a pidfd, readable when it has ended; -1: none to be had, ask now and then */
    /* Pipes, non-blocking; -1: closed, or never asked for. */
    int input_fd, output_fd, errors_fd, answers_fd;
    int held_fds[PROGRAM_FDS];
};

/* False: `why` says why there is no such program; then nothing ran and nothing is open. A program
 * that is started has been exec'd: what stands between the fork and that has succeeded. SIGPIPE
 * must be blocked or ignored. Any thread. */
bool program_start(struct program *program, const struct program_spec *spec,
                   char why[PROGRAM_WHY_MAX]) MUST_CHECK;

/* To its whole group, until program_reap(). */
void program_signal(const struct program *program, int signal);

/* True if it has ended; does not wait. */
bool program_ended(const struct program *program) MUST_CHECK;

/* From now on pipes end when the last who has the other end closes it. */
void program_let_go(struct program *program);

/* The same, and how: `status` as of waitpid(), or -1 if somebody else has taken it. It stays a
 * zombie. */
bool program_peek(const struct program *program, int *status, struct rusage *usage) MUST_CHECK;

void program_close_input(struct program *program);
void program_close_output(struct program *program);
void program_close_errors(struct program *program);
void program_close_answers(struct program *program);

/* Waits for its end and closes everything. The status as of waitpid(), or -1 if somebody else has
 * taken it. `usage` (may be NULL): of it and of those that it has waited for itself. */
int program_reap(struct program *program, struct rusage *usage);

#endif
