/*
 * member: one worker process, from fork to burial.
 *
 * Its stderr is a pipe to us: what is written there is not the log, which goes its own way, but
 * what a library or the C runtime has to say, often the last words of a process. They are passed on
 * and remembered. Neither side ever waits for the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/log_sink.h"
#include "supervisor/gang.h"

enum {
    WORDS_BYTES_MAX = 4096, /* of one read */
    WORDS_READS_MAX = 16,   /* in a row: a pipe full */
    HOW_MAX = 128,
    NAMED_MAX = 32, /* jobs named in the log after a crash */
};

struct member *member_of(struct gang *gang, pid_t pid)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (gang->member[i].pid == pid && pid != 0)
            return &gang->member[i];
    }
    return NULL;
}

static struct member *vacant_place(struct gang *gang)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (gang->member[i].pid == 0)
            return &gang->member[i];
    }
    return NULL;
}

/* --- start ---------------------------------------------------------------------------------- */

/* What is ours alone, and of the other members. */
static void forget_the_gang(struct gang *gang)
{
    (void)close(gang->signals_fd);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (gang->member[i].pid != 0 && gang->member[i].words_fd >= 0)
            (void)close(gang->member[i].words_fd);
    }
}

/* The signals that the supervisor keeps back stay so until the worker listens to them. */
static void child_signals(void)
{
    sigset_t unwanted;

    sigemptyset(&unwanted);
    sigaddset(&unwanted, SIGCHLD);
    sigaddset(&unwanted, SIGUSR2);
    (void)signal(SIGUSR2, SIG_IGN); /* it may be sent to the whole group */
    (void)sigprocmask(SIG_UNBLOCK, &unwanted, NULL);
}

static void close_pipe(const int words[2])
{
    if (words[0] >= 0) {
        (void)close(words[0]);
        (void)close(words[1]);
    }
}

/* What is this process's own, and not the supervisor's. */
static void child_settle(struct gang *gang, const int words[2], pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    log_sink_keep();
    if (words[1] >= 0)
        (void)dup2(words[1], STDERR_FILENO);
    close_pipe(words);
    forget_the_gang(gang);
    notify_forget();
    child_signals();
}

_Noreturn static void child_work(struct gang *gang, struct blackbox *box)
{
    struct config *config = gang->config;
    const struct config_source *source = gang->source;
    struct blackboxes *boxes = gang->boxes;
    supervisor_task *work = gang->work.work;

    free(gang);
    int code = work(config, source, boxes, box);
    atomic_store(&box->orderly, true);
    exit(code);
}

_Noreturn static void child_serve(struct gang *gang)
{
    struct config *config = gang->config;
    const struct config_source *source = gang->source;
    struct blackboxes *boxes = gang->boxes;
    supervisor_serve *serve = gang->work.serve;

    free(gang);
    if (!blackboxes_seal(boxes))
        _exit(EXIT_FAILURE);
    exit(serve(config, source, boxes));
}

static bool make_pipe(int words[2])
{
    words[0] = words[1] = -1;
    return pipe2(words, O_CLOEXEC | O_NONBLOCK) == 0;
}

/* Its half of the fork: does not return. */
_Noreturn static void child_begin(struct gang *gang, struct blackbox *box, const int words[2],
                                  pid_t parent)
{
    child_settle(gang, words, parent);
    if (box != NULL)
        child_work(gang, box);
    child_serve(gang);
}

static struct member *cannot_start(struct gang *gang, struct blackbox *box, const char *why)
{
    LOG(LOG_ERROR, "cannot_start", LOG_S("err", why), LOG_S("do", "trying again"));
    if (box != NULL)
        blackbox_close(gang->boxes, box, "", clock_mono_ms());
    return NULL;
}

struct member *member_start(struct gang *gang, enum member_kind kind)
{
    struct member *member = vacant_place(gang);
    bool has_box = member != NULL && kind == MEMBER_WORKER;
    struct blackbox *box = has_box ? blackbox_open(gang->boxes) : NULL;
    pid_t parent = getpid();
    int words[2] = {-1, -1};

    if (member == NULL || (has_box && box == NULL))
        return cannot_start(gang, NULL, "too many processes that have not ended yet");
    (void)fflush(NULL); /* or it is written twice */
    pid_t pid = make_pipe(words) ? fork() : -1;
    if (pid < 0) {
        int error = errno;
        close_pipe(words);
        return cannot_start(gang, box, strerror(error));
    }
    if (pid == 0)
        child_begin(gang, box, words, parent);
    (void)close(words[1]);
    *member = (struct member){
        .pid = pid, .box = box, .words_fd = words[0], .started_ms = clock_mono_ms()};
    if (gang->quiet && kind == MEMBER_WORKER)
        (void)kill(pid, SIGTSTP);
    return member;
}

/* --- its time ------------------------------------------------------------------------------- */

static int64_t longest_grace_ms(const struct config *config)
{
    int64_t longest_ms = 0;
    for (size_t i = 0; i < config->queue_count; i++) {
        if (config->queues[i].kill_grace_ms > longest_ms)
            longest_ms = config->queues[i].kill_grace_ms;
    }
    return longest_ms;
}

void member_dismiss(const struct gang *gang, struct member *member)
{
    const struct config *config = gang->config;
    bool hurry = gang->stop == GANG_HURRIES;

    atomic_store(&member->box->leaving, true);
    atomic_store(&member->box->hurry, hurry);
    if (member->kill_ms == 0 || hurry)
        member->kill_ms = clock_mono_ms() + (hurry ? 0 : config->shutdown_timeout_ms) +
                          longest_grace_ms(config) + STOP_MARGIN_MS;
    (void)kill(member->pid, SIGTERM);
}

void member_listen(struct member *member)
{
    char bytes[WORDS_BYTES_MAX];

    for (int i = 0; i < WORDS_READS_MAX && member->words_fd >= 0; i++) {
        ssize_t got = read(member->words_fd, bytes, sizeof bytes);
        if (got < 0)
            return;
        if (got == 0) {
            (void)close(member->words_fd);
            member->words_fd = -1;
            return;
        }
        tail_append(&member->words, bytes, (size_t)got);
        member->torn = bytes[got - 1] != '\n';
        (void)log_sink_write(bytes, (size_t)got); /* what its reader does not take is dropped */
    }
}

/* --- its end -------------------------------------------------------------------------------- */

static void say_how(const struct member *member, int status, char how[HOW_MAX])
{
    if (WIFSIGNALED(status)) {
        const char *name = sigdescr_np(WTERMSIG(status));
        (void)snprintf(how, HOW_MAX, "its worker, process %d, was killed by signal %d (%s)",
                       (int)member->pid, WTERMSIG(status), name != NULL ? name : "unknown");
    } else {
        (void)snprintf(how, HOW_MAX, "its worker, process %d, exited with %d in the middle of it",
                       (int)member->pid, WEXITSTATUS(status));
    }
}

/* What it was running, one line each. */
static uint32_t log_running(const struct member *member)
{
    struct blackbox *box = member->box;
    uint32_t count = 0;

    for (int i = 0; i < BLACKBOX_THREADS_MAX; i++) {
        uint64_t tag = atomic_load(&box->thread[i].tag);
        int name = atomic_load(&box->thread[i].name);
        if (tag == 0 || name < 0 || name >= BLACKBOX_NAMES_MAX || ++count > NAMED_MAX)
            continue;
        LOG(LOG_WARN, "was_running", LOG_I("pid", member->pid),
            LOG_S("queue", box->name[name].queue), LOG_S("worker", box->name[name].worker),
            LOG_I("tag", (int64_t)tag));
    }
    return count;
}

static void log_crash(const struct member *member, int status, struct slice words)
{
    uint32_t running = log_running(member);
    const char *name = WIFSIGNALED(status) ? sigdescr_np(WTERMSIG(status)) : NULL;

    LOG(LOG_ERROR, "worker_died", LOG_I("pid", member->pid),
        LOG_I("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0), LOG_S("name", name),
        LOG_I("code", WIFEXITED(status) ? WEXITSTATUS(status) : 0), LOG_I("running", running),
        LOG_I("lived_ms", clock_mono_ms() - member->started_ms), LOG_B("words", words));
}

/* The office: nobody's jobs were in its hands. */
static void log_office(const struct member *member, int status, struct slice words)
{
    const char *name = WIFSIGNALED(status) ? sigdescr_np(WTERMSIG(status)) : NULL;

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    LOG(LOG_ERROR, "admin_died", LOG_I("pid", member->pid),
        LOG_I("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0), LOG_S("name", name),
        LOG_I("code", WIFEXITED(status) ? WEXITSTATUS(status) : 0), LOG_B("words", words),
        LOG_S("do", "jobs go on; it is started again"));
}

static void bury_worker(struct gang *gang, const struct member *member, int status,
                        struct slice words)
{
    char how[HOW_MAX], died[BLACKBOX_DIED_MAX];

    say_how(member, status, how);
    (void)snprintf(died, sizeof died, "%s%s%.*s", how, words.len > 0 ? ": " : "", (int)words.len,
                   words.ptr);
    if (!atomic_load(&member->box->orderly))
        log_crash(member, status, words);
    blackbox_close(gang->boxes, member->box, died, clock_mono_ms());
}

void member_bury(struct gang *gang, struct member *member, int status)
{
    member_listen(member);
    if (member->torn)
        (void)log_sink_write("\n", 1);
    struct slice words = tail_text(&member->words, TAIL_BYTES_MAX);
    if (member->box != NULL)
        bury_worker(gang, member, status, words);
    else
        log_office(member, status, words);
    if (member->words_fd >= 0)
        (void)close(member->words_fd);
    *member = (struct member){.words_fd = -1};
}
