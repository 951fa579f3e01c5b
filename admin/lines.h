/*
 * lines: payloads from a file descriptor, one up to each delimiter, in constant memory. Every other
 * byte is kept as it is; an empty line is an empty payload; the last delimiter may be missing.
 */
#ifndef ADMIN_LINES_H
#define ADMIN_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"

struct lines;

enum lines_status {
    LINES_ONE,      /* *out is the next one */
    LINES_END,      /* there are no more */
    LINES_TOO_LONG, /* the next one has more than bytes_max bytes; nothing can be read behind it */
    LINES_WAITING,  /* nothing has come yet; call again to wait for it */
    LINES_INTERRUPTED, /* by a signal; call again to go on */
    LINES_FAILED,      /* errno says why */
};

/* Borrows `fd`. Lines of up to bytes_max bytes, delimiter not counted. NULL: no memory. */
struct lines *lines_new(int fd, char delimiter, size_t bytes_max) MUST_CHECK;
void lines_free(struct lines *lines); /* NULL is allowed */

/* *out is valid until the next call. */
enum lines_status lines_next(struct lines *lines, struct slice *out) MUST_CHECK;

uint64_t lines_bytes_read(const struct lines *lines);

#endif
