#include "supervisor/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "supervisor/gang.h"
#include "supervisor/health.h"

enum { LINES_MAX = 512, LOOK_MS = 250 };

static const char socket_variable[] = "NOTIFY_SOCKET";

/* --- the datagram --------------------------------------------------------------------------- */

/* A path, or with an @ in front a name of the abstract space, which begins with a NUL. */
static bool read_address(struct sockaddr_un *address, socklen_t *size)
{
    const char *path = getenv(socket_variable);
    size_t len = path != NULL ? strlen(path) : 0;

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len < 2 || len >= sizeof address->sun_path || (path[0] != '/' && path[0] != '@'))
        return false;
    memcpy(address->sun_path, path, len);
    if (path[0] == '@')
        address->sun_path[0] = 0;
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

bool notify_send(const char *lines)
{
    struct sockaddr_un address;
    socklen_t size;

    if (!read_address(&address, &size)) {
        errno = EINVAL;
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    ssize_t sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, (const void *)&address, size);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return sent >= 0;
}

static void tell(struct notify *notify, const char *lines)
{
    if (notify->is_wanted && !notify_send(lines))
        LOG_SPARSE(LOG_WARN, "notify", LOG_S("err", strerror(errno)),
                   LOG_S("do", "the service manager does not hear how we are"));
}

/* --- who wants to know ---------------------------------------------------------------------- */

static uint64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    uint64_t number;

    return text != NULL && units_parse_u64(slice_of(text), &number) ? number : 0;
}

void notify_init(struct notify *notify, int64_t now_ms)
{
    struct sockaddr_un address;
    socklen_t size;
    uint64_t whom = number_of("WATCHDOG_PID");

    *notify = (struct notify){.is_wanted = read_address(&address, &size), .started_ms = now_ms};
    if (notify->is_wanted && (whom == 0 || whom == (uint64_t)getpid()))
        notify->watchdog_ms = (int64_t)(number_of("WATCHDOG_USEC") / 1000);
}

void notify_forget(void)
{
    (void)unsetenv(socket_variable);
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
}

/* --- what is told --------------------------------------------------------------------------- */

static void tell_ready(struct gang *gang, int64_t now_ms)
{
    struct notify *notify = &gang->notify;

    if (notify->ready || (!gang->ever_ready && now_ms - notify->started_ms < NOTIFY_READY_MS))
        return;
    notify->ready = true;
    tell(notify, "READY=1");
}

static void tell_status(struct gang *gang, const struct health *health)
{
    struct notify *notify = &gang->notify;
    char status[NOTIFY_STATUS_MAX], lines[LINES_MAX];

    if (gang->stop != GANG_WORKS)
        (void)snprintf(status, sizeof status, "draining: %u workers left", health->workers);
    else if (health->fault_count == 0)
        (void)snprintf(status, sizeof status, "consuming with %u workers", health->workers);
    else
        (void)snprintf(status, sizeof status, "not ready: %s", health->fault[0].words);
    if (strcmp(status, notify->status) == 0)
        return;
    memcpy(notify->status, status, sizeof status);
    (void)snprintf(lines, sizeof lines, "STATUS=%s", status);
    tell(notify, lines);
}

/* Silence is how the service manager hears that something is wrong. */
static void feed_watchdog(struct notify *notify, const struct health *health, int64_t now_ms)
{
    bool fine = health_is_live(health);

    if (notify->watchdog_ms == 0 || now_ms < notify->next_ms)
        return;
    if (fine) {
        tell(notify, "WATCHDOG=1");
        notify->next_ms = now_ms + notify->watchdog_ms / 2 - 500; /* a turn may be a second late */
    } else if (!notify->hungry) {
        LOG(LOG_ERROR, "watchdog", LOG_S("err", health->stuck[0] != 0 ? health->stuck : "stuck"),
            LOG_I("limit_ms", notify->watchdog_ms),
            LOG_S("do", "the service manager restarts us unless it goes on in time"));
    }
    notify->hungry = !fine;
}

void notify_turn(struct gang *gang, int64_t now_ms)
{
    struct health health;

    if (!gang->notify.is_wanted || now_ms < gang->notify.look_ms)
        return;
    gang->notify.look_ms = now_ms + LOOK_MS;
    for (uint32_t i = 0; i < gang->seats; i++) {
        const struct member *worker = gang->seat[i].worker;
        gang->ever_ready |= worker != NULL && atomic_load(&worker->box->ready);
    }
    health_look(gang->boxes, now_ms, &health);
    tell_ready(gang, now_ms);
    tell_status(gang, &health);
    feed_watchdog(&gang->notify, &health, now_ms);
}

void notify_stopping(struct gang *gang)
{
    tell(&gang->notify, "STOPPING=1");
}

void notify_reloading(struct gang *gang, bool done)
{
    char lines[LINES_MAX];

    if (!gang->notify.is_wanted || !gang->notify.ready)
        return;
    (void)snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%lld",
                   (long long)(clock_mono_ns() / 1000));
    tell(&gang->notify, done ? "READY=1" : lines);
}
