#include "handler/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handler/program_become.h"
#include "handler/program_pipe.h"

static bool set_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

/* One end for us, and one for the program. */
static bool open_from(int *ours, int *theirs)
{
    struct pipe pipe;

    if (!program_pipe_open(&pipe))
        return false;
    *ours = pipe.reader;
    *theirs = pipe.writer;
    return set_nonblocking(*ours);
}

static bool open_to(int *ours, int *theirs)
{
    struct pipe pipe;

    if (!program_pipe_open(&pipe))
        return false;
    *ours = pipe.writer;
    *theirs = pipe.reader;
    return set_nonblocking(*ours);
}

static bool open_input(struct program *program, const struct program_spec *spec, int *theirs)
{
    if (spec->input_pipe)
        return open_to(&program->input_fd, theirs);
    return program_file_open(theirs, spec->input);
}

static bool open_files(struct program *program, const struct program_spec *spec,
                       int theirs[PROGRAM_FDS])
{
    return open_input(program, spec, &theirs[STDIN_FILENO]) &&
           (!spec->output || open_from(&program->output_fd, &theirs[STDOUT_FILENO])) &&
           open_from(&program->errors_fd, &theirs[STDERR_FILENO]) &&
           (!spec->answers || open_from(&program->answers_fd, &theirs[PROGRAM_ANSWER_FD]));
}

void program_let_go(struct program *program)
{
    for (int i = 0; i < PROGRAM_FDS; i++)
        program_fd_close(&program->held_fds[i]);
}

static void close_files(struct program *program)
{
    program_fd_close(&program->input_fd);
    program_fd_close(&program->output_fd);
    program_fd_close(&program->errors_fd);
    program_fd_close(&program->answers_fd);
    program_fd_close(&program->end_fd);
    program_let_go(program);
}

bool program_start(struct program *program, const struct program_spec *spec,
                   char why[PROGRAM_WHY_MAX])
{
    struct program new = {0, -1, -1, -1, -1, -1, {-1, -1, -1, -1}};
    struct becoming becoming = {spec, {-1, -1, -1, -1}};

    if (open_files(&new, spec, becoming.fds))
        new.pid = program_become(&becoming, why);
    else
        (void)snprintf(why, PROGRAM_WHY_MAX, "%s", strerror(errno));
    program_fd_close(&becoming.fds[STDIN_FILENO]);
    memcpy(new.held_fds, becoming.fds, sizeof(new.held_fds));
    if (!spec->hold)
        program_let_go(&new);
    if (new.pid == 0) {
        close_files(&new);
        return false;
    }
    new.end_fd = pidfd_open(new.pid, 0);
    *program = new;
    return true;
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

/* waitid() of the C library does not tell of the usage; the system call does. */
bool program_peek(const struct program *program, int *status, struct rusage *usage)
{
    siginfo_t child = {.si_pid = 0};

    *usage = (struct rusage){0};
    *status = -1;
    if (syscall(SYS_waitid, P_PID, program->pid, &child, WEXITED | WNOHANG | WNOWAIT, usage) != 0)
        return errno == ECHILD;
    if (child.si_pid == 0)
        return false;
    *status = child.si_code == CLD_EXITED ? W_EXITCODE(child.si_status, 0)
                                          : W_EXITCODE(0, child.si_status);
    return true;
}

void program_close_input(struct program *program)
{
    program_fd_close(&program->input_fd);
}

void program_close_output(struct program *program)
{
    program_fd_close(&program->output_fd);
}

void program_close_errors(struct program *program)
{
    program_fd_close(&program->errors_fd);
}

void program_close_answers(struct program *program)
{
    program_fd_close(&program->answers_fd);
}

int program_reap(struct program *program, struct rusage *usage)
{
    int status;
    pid_t got;

    close_files(program);
    do {
        got = wait4(program->pid, &status, 0, usage);
    } while (got < 0 && errno == EINTR);
    return got == program->pid ? status : -1;
}
