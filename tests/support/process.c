#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/eventually.h"
#include "tests/support/postmortem.h"
#include "tests/support/test.h"

enum { RUN_LIMIT_MS = 60000 };

static void redirect(const char *path, int flags, int fd)
{
    int file = open(path, flags, 0600);
    if (file < 0 || dup2(file, fd) < 0)
        _exit(125);
    close(file);
}

static void child_redirect(const struct folder *folder, bool input)
{
    char path[FOLDER_FILE_MAX];
    redirect(input ? folder_file(folder, "in", path) : "/dev/null", O_RDONLY, STDIN_FILENO);
    redirect(folder_file(folder, "out", path), O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
    redirect(folder_file(folder, "err", path), O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
}

/* Nobody serves the operators' view at its usual port unless a test says so. */
static void child_environment(const char *const env[])
{
    setenv("NAVVY_ADMIN_LISTEN", "off", 1);
    for (size_t i = 0; env != NULL && env[i] != NULL; i++) {
        if (strchr(env[i], '=') == NULL)
            unsetenv(env[i]);
        else
            putenv(strdup(env[i]));
    }
}

/* Between fork and exec of a program with one thread, or at least none that holds malloc's lock. */
_Noreturn static void child_run(const struct process *process, const char *const argv[],
                                const char *const env[], bool input, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(125);
    child_redirect(&process->folder, input);
    child_environment(env);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
    fflush(stderr);
    _exit(127);
}

struct process *process_start(const char *const argv[], const char *const env[], const char *input)
{
    struct process *process = calloc(1, sizeof *process);
    pid_t parent = getpid();

    CHECK(process != NULL);
    folder_init(&process->folder);
    folder_write(&process->folder, "out", 0600, "");
    folder_write(&process->folder, "err", 0600, "");
    if (input != NULL)
        folder_write(&process->folder, "in", 0600, input);
    process->name = argv[0];
    fflush(NULL);
    process->pid = fork();
    if (process->pid < 0)
        TEST_FAIL("cannot fork: %s", strerror(errno));
    if (process->pid == 0)
        child_run(process, argv, env, input != NULL, parent);
    return process;
}

void process_signal(struct process *process, int signal)
{
    if (process->pid > 0)
        kill(process->pid, signal);
}

void process_freeze(struct process *process)
{
    siginfo_t info;
    process_signal(process, SIGSTOP);
    while (process->pid > 0 &&
           waitid(P_PID, (id_t)process->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0)
        CHECK(errno == EINTR);
}

static void process_reaped(struct process *process, int status)
{
    process->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    process->pid = 0;
}

bool process_ended(struct process *process)
{
    int status;
    if (process->pid > 0 && waitpid(process->pid, &status, WNOHANG) == process->pid)
        process_reaped(process, status);
    return process->pid == 0;
}

int process_wait(struct process *process, int64_t limit_ms)
{
    EVENTUALLY(process_ended(process), limit_ms);
    return process->status;
}

static char *process_text(const struct process *process, const char *name)
{
    char path[FOLDER_FILE_MAX];
    return file_text(folder_file(&process->folder, name, path));
}

char *process_output(const struct process *process)
{
    return process_text(process, "out");
}

char *process_errors(const struct process *process)
{
    return process_text(process, "err");
}

static void process_keep(const struct process *process, const char *name)
{
    char path[FOLDER_FILE_MAX], title[200];

    snprintf(title, sizeof title, "std%s of %s, status %d", name, process->name, process->status);
    postmortem_keep(title, folder_file(&process->folder, name, path));
}

void process_free(struct process *process)
{
    int status;

    if (process == NULL)
        return;
    if (process->pid > 0) {
        kill(process->pid, SIGKILL);
        while (waitpid(process->pid, &status, 0) < 0)
            CHECK(errno == EINTR);
        process_reaped(process, status);
    }
    process_keep(process, "out");
    process_keep(process, "err");
    folder_fini(&process->folder);
    free(process);
}

int process_run(const char *const argv[], const char *const env[], const char *input, char **output)
{
    struct process *process = process_start(argv, env, input);
    int status = process_wait(process, RUN_LIMIT_MS);

    if (output != NULL)
        *output = process_output(process);
    process_free(process);
    return status;
}
