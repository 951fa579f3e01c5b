/*
 * program_pipe: the files between us and a program: pipes, and a file that exists in memory alone.
 * All are closed by exec, and out of the way of the descriptors that a program begins with, also
 * where the worker was started without some of those.
 */
#ifndef HANDLER_PROGRAM_PIPE_H
#define HANDLER_PROGRAM_PIPE_H

#include <stdbool.h>

#include "base/check.h"
#include "base/slice.h"

enum { PIPE_FD_MIN = 5 }; /* 0 to 2, the answers, and the report of program_become.c */

struct pipe {
    int reader, writer;
};

/* False: errno says why, and nothing is open. */
bool program_pipe_open(struct pipe *out) MUST_CHECK;
/* Holds `bytes`, and is read from its beginning. As above. */
bool program_file_open(int *fd, struct slice bytes) MUST_CHECK;

void program_pipe_close(struct pipe *pipe);
/* If it is open; then it is -1. */
void program_fd_close(int *fd);

#endif
