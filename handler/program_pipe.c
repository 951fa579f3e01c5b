#include "handler/program_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void program_fd_close(int *fd)
{
    int fault = errno; /* why it is closed, perhaps */

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = fault;
}

void program_pipe_close(struct pipe *pipe)
{
    program_fd_close(&pipe->reader);
    program_fd_close(&pipe->writer);
}

static bool move_up(int *fd)
{
    if (*fd >= PIPE_FD_MIN)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, PIPE_FD_MIN);
    if (moved < 0) {
        if (errno == EINVAL) /* as the kernel says it where PIPE_FD_MIN is over the limit */
            errno = EMFILE;
        return false;
    }
    close(*fd);
    *fd = moved;
    return true;
}

bool program_pipe_open(struct pipe *out)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    struct pipe pipe = {.reader = ends[0], .writer = ends[1]};
    if (move_up(&pipe.reader) && move_up(&pipe.writer)) {
        *out = pipe;
        return true;
    }
    program_pipe_close(&pipe);
    return false;
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes.ptr += put;
        bytes.len -= (size_t)put;
    }
    return true;
}

bool program_file_open(int *fd, struct slice bytes)
{
    int file = memfd_create("stdin", MFD_CLOEXEC);

    if (file >= 0 && move_up(&file) && write_all(file, bytes) && lseek(file, 0, SEEK_SET) == 0) {
        *fd = file;
        return true;
    }
    program_fd_close(&file);
    return false;
}
