#include "admin/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_AHEAD_BYTES = 128 * 1024 };

/* data[start..end) was read and not given out yet; its first `seen` bytes hold no delimiter. */
struct lines {
    int fd;
    char delimiter;
    bool ended;
    bool told; /* LINES_WAITING was given out: the next read may wait */
    size_t bytes_max;
    size_t cap, start, end, seen;
    uint64_t bytes_read;
    char data[];
};

struct lines *lines_new(int fd, char delimiter, size_t bytes_max)
{
    size_t cap = bytes_max + 1 + READ_AHEAD_BYTES;
    struct lines *lines = malloc(sizeof(*lines) + cap);

    if (lines == NULL)
        return NULL;
    *lines = (struct lines){.fd = fd, .delimiter = delimiter, .bytes_max = bytes_max, .cap = cap};
    return lines;
}

void lines_free(struct lines *lines)
{
    free(lines);
}

uint64_t lines_bytes_read(const struct lines *lines)
{
    return lines->bytes_read;
}

/* Gives out the first `len` bytes and steps over `len + skip`. */
static enum lines_status give(struct lines *lines, size_t len, size_t skip, struct slice *out)
{
    if (len > lines->bytes_max)
        return LINES_TOO_LONG;
    *out = (struct slice){lines->data + lines->start, len};
    lines->start += len + skip;
    lines->seen = 0;
    return LINES_ONE;
}

/* LINES_ONE: a read would not wait, or the caller knows that it does. */
static enum lines_status wait_for_more(struct lines *lines)
{
    struct pollfd ready = {lines->fd, POLLIN, 0};
    int limit_ms = lines->told ? -1 : 0;

    int found = poll(&ready, 1, limit_ms);
    if (found < 0)
        return errno == EINTR ? LINES_INTERRUPTED : LINES_FAILED;
    lines->told = found == 0;
    return found == 0 ? LINES_WAITING : LINES_ONE;
}

/* One read(2); LINES_ONE: there is more to look at, or the end. */
static enum lines_status fill(struct lines *lines)
{
    enum lines_status status = wait_for_more(lines);
    if (status != LINES_ONE)
        return status;
    if (lines->end == lines->cap) {
        memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
    }
    ssize_t got = read(lines->fd, lines->data + lines->end, lines->cap - lines->end);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? LINES_INTERRUPTED : LINES_FAILED;
    lines->ended = got == 0;
    lines->end += (size_t)got;
    lines->bytes_read += (uint64_t)got;
    return LINES_ONE;
}

enum lines_status lines_next(struct lines *lines, struct slice *out)
{
    for (;;) {
        size_t left = lines->end - lines->start;
        const char *from = lines->data + lines->start;
        const char *at = left > lines->seen
                             ? memchr(from + lines->seen, lines->delimiter, left - lines->seen)
                             : NULL;
        if (at != NULL)
            return give(lines, (size_t)(at - from), 1, out);
        lines->seen = left;
        if (left > lines->bytes_max)
            return LINES_TOO_LONG;
        if (lines->ended)
            return left > 0 ? give(lines, left, 0, out) : LINES_END;

        enum lines_status status = fill(lines);
        if (status != LINES_ONE)
            return status;
    }
}
