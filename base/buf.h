/*
 * buf: a growable byte buffer. Growth doubles; a buffer that could not grow stays as it was and
 * remembers it in `failed`, so that a sequence of appends is checked once, at its end.
 * One thread at a time.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/slice.h"

struct buf {
    char *data; /* data[len] is always 0 once something was appended, so text can be printed */
    size_t len;
    size_t cap;
    bool failed; /* an append found no memory; the content is incomplete */
};

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_append_str(struct buf *buf, const char *text);
void buf_append_slice(struct buf *buf, struct slice slice);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Empties it and forgets `failed`; keeps the memory. */
void buf_reset(struct buf *buf);

/* Frees the memory and zeroes the struct; a zeroed struct is an empty buffer. */
void buf_free(struct buf *buf);

#endif
