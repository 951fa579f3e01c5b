#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_CAP_MIN = 64 };

/* Room for `more` bytes and the terminator; false: no memory. */
static bool buf_reserve(struct buf *buf, size_t more)
{
    size_t want = buf->len + more + 1;
    size_t cap = buf->cap > 0 ? buf->cap : BUF_CAP_MIN;

    if (want <= buf->len)
        buf->failed = true; /* the sum wrapped around */
    if (buf->failed || want <= buf->cap)
        return !buf->failed;
    while (cap < want)
        cap = cap > SIZE_MAX / 2 ? want : cap * 2;
    char *data = realloc(buf->data, cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void buf_append(struct buf *buf, const void *bytes, size_t len)
{
    if (!buf_reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = 0;
}

void buf_append_str(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void buf_append_slice(struct buf *buf, struct slice slice)
{
    buf_append(buf, slice.ptr, slice.len);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        buf->failed = true;
    if (len < 0 || !buf_reserve(buf, (size_t)len))
        return;
    va_start(args, fmt);
    (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)len;
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data != NULL)
        buf->data[0] = 0;
}

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}
