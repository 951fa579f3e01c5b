#include "redis/outbox.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { FRAME_BYTES_MAX = 32 }; /* a mark, 20 digits and two CRLF */

static char *put_digits(char *at, size_t number)
{
    char digits[20];
    size_t count = 0;

    if (number < 100) { /* as nearly all lengths are */
        if (number >= 10)
            *at++ = (char)('0' + number / 10);
        *at++ = (char)('0' + number % 10);
        return at;
    }
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *put_number(char *at, char mark, size_t number)
{
    *at++ = mark;
    at = put_digits(at, number);
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

static char *put_arguments(char *at, size_t argc, const struct slice *argv)
{
    for (size_t i = 0; i < argc; i++) {
        at = put_number(at, '$', argv[i].len);
        if (argv[i].len > 0)
            memcpy(at, argv[i].ptr, argv[i].len);
        at += argv[i].len;
        *at++ = '\r';
        *at++ = '\n';
    }
    return at;
}

/* SIZE_MAX: more than there may be. */
static size_t bytes_needed(size_t argc, const struct slice *argv)
{
    size_t total = FRAME_BYTES_MAX;

    for (size_t i = 0; i < argc; i++) {
        if (argv[i].len > OUTBOX_BYTES_MAX || total > OUTBOX_BYTES_MAX)
            return SIZE_MAX / 2;
        total += argv[i].len + FRAME_BYTES_MAX;
    }
    return total;
}

static bool outbox_reserve(struct outbox *box, size_t bytes)
{
    if (box->cap - box->len >= bytes)
        return true;
    if (box->sent > 0) { /* what has left makes room first */
        box->len -= box->sent;
        memmove(box->bytes, box->bytes + box->sent, box->len);
        box->sent = 0;
    }
    if (bytes > OUTBOX_BYTES_MAX - box->len)
        return false;
    size_t cap = box->cap ? box->cap : 4096;
    while (cap - box->len < bytes)
        cap *= 2;
    if (cap == box->cap)
        return true;
    char *grown = realloc(box->bytes, cap);
    if (grown == NULL)
        return false;
    box->bytes = grown;
    box->cap = cap;
    return true;
}

bool outbox_put(struct outbox *box, size_t head_count, const struct slice *head, size_t argc,
                const struct slice *argv)
{
    if (!outbox_reserve(box, bytes_needed(head_count, head) + bytes_needed(argc, argv)))
        return false;
    char *at = box->bytes + box->len;
    at = put_number(at, '*', head_count + argc);
    at = put_arguments(at, head_count, head);
    at = put_arguments(at, argc, argv);
    box->len = (size_t)(at - box->bytes);
    return true;
}

static void outbox_emptied(struct outbox *box)
{
    if (box->cap > OUTBOX_KEPT_BYTES)
        outbox_reset(box);
    box->len = 0;
    box->sent = 0;
}

bool outbox_send(struct outbox *box, int fd)
{
    while (!outbox_is_empty(box)) {
        ssize_t sent = send(fd, box->bytes + box->sent, box->len - box->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        box->sent += (size_t)sent;
    }
    outbox_emptied(box);
    return true;
}

void outbox_reset(struct outbox *box)
{
    free(box->bytes);
    *box = (struct outbox){0};
}
