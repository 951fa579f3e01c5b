/*
 * process: a program that a test runs. Its output goes to files in a folder of its own, and is
 * printed when the test program fails. It dies with the thread that started it, so that a test
 * that is killed leaves nothing behind.
 */
#ifndef SUPPORT_PROCESS_H
#define SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/support/folder.h"

struct process {
    pid_t pid;            /* 0: its end has been seen */
    int status;           /* then: 0 to 255, or 128 + the signal that ended it */
    struct folder folder; /* "out" and "err" */
    const char *name;     /* borrowed from argv */
};

/*
 * argv[0] is looked up in PATH. `env`: "NAME=value" words on top of our own environment, NULL for
 * none; a word "NAME" takes that variable away. `input`: its whole stdin, NULL for none. Fails the
 * test if it cannot be run.
 */
struct process *process_start(const char *const argv[], const char *const env[], const char *input);

void process_signal(struct process *process, int signal);

/* SIGSTOP, and returns when it stands still. Undone with process_signal(SIGCONT). */
void process_freeze(struct process *process);

bool process_ended(struct process *process); /* does not wait */

/* Its status, at the latest after limit_ms; else the test fails. */
int process_wait(struct process *process, int64_t limit_ms);

/* What it has printed so far; yours. */
char *process_output(const struct process *process);
char *process_errors(const struct process *process);

/* Kills it if need be. NULL is allowed. */
void process_free(struct process *process);

/* All at once: start, wait, keep the output (NULL: not wanted; yours), free. Returns the status. */
int process_run(const char *const argv[], const char *const env[], const char *input,
                char **output);

#endif
