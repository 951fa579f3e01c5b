/*
 * supervisor: the loop. It waits for signals, for the stderr of the workers, and for the next thing
 * that time alone brings; then it reaps who has ended, and starts who is due.
 */
#include "supervisor/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/terminal.h"
#include "supervisor/gang.h"
#include "supervisor/renew.h"

enum { EXIT_LEFT_JOBS = 75 }; /* EX_TEMPFAIL */

/* --- what an operator says ------------------------------------------------------------------ */

static void pass_on(struct gang *gang, int signal)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (gang->member[i].pid != 0)
            (void)kill(gang->member[i].pid, signal);
    }
}

/* The first time the workers drain. The second time they give back at once. */
static void on_stop(struct gang *gang, int signal)
{
    if (gang->stop == GANG_QUITS)
        return;
    gang->stop = gang->stop == GANG_WORKS ? GANG_DRAINS : GANG_HURRIES;
    gang->stop_signal = signal;
    LOG(LOG_INFO, "stop", LOG_S("signal", sigabbrev_np(signal)),
        LOG_S("do", gang->stop == GANG_DRAINS ? "once more to give everything back at once"
                                              : "giving everything back"));
    notify_stopping(gang);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (gang->member[i].pid != 0 && gang->member[i].box != NULL)
            member_dismiss(gang, &gang->member[i]);
    }
}

static void on_quit(struct gang *gang)
{
    gang->stop = GANG_QUITS;
    gang->stop_signal = SIGQUIT;
    for (size_t i = 0; i < MEMBERS_MAX; i++)
        gang->member[i].kill_ms = clock_mono_ms() + QUIT_LIMIT_MS;
    pass_on(gang, SIGQUIT);
}

static void log_faults(struct buf *errors)
{
    char *rest = errors->data;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line != 0)
            LOG(LOG_ERROR, "reload", LOG_S("err", line),
                LOG_S("do", "the old configuration stays; mend it and send HUP again"));
    }
}

/* Ours is what workers start with from now on; those at work read the file themselves. A bad one is
 * told of here, once. */
static void reload(struct gang *gang)
{
    struct buf errors = {0};
    struct config *config = config_load(gang->source, &errors);

    if (config != NULL && config->processes == 0)
        buf_append_str(&errors, "processes: cannot become 0 while navvy runs; restart it\n");
    if (config != NULL && gang->work.serve_check != NULL)
        (void)!gang->work.serve_check(config, &errors);
    notify_reloading(gang, false);
    if (config != NULL && config_reloadable(gang->config, config, &errors) && errors.len == 0) {
        config_free(gang->config);
        gang->config = config;
        log_set_level(config->log_level);
        seats_reopen(gang);
        pass_on(gang, SIGHUP);
    } else {
        log_faults(&errors);
        config_free(config);
    }
    notify_reloading(gang, true);
    buf_free(&errors);
}

static void on_signal(struct gang *gang, int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGINT:
        on_stop(gang, signal);
        return;
    case SIGQUIT:
        on_quit(gang);
        return;
    case SIGHUP:
        if (gang->at_terminal && !terminal_is_there())
            on_stop(gang, signal);
        else
            reload(gang);
        return;
    case SIGTSTP:
    case SIGCONT:
        gang->quiet = signal == SIGTSTP;
        pass_on(gang, signal);
        return;
    case SIGUSR1:
        pass_on(gang, signal);
        return;
    case SIGUSR2:
        renew_begin(gang);
        return;
    default: /* SIGCHLD: who has ended is looked for anyway */
        return;
    }
}

static const int kept_back[] = {SIGTERM, SIGINT,  SIGQUIT, SIGHUP, SIGTSTP,
                                SIGCONT, SIGUSR1, SIGUSR2, SIGCHLD};

static bool keep_signals_back(struct gang *gang)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof kept_back / sizeof kept_back[0]; i++)
        sigaddset(&set, kept_back[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    gang->signals_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return gang->signals_fd >= 0;
}

static void read_signals(struct gang *gang)
{
    struct signalfd_siginfo info;

    while (read(gang->signals_fd, &info, sizeof info) == (ssize_t)sizeof info)
        on_signal(gang, (int)info.ssi_signo);
}

/* --- who has ended -------------------------------------------------------------------------- */

static void note_exit_code(struct gang *gang, bool orderly, int status)
{
    int code = WIFEXITED(status) && orderly ? WEXITSTATUS(status) : EXIT_LEFT_JOBS;

    if (gang->stop == GANG_WORKS && orderly && code == SUPERVISOR_HOPELESS && !gang->ever_ready) {
        gang->exit_code = code; /* it has said what is wrong; so would all the others */
        on_stop(gang, SIGTERM);
    } else if (gang->stop == GANG_QUITS) {
        gang->exit_code = 128 + SIGQUIT;
    } else if (gang->stop != GANG_WORKS && gang->exit_code != EXIT_LEFT_JOBS && code != 0) {
        gang->exit_code = code;
    }
}

static void on_end(struct gang *gang, struct member *member, int status)
{
    if (member->box == NULL) {
        office_lost(gang, WIFEXITED(status) && WEXITSTATUS(status) == 0);
        member_bury(gang, member, status);
        return;
    }
    bool orderly = atomic_load(&member->box->orderly);

    gang->ever_ready |= atomic_load(&member->box->ready);
    seats_lost(gang, member);
    member_bury(gang, member, status);
    if (!orderly)
        pass_on(gang, SIGUSR2); /* its neighbours may be quicker than its successor */
    note_exit_code(gang, orderly, status);
    if (gang->stop == GANG_WORKS && seats_all_closed(gang)) {
        LOG(LOG_INFO, "all_stopped", LOG_I("processes", gang->seats),
            LOG_S("why", "an operator ordered every worker here to stop"));
        on_stop(gang, SIGTERM);
    }
}

static struct member *dead_member(struct gang *gang)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        siginfo_t info = {.si_pid = 0};
        id_t pid = (id_t)gang->member[i].pid;
        if (pid != 0 && waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid != 0)
            return &gang->member[i];
    }
    return NULL;
}

/*
 * Workers, and whatever they left behind, which is ours as the next reaper up or as process 1. The
 * orphans of a worker become ours in the instant of its death, so whoever is found while no worker
 * is dead may be reaped: nobody needs to be killed with it.
 */
static void reap(struct gang *gang)
{
    for (;;) {
        siginfo_t found = {.si_pid = 0};
        int status;
        if (waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) != 0 || found.si_pid == 0)
            return;
        struct member *member = dead_member(gang);
        if (member != NULL && member->box != NULL)
            orphans_kill(gang);
        pid_t pid = member != NULL ? member->pid : found.si_pid;
        if (waitpid(pid, &status, WNOHANG) != pid)
            continue;
        if (member != NULL)
            on_end(gang, member, status);
        else
            renew_checked(gang, pid, status);
    }
}

static void kill_the_late(struct gang *gang, int64_t now_ms)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        struct member *member = &gang->member[i];
        if (member->pid == 0 || member->kill_ms == 0 || now_ms < member->kill_ms)
            continue;
        LOG(LOG_ERROR, "kill", LOG_I("pid", member->pid),
            LOG_S("why", "it was told to go, and does not"));
        (void)kill(member->pid, SIGKILL);
        member->kill_ms = now_ms + STOP_MARGIN_MS;
    }
}

/* --- the loop ------------------------------------------------------------------------------- */

static void wait_for_something(struct gang *gang)
{
    struct pollfd fds[1 + MEMBERS_MAX];
    int64_t now_ms = clock_mono_ms();
    int64_t wait_ms = seats_next_ms(gang, now_ms) - now_ms;

    fds[0] = (struct pollfd){.fd = gang->signals_fd, .events = POLLIN};
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        const struct member *member = &gang->member[i];
        fds[1 + i] =
            (struct pollfd){.fd = member->pid != 0 ? member->words_fd : -1, .events = POLLIN};
    }
    (void)poll(fds, 1 + MEMBERS_MAX, wait_ms > 0 ? (int)wait_ms : 0);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (fds[1 + i].revents != 0)
            member_listen(&gang->member[i]);
    }
}

static bool anybody_left(const struct gang *gang, bool of_workers)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        const struct member *member = &gang->member[i];
        if (member->pid != 0 && (!of_workers || member->box != NULL))
            return true;
    }
    return false;
}

static void supervise(struct gang *gang)
{
    do {
        seats_turn(gang, clock_mono_ms());
        office_turn(gang, clock_mono_ms());
        notify_turn(gang, clock_mono_ms());
        wait_for_something(gang);
        read_signals(gang); /* first: a death may be the answer to what we were told as well */
        reap(gang);
        kill_the_late(gang, clock_mono_ms());
        if (gang->stop != GANG_WORKS && !anybody_left(gang, true))
            office_dismiss(gang);
    } while (gang->stop == GANG_WORKS || anybody_left(gang, false));
}

static struct gang *gang_new(struct config *config, const struct config_source *source,
                             const struct supervisor_work *work)
{
    struct gang *gang = calloc(1, sizeof *gang);

    if (gang == NULL)
        return NULL;
    *gang = (struct gang){.config = config, .source = source, .work = *work, .signals_fd = -1};
    gang->boxes = blackboxes_new();
    gang->at_terminal = terminal_matters();
    return gang;
}

static int work_alone(struct config *config, const struct config_source *source,
                      supervisor_task *work)
{
    struct blackboxes *boxes = blackboxes_new();
    struct blackbox *own = boxes != NULL ? blackbox_open(boxes) : NULL;
    if (own == NULL) {
        config_free(config);
        return SUPERVISOR_HOPELESS;
    }
    int code = work(config, source, boxes, own);
    blackboxes_free(boxes);
    return code;
}

int supervisor_run(struct config *config, const struct config_source *source,
                   const struct supervisor_work *work)
{
    if (config->processes == 0 && renew_is_under_way())
        config->processes = 1; /* there are workers to look after */
    if (config->processes == 0)
        return work_alone(config, source, work->work);

    struct gang *gang = gang_new(config, source, work);
    if (gang == NULL || gang->boxes == NULL || !keep_signals_back(gang)) {
        LOG(LOG_ERROR, "start", LOG_S("err", strerror(errno)));
        config_free(config);
        free(gang);
        return SUPERVISOR_HOPELESS;
    }
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    bool renewed = renew_adopt(gang);
    LOG(LOG_INFO, renewed ? "renewed" : "supervise", LOG_I("pid", getpid()),
        LOG_S("version", NAVVY_VERSION), LOG_I("processes", config->processes));
    notify_init(&gang->notify, clock_mono_ms());
    supervise(gang);
    int code = gang->exit_code;
    LOG(LOG_INFO, "over", LOG_I("code", code));
    config_free(gang->config);
    blackboxes_free(gang->boxes);
    (void)close(gang->signals_fd);
    free(gang);
    return code;
}
