#include "handler/child_process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "handler/ending.h"
#include "handler/limits_breach.h"

enum {
    IN_BYTES = 16 * 1024,
    ERROR_READ_BYTES = 4096,
    ERROR_READS_MAX = 16, /* of stderr in a turn: one full pipe */
    READS_MAX = 16,
    END_WAIT_MS = 500, /* between the end of its stdout and its own */
};

/* --- to it ----------------------------------------------------------------------------------- */

enum child_sent child_send(const struct child *child, struct iovec parts[2], size_t *sent)
{
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        ssize_t put = writev(child->program.input_fd, parts, 2);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN ? CHILD_SENT_PART : CHILD_SENT_FAULT;
        *sent += (size_t)put;
        for (int i = 0; i < 2; i++) {
            size_t gone = (size_t)put < parts[i].iov_len ? (size_t)put : parts[i].iov_len;
            parts[i].iov_base = (char *)parts[i].iov_base + gone;
            parts[i].iov_len -= gone;
            put -= (ssize_t)gone;
        }
    }
    return CHILD_SENT_ALL;
}

/* --- from it --------------------------------------------------------------------------------- */

void child_hear_errors(struct child *child, const struct stderr_about *about)
{
    char bytes[ERROR_READ_BYTES];

    for (int i = 0; i < ERROR_READS_MAX && child->program.errors_fd >= 0; i++) {
        ssize_t got = read(child->program.errors_fd, bytes, sizeof(bytes));
        if (got > 0) {
            stderr_log_take(&child->errors, about, bytes, (size_t)got);
        } else if (got == 0) {
            program_close_errors(&child->program);
            stderr_log_end(&child->errors, about);
        } else if (errno != EINTR) {
            return;
        }
    }
}

/* Whole lines; what is left of a last one moves to the front. */
static bool take_lines(struct child *child, child_line_take *take, void *arg,
                       char why[CHILD_WHY_MAX])
{
    char *at = child->in, *end = child->in + child->in_len, *feed;
    bool fine = true;

    while (fine && (feed = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        fine = take(arg, (struct slice){at, (size_t)(feed - at)}, why);
        at = feed + 1;
    }
    child->in_len = (size_t)(end - at);
    memmove(child->in, at, child->in_len);
    return fine;
}

/* Room for more of the line that has begun. */
static bool make_room(struct child *child, char why[CHILD_WHY_MAX])
{
    char limit[UNITS_TEXT_MAX];

    if (child->in_len > child->line_bytes_max) {
        (void)snprintf(why, CHILD_WHY_MAX,
                       "printed a line that is longer than answer_max, %s: \"%.80s\"...",
                       units_format_bytes(child->line_bytes_max, limit), child->in);
        return false;
    }
    if (child->in_len < child->in_cap)
        return true;
    size_t cap = child->in_cap == 0 ? IN_BYTES : 2 * child->in_cap;
    char *in = realloc(child->in, cap);
    if (in == NULL) {
        (void)snprintf(why, CHILD_WHY_MAX, "no memory for its answer");
        return false;
    }
    child->in = in;
    child->in_cap = cap;
    return true;
}

enum heard { HEARD_NOTHING, HEARD_MORE, HEARD_FAULT, HEARD_END };

/* One read. */
static enum heard hear_some(struct child *child, child_line_take *take, void *arg,
                            char why[CHILD_WHY_MAX])
{
    if (!make_room(child, why))
        return HEARD_FAULT;
    size_t room = child->in_cap - child->in_len;
    ssize_t got = read(child->program.output_fd, child->in + child->in_len, room);
    if (got < 0)
        return errno == EINTR ? HEARD_MORE : HEARD_NOTHING;
    if (got == 0)
        return HEARD_END;
    child->in_len += (size_t)got;
    if (!take_lines(child, take, arg, why))
        return HEARD_FAULT;
    return (size_t)got == room ? HEARD_MORE : HEARD_NOTHING;
}

/* Why it is at an end, with the last words of its stderr. */
static void explain(struct child *child, const struct stderr_about *about,
                    const struct limits_conf *limits, char why[CHILD_WHY_MAX])
{
    struct pollfd end = {.fd = child->program.end_fd, .events = POLLIN};
    char how[ENDING_WHAT_MAX];
    struct breach breach = {"", ""};
    struct rusage usage;
    int status;

    poll(&end, 1, END_WAIT_MS);
    child_hear_errors(child, about);
    struct slice errors = tail_text(&child->errors.tail, CHILD_WHY_MAX / 2);
    if (program_peek(&child->program, &status, &usage)) {
        ending_describe(status, how);
        breach = limits_breach(limits, status, &usage, errors);
    } else {
        (void)snprintf(how, sizeof(how), "closed its stdout");
    }
    (void)snprintf(why, CHILD_WHY_MAX, "%s%s%.*s%s", breach.what[0] != '\0' ? breach.what : how,
                   errors.len > 0 ? ": " : "", (int)errors.len, errors.ptr, breach.note);
}

bool child_hear(struct child *child, bool ended, const struct stderr_about *about,
                const struct limits_conf *limits, child_line_take *take, void *arg,
                char why[CHILD_WHY_MAX])
{
    enum heard heard = HEARD_MORE;

    for (int i = 0; i < READS_MAX && heard == HEARD_MORE; i++)
        heard = hear_some(child, take, arg, why);
    if (heard == HEARD_END || (heard == HEARD_NOTHING && ended))
        explain(child, about, limits, why);
    else if (heard != HEARD_FAULT)
        return true;
    child_hear_errors(child, about);
    return false;
}

uint64_t child_memory_bytes(const struct child *child)
{
    char path[64];
    unsigned long long pages = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)child->program.pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    (void)fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
