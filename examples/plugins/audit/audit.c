/*
 * audit: a middleware. Each run of each handler leaves a line when it begins and one when it ends,
 * in the file that the environment variable AUDIT_FILE names.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <navvy/handler.h>

enum { LINE_MAX_BYTES = 512, TIME_MAX_BYTES = 32 };

static int file = -1; /* set by init(), before any thread is here */

static bool init(const char *options, const char *queue, void **state, char *error,
                 size_t error_size)
{
    const char *path = getenv("AUDIT_FILE");

    (void)options, (void)queue, (void)state;
    if (path == NULL) {
        snprintf(error, error_size, "AUDIT_FILE is not set");
        return false;
    }
    file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0)
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
    return file >= 0;
}

static void fini(void *state)
{
    (void)state;
    close(file);
}

/* One write, so that lines of other threads and other workers do not get into it. */
static void put(const struct navvy_job *job, const char *what, const char *more)
{
    char now[TIME_MAX_BYTES], line[LINE_MAX_BYTES];
    time_t seconds = time(NULL);
    struct tm utc;

    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    int len = snprintf(line, sizeof line, "%s %s queue=%s job=%s delivery=%" PRIu32 "%s\n", now,
                       what, job->queue, job->claim, job->delivery, more);
    if (len < 0 || (size_t)len >= sizeof line || write(file, line, (size_t)len) != len)
        navvy_log(job, NAVVY_WARN, "a line of the audit was not written");
}

static void before(void *state, const struct navvy_job *job)
{
    (void)state;
    put(job, "begin", "");
}

static void after(void *state, const struct navvy_job *job, const struct navvy_end *end)
{
    static const char *const names[] = {"unknown",   "done",   "retry",
                                        "permanent", "snooze", "stopped"};
    size_t which = (size_t)end->outcome < sizeof names / sizeof names[0] ? end->outcome : 0;
    char more[64];

    (void)state;
    snprintf(more, sizeof more, " outcome=%s took_us=%" PRId64, names[which], end->took_us);
    put(job, "end", more);
}

const struct navvy_plugin navvy_plugin = {
    .abi = NAVVY_ABI,
    .size = sizeof(struct navvy_plugin),
    .name = "audit",
    .init = init,
    .fini = fini,
    .before = before,
    .after = after,
};
