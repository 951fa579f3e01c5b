#include "handler/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct pipe {
    int reader, writer;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipe(struct pipe *pipe)
{
    close_fd(&pipe->reader);
    close_fd(&pipe->writer);
}

/* Where 0, 1 or 2 is free (the worker was started without them), moves the end out of the way of
 * the child's dup2(). */
static bool move_up(int *fd)
{
    if (*fd > STDERR_FILENO)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        return false;
    close(*fd);
    *fd = moved;
    return true;
}

static bool open_pipe(struct pipe *out)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *out = (struct pipe){.reader = ends[0], .writer = ends[1]};
    return move_up(&out->reader) && move_up(&out->writer);
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

/* In memory, read from its beginning; `*fd` is to be closed even if this fails. */
static bool open_input(int *fd, struct slice input)
{
    *fd = memfd_create("stdin", MFD_CLOEXEC);
    return *fd >= 0 && move_up(fd) && write_all(*fd, input) && lseek(*fd, 0, SEEK_SET) == 0;
}

/* Own group, all signals as in a fresh login. 0 or errno. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int fault;

    sigemptyset(&none);
    sigfillset(&all);
    if ((fault = posix_spawnattr_setpgroup(attributes, 0)) != 0 ||
        (fault = posix_spawnattr_setsigmask(attributes, &none)) != 0 ||
        (fault = posix_spawnattr_setsigdefault(attributes, &all)) != 0)
        return fault;
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
}

/* 0, 1 and 2, and nothing else. 0 or errno. */
static int set_files(posix_spawn_file_actions_t *files, int input, int errors)
{
    int fault;

    if ((fault = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO)) != 0 ||
        (fault = posix_spawn_file_actions_adddup2(files, errors, STDERR_FILENO)) != 0 ||
        (fault =
             posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)) != 0)
        return fault;
    return posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

static int spawn(pid_t *pid, char *const argv[], char *const env[], int input, int errors)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    int fault = posix_spawnattr_init(&attributes);

    if (fault != 0)
        return fault;
    fault = posix_spawn_file_actions_init(&files);
    if (fault != 0)
        goto out;
    if ((fault = set_attributes(&attributes)) == 0 &&
        (fault = set_files(&files, input, errors)) == 0)
        fault = posix_spawnp(pid, argv[0], &files, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&files);
out:
    posix_spawnattr_destroy(&attributes);
    return fault;
}

static bool set_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

int program_start(struct program *program, char *const argv[], char *const env[],
                  struct slice input)
{
    struct pipe errors = {-1, -1};
    int input_fd = -1;
    pid_t pid;
    int fault;

    if (!open_input(&input_fd, input) || !open_pipe(&errors) || !set_nonblocking(errors.reader))
        fault = errno;
    else
        fault = spawn(&pid, argv, env, input_fd, errors.writer);
    close_fd(&input_fd);
    if (fault != 0) {
        close_pipe(&errors);
        return fault;
    }
    close(errors.writer);
    *program =
        (struct program){.pid = pid, .end_fd = pidfd_open(pid, 0), .errors_fd = errors.reader};
    return 0;
}

void program_signal(const struct program *program, int signal)
{
    kill(-program->pid, signal);
}

bool program_ended(const struct program *program)
{
    siginfo_t child = {.si_pid = 0};

    if (waitid(P_PID, (id_t)program->pid, &child, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno == ECHILD; /* somebody else has reaped it */
    return child.si_pid != 0;
}

void program_close_errors(struct program *program)
{
    close_fd(&program->errors_fd);
}

int program_reap(struct program *program)
{
    int status;
    pid_t got;

    close_fd(&program->errors_fd);
    close_fd(&program->end_fd);
    do {
        got = waitpid(program->pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    return got == program->pid ? status : -1;
}
