#include "base/tail.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

void tail_append(struct tail *tail, const char *bytes, size_t len)
{
    if (len >= TAIL_BYTES_MAX) {
        memcpy(tail->bytes, bytes + len - TAIL_BYTES_MAX, TAIL_BYTES_MAX);
        tail->len = TAIL_BYTES_MAX;
        return;
    }
    if (tail->len + len > TAIL_BYTES_MAX) {
        size_t gone = tail->len + len - TAIL_BYTES_MAX;
        memmove(tail->bytes, tail->bytes + gone, tail->len - gone);
        tail->len -= gone;
    }
    memcpy(tail->bytes + tail->len, bytes, len);
    tail->len += len;
}

static bool blank(char c)
{
    return isspace((unsigned char)c);
}

/* The second and later bytes of a UTF-8 character. */
static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

struct slice tail_text(struct tail *tail, size_t room)
{
    const char *start = tail->bytes, *end = start + tail->len;

    for (size_t i = 0; i < tail->len; i++) {
        if (tail->bytes[i] == '\0')
            tail->bytes[i] = ' ';
    }
    while (end > start && blank(end[-1]))
        end--;
    if ((size_t)(end - start) > room)
        start = end - room;
    for (int i = 0; i < 3 && start < end && continues(*start); i++)
        start++;
    while (start < end && blank(*start))
        start++;
    return (struct slice){start, (size_t)(end - start)};
}
