/*
 * program_become: the way from this process to a program: fork, what the child must do to itself,
 * exec.
 *
 * The child shares our memory until it execs (vfork), so that a worker of any size starts a program
 * at the same cost; and even where it does not, other threads may have held any lock at the fork.
 * So it makes system calls and nothing else, on what was prepared here before.
 */
#ifndef HANDLER_PROGRAM_BECOME_H
#define HANDLER_PROGRAM_BECOME_H

#include "handler/program.h"

struct becoming {
    const struct program_spec *spec;
    int fds[PROGRAM_FDS]; /* what shall be 0 to 3, PIPE_FD_MIN or more; -1: /dev/null, for 3:
                                nothing */
};

/* Its pid, or 0, and `why`. */
pid_t program_become(const struct becoming *becoming, char why[PROGRAM_WHY_MAX]) MUST_CHECK;

#endif
