#include "admin/dev_redis.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/command.h"
#include "base/clock.h"

enum { POLL_MS = 20, PING_TIMEOUT_MS = 1000 };

/* Who is watched; 0: nobody, its end is wanted. Written by the main thread, read by on_child(). */
static volatile sig_atomic_t watched;

/* --- the child ---------------------------------------------------------------------------- */

/* Its words go to its log; until that is open, and for what a sanitizer has to say, so do 1 and 2.
 */
static void redirect(const char *log)
{
    int null = open("/dev/null", O_RDWR);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    dup2(null, STDIN_FILENO);
    dup2(file >= 0 ? file : null, STDOUT_FILENO);
    dup2(file >= 0 ? file : null, STDERR_FILENO);
}

/* After fork(): only what is safe there. Ends with the reason on `report` if there is no server. */
_Noreturn static void become_server(const struct dev_folder *folder, const char *log, pid_t parent,
                                    int report)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    fcntl(folder->lock_fd, F_SETFD, 0); /* the lock lasts as long as the server */
    redirect(log);
    if (getppid() == parent) /* else it was gone before PR_SET_PDEATHSIG */
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", folder->socket,
               "--unixsocketperm", "700", "--dir", folder->path, "--appendonly", "yes",
               "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
               "--logfile", log, "--daemonize", "no", (char *)NULL);
    int reason = errno;
    if (write(report, &reason, sizeof(reason)) < 0)
        _exit(126);
    _exit(127);
}

/* --- its end ------------------------------------------------------------------------------ */

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid;
}

static void on_child(int signal_number)
{
    static const char text[] =
        "navvy: the private redis-server has ended by itself, see redis.log in its folder; "
        "navvy ends too\n";
    int saved = errno;

    (void)signal_number;
    if (watched > 0 && has_ended((pid_t)watched)) {
        watched = 0;
        if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
            errno = 0; /* nobody reads; the worker says what it sees */
        kill(getpid(), SIGTERM);
    }
    errno = saved;
}

static void watch(pid_t pid)
{
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};

    watched = pid;
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
    if (has_ended(pid)) /* between its first answer and the line above */
        raise(SIGCHLD);
}

static bool wait_for_end(pid_t pid, int64_t limit_ms)
{
    int64_t deadline_ms = clock_mono_ms() + limit_ms;

    while (!has_ended(pid)) {
        if (clock_mono_ms() > deadline_ms)
            return false;
        poll(NULL, 0, POLL_MS);
    }
    return true;
}

bool dev_redis_stop(pid_t pid)
{
    watched = 0;
    bool alive = !has_ended(pid);
    kill(pid, SIGTERM);
    kill(pid, SIGCONT); /* a stopped process would not hear it */
    if (!wait_for_end(pid, DEV_STOP_MS)) {
        command_fault(0, "redis-server, process %ld, did not end within %d s: killing it",
                      (long)pid, DEV_STOP_MS / 1000);
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return alive;
}

/* --- its start ---------------------------------------------------------------------------- */

static bool answers(const struct dev_folder *folder)
{
    char error[ENDPOINT_ERROR_MAX];
    struct endpoint endpoint = {0};

    strcpy(endpoint.path, folder->socket);
    if (access(folder->socket, F_OK) < 0)
        return false;
    struct client *client = client_open(&endpoint, "navvy-dev", PING_TIMEOUT_MS, error);
    if (client == NULL)
        return false;
    struct reply *pong = client_callf(client, "PING");
    bool yes = slice_equal(reply_text(pong), slice_of("PONG"));
    client_reply_free(pong);
    client_close(client);
    return yes;
}

static bool wait_until_up(const struct dev_folder *folder, pid_t pid, const char *log)
{
    int64_t deadline_ms = clock_mono_ms() + DEV_START_MS;

    while (!answers(folder)) {
        if (has_ended(pid)) {
            command_fault(0, "redis-server ended at its start; see %s", log);
            return false;
        }
        if (clock_mono_ms() > deadline_ms) {
            command_fault(0, "redis-server does not answer after %d s; see %s", DEV_START_MS / 1000,
                          log);
            return false;
        }
        poll(NULL, 0, POLL_MS);
    }
    return true;
}

/* What exec said: nothing, if it went well and closed the pipe. */
static bool is_running(int report)
{
    int reason = 0;

    if (read(report, &reason, sizeof(reason)) <= 0)
        return true;
    if (reason == ENOENT)
        command_fault(0, "redis-server is not installed: apt install redis-server");
    else
        command_fault(0, "cannot run redis-server: %s", strerror(reason));
    return false;
}

pid_t dev_redis_start(const struct dev_folder *folder)
{
    char log[PATH_MAX + sizeof("/redis.log")];
    pid_t parent = getpid();
    int report[2];

    snprintf(log, sizeof(log), "%s/redis.log", folder->path);
    if (pipe2(report, O_CLOEXEC) < 0)
        return command_fault(-1, "cannot start redis-server: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        become_server(folder, log, parent, report[1]);
    close(report[1]);
    if (pid < 0)
        command_fault(0, "cannot start redis-server: %s", strerror(errno));
    bool up = pid > 0 && is_running(report[0]) && wait_until_up(folder, pid, log);
    close(report[0]);
    if (up) {
        watch(pid);
        return pid;
    }
    if (pid > 0)
        dev_redis_stop(pid);
    return -1;
}
