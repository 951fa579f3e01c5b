#include "supervisor/renew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

enum {
    CMDLINE_MAX = 128 * 1024,
    WORDS_MAX = 1024,
    NO_SEAT = -1,
    NO_BOX = -1, /* the office */
};

static const char variable[] = "NAVVY_GANG";
static char check_word[] = "--check";

/* The path that we were started by, not where it led then: a link may lead elsewhere now. */
static const char *program_path(void)
{
    const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    return path != NULL ? path : "/proc/self/exe";
}

/* Our own words, as they were before anybody parsed them. False: said why. */
static bool read_words(char text[CMDLINE_MAX], char *words[WORDS_MAX], char *last)
{
    size_t count = 0;
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, CMDLINE_MAX - 1) : -1;

    if (fd >= 0)
        (void)close(fd);
    if (len <= 0) {
        LOG(LOG_ERROR, "renew", LOG_S("err", "cannot read /proc/self/cmdline"));
        return false;
    }
    text[len] = 0;
    for (char *at = text; at < text + len && count < WORDS_MAX - 2; at += strlen(at) + 1)
        words[count++] = at;
    words[count++] = last;
    words[count] = NULL;
    return true;
}

/* --- the check ------------------------------------------------------------------------------ */

_Noreturn static void check_exec(char *words[])
{
    sigset_t none;
    int null = open("/dev/null", O_WRONLY);

    if (null >= 0)
        (void)dup2(null, STDOUT_FILENO);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    execv(program_path(), words);
    _exit(127);
}

void renew_begin(struct gang *gang)
{
    static char text[CMDLINE_MAX];
    char *words[WORDS_MAX];

    if (gang->stop != GANG_WORKS || gang->checker != 0 || !read_words(text, words, check_word))
        return;
    LOG(LOG_INFO, "renew", LOG_S("program", program_path()));
    gang->checker = fork();
    if (gang->checker == 0)
        check_exec(words);
    if (gang->checker < 0) {
        LOG(LOG_ERROR, "renew", LOG_S("err", strerror(errno)));
        gang->checker = 0;
    }
}

/* --- handing over --------------------------------------------------------------------------- */

static int seat_of(const struct gang *gang, const struct member *member)
{
    for (uint32_t i = 0; i < gang->seats; i++) {
        if (gang->seat[i].worker == member)
            return (int)i;
    }
    return NO_SEAT;
}

static void keep_open(const struct gang *gang, bool keep)
{
    int flags = keep ? 0 : FD_CLOEXEC;

    (void)fcntl(gang->boxes->fd, F_SETFD, flags);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        if (gang->member[i].pid != 0 && gang->member[i].words_fd >= 0)
            (void)fcntl(gang->member[i].words_fd, F_SETFD, flags);
    }
}

/* "fd quiet; pid box words_fd started_ms kill_ms seat; ..." */
static void describe(const struct gang *gang, struct buf *out)
{
    buf_printf(out, "%d %d;", gang->boxes->fd, (int)gang->quiet);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        const struct member *member = &gang->member[i];
        int box = member->box != NULL ? (int)(member->box - gang->boxes->box) : NO_BOX;
        if (member->pid != 0)
            buf_printf(out, "%d %d %d %lld %lld %d;", (int)member->pid, box, member->words_fd,
                       (long long)member->started_ms, (long long)member->kill_ms,
                       seat_of(gang, member));
    }
}

static void hand_over(struct gang *gang)
{
    static char text[CMDLINE_MAX];
    char *words[WORDS_MAX];
    struct buf gang_text = {0};

    describe(gang, &gang_text);
    if (!read_words(text, words, NULL) || gang_text.failed ||
        setenv(variable, gang_text.data, 1) != 0) {
        buf_free(&gang_text);
        return;
    }
    keep_open(gang, true);
    notify_reloading(gang, false);
    execv(program_path(), words);
    notify_reloading(gang, true);
    LOG(LOG_ERROR, "renew", LOG_S("err", strerror(errno)), LOG_S("do", "everything stays"));
    keep_open(gang, false);
    (void)unsetenv(variable);
    buf_free(&gang_text);
}

void renew_checked(struct gang *gang, pid_t pid, int status)
{
    if (pid != gang->checker || pid == 0)
        return;
    gang->checker = 0;
    if (gang->stop != GANG_WORKS)
        return;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        hand_over(gang);
    else
        LOG(LOG_ERROR, "renew", LOG_S("program", program_path()),
            LOG_S("err", "the new program or its configuration is not fine, see above"),
            LOG_S("do", "everything stays; mend it and send USR2 again"));
}

/* --- taking over ---------------------------------------------------------------------------- */

bool renew_is_under_way(void)
{
    return getenv(variable) != NULL;
}

static void adopt_one(struct gang *gang, struct member *member, const char *text, bool boxes)
{
    int pid, box, words_fd, seat;
    long long started_ms, kill_ms;

    if (sscanf(text, "%d %d %d %lld %lld %d", &pid, &box, &words_fd, &started_ms, &kill_ms,
               &seat) != 6 ||
        box < NO_BOX || box >= BLACKBOX_COUNT || seat >= SEATS_MAX)
        return;
    *member = (struct member){
        .pid = (pid_t)pid,
        .box = box == NO_BOX ? NULL
               : boxes       ? &gang->boxes->box[box]
                             : blackbox_open(gang->boxes),
        .words_fd = words_fd,
        .started_ms = started_ms,
        .kill_ms = kill_ms,
    };
    if (box == NO_BOX)
        gang->office.member = member;
    if (seat < 0)
        return;
    gang->seat[seat] = (struct seat){.worker = member, .replace = true};
    if ((uint32_t)seat >= gang->seats)
        gang->seats = (uint32_t)seat + 1;
}

bool renew_adopt(struct gang *gang)
{
    int fd = -1, quiet = 0;
    size_t members = 0;
    char *text = getenv(variable) != NULL ? strdup(getenv(variable)) : NULL;

    (void)unsetenv(variable);
    if (text == NULL || sscanf(text, "%d %d;", &fd, &quiet) != 2) {
        free(text);
        return false;
    }
    struct blackboxes *boxes = blackboxes_adopt(fd);
    if (boxes != NULL) {
        blackboxes_free(gang->boxes);
        gang->boxes = boxes;
    }
    gang->quiet = quiet != 0;
    gang->ever_ready = true;
    for (char *at = strchr(text, ';'); at != NULL && members < MEMBERS_MAX; at = strchr(at, ';'))
        adopt_one(gang, &gang->member[members++], ++at, boxes != NULL);
    keep_open(gang, false);
    office_dismiss(gang); /* the next one serves what the new program has to show */
    free(text);
    return true;
}
