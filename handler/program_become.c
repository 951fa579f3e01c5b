#include "handler/program_become.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/program_path.h"
#include "handler/program_pipe.h"

enum {
    REPORT_FD = PIPE_FD_MIN - 1, /* where the child says why it could not; closed by exec */
    NOT_FOUND = 127
};

/* All that the child needs. */
struct plan {
    const struct becoming *becoming;
    char path[PATH_MAX];
    pid_t parent;
    int report_fd;
    int last_signal; /* the others are as they should be */
};

/* What it sends if it fails; `what` is a static text, or NULL: the program itself. */
struct report {
    const char *what;
    int fault;
};

/* --- in the child ---------------------------------------------------------------------------- */

static int place_null(int target)
{
    int fd = open("/dev/null", target == STDIN_FILENO ? O_RDONLY : O_WRONLY);

    if (fd < 0)
        return errno;
    if (fd != target) {
        if (dup2(fd, target) < 0)
            return errno;
        close(fd);
    }
    return 0;
}

/* 0 to 3 and the one for the report; nothing else. */
static int place_files(const int fds[PROGRAM_FDS])
{
    for (int target = 0; target < PROGRAM_FDS; target++) {
        if (fds[target] >= 0 && dup2(fds[target], target) < 0)
            return errno;
    }
    closefrom(REPORT_FD + 1);
    if (fds[PROGRAM_ANSWER_FD] < 0)
        close(PROGRAM_ANSWER_FD);
    for (int target = 0; target < PROGRAM_ANSWER_FD; target++) {
        int fault = fds[target] < 0 ? place_null(target) : 0;
        if (fault != 0)
            return fault;
    }
    return 0;
}

/* As in a fresh login. No handler of ours may run here, so the mask comes last. */
static void reset_signals(int last)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number <= last; number++)
        sigaction(number, &usual, NULL);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static int stay_bound(const struct plan *plan)
{
    if (!plan->becoming->spec->dies_with_thread)
        return 0;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return errno;
    return getppid() == plan->parent ? 0 : ECANCELED; /* too late: it is dead already */
}

/* Returns only if it fails. The user changes before the death signal is set, because a change
 * clears it. */
static struct report become(const struct plan *plan)
{
    const struct program_spec *spec = plan->becoming->spec;
    struct report report = {"its process group", 0};

    if (setpgid(0, 0) != 0)
        return (struct report){report.what, errno};
    report = (struct report){"its files", place_files(plan->becoming->fds)};
    if (report.fault == 0 && spec->limits != NULL)
        report.fault = limits_apply(spec->limits, &report.what);
    if (report.fault == 0)
        report = (struct report){"its death signal", stay_bound(plan)};
    if (report.fault != 0)
        return report;
    reset_signals(plan->last_signal);
    execve(plan->path, spec->argv, spec->env);
    return (struct report){NULL, errno};
}

static _Noreturn void child_main(const struct plan *plan)
{
    int fd = dup3(plan->report_fd, REPORT_FD, O_CLOEXEC);
    struct report report = {"its files", errno};

    if (fd >= 0)
        report = become(plan);
    else
        fd = plan->report_fd;
    (void)!write(fd, &report, sizeof(report));
    _exit(NOT_FOUND);
}

/* --- in the parent --------------------------------------------------------------------------- */

static bool refuse(char why[PROGRAM_WHY_MAX], const struct report *report)
{
    if (report->what == NULL)
        (void)snprintf(why, PROGRAM_WHY_MAX, "%s", strerror(report->fault));
    else
        (void)snprintf(why, PROGRAM_WHY_MAX, "%s: %s", report->what, strerror(report->fault));
    return false;
}

/* Where the program is, seen from the worker's folder; if it runs in another one, from anywhere. */
static bool find_path(struct plan *plan, char why[PROGRAM_WHY_MAX])
{
    const char *name = plan->becoming->spec->argv[0];
    const struct limits *limits = plan->becoming->spec->limits;
    char found[PATH_MAX];
    int fault = 0;

    if (strchr(name, '/') == NULL)
        fault = program_path_find(name, found);
    else if (strlen(name) < PATH_MAX)
        strcpy(found, name);
    else
        fault = ENAMETOOLONG;
    if (fault == 0 && found[0] != '/' && limits != NULL && limits->conf->folder != NULL)
        fault = program_path_absolute(found, plan->path);
    else if (fault == 0)
        strcpy(plan->path, found);
    return fault == 0 || refuse(why, &(struct report){NULL, fault});
}

/* Half of all signals are real-time ones, which nobody here handles; whether we were started with
 * some ignored is asked once, not for each program. */
static int last_signal(void)
{
    static _Atomic int last; /* 0: not asked yet; all threads find the same */
    struct sigaction now;

    for (int number = SIGRTMIN; last == 0 && number <= SIGRTMAX; number++) {
        if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
            last = SIGRTMAX;
    }
    if (last == 0)
        last = SIGSYS;
    return last;
}

/* With all signals blocked, so that no handler runs in a child that has our memory. Another user's
 * process never has it. */
static pid_t divide(const struct plan *plan)
{
    const struct limits *limits = plan->becoming->spec->limits;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = limits != NULL && limits->other_user ? fork() : vfork();
    if (pid == 0)
        child_main(plan);
    int fault = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = fault;
    return pid;
}

/* Until the child has exec'd: then the pipe ends without a word. False: it could not. */
static bool listen(int fd, char why[PROGRAM_WHY_MAX])
{
    struct report report;
    ssize_t got;

    do {
        got = read(fd, &report, sizeof(report));
    } while (got < 0 && errno == EINTR);
    return got != sizeof(report) || refuse(why, &report);
}

pid_t program_become(const struct becoming *becoming, char why[PROGRAM_WHY_MAX])
{
    struct plan plan = {.becoming = becoming, .parent = getpid(), .last_signal = last_signal()};
    struct pipe pipe;

    if (!find_path(&plan, why))
        return 0;
    if (!program_pipe_open(&pipe)) {
        refuse(why, &(struct report){NULL, errno});
        return 0;
    }
    plan.report_fd = pipe.writer;
    pid_t pid = divide(&plan);
    int fault = errno;
    program_fd_close(&pipe.writer);
    if (pid < 0) {
        refuse(why, &(struct report){NULL, fault});
        pid = 0;
    } else if (!listen(pipe.reader, why)) {
        waitpid(pid, NULL, 0);
        pid = 0;
    }
    program_fd_close(&pipe.reader);
    return pid;
}
