/*
 * print: payloads for people. Whatever the bytes are, a terminal gets no control sequence, and two
 * different payloads never look the same (a backslash is doubled).
 */
#include <stdint.h>
#include <stdio.h>

#include "admin/command.h"
#include "base/utf8.h"

enum { SEQUENCE_MAX = 4 };

/* Controls, and the marks that reorder or hide the text around them. */
static bool is_printable(uint32_t point)
{
    return point >= 0x20 && (point < 0x7f || point >= 0xa0) && point != 0xfeff &&
           !(point >= 0x200b && point <= 0x200f) && !(point >= 0x2028 && point <= 0x202e) &&
           !(point >= 0x2060 && point <= 0x206f);
}

/* Writes the sequence at `at` as it will be shown; returns the bytes it took, *shown its columns.
 */
static size_t show(char out[2 * SEQUENCE_MAX], const unsigned char *at, size_t left, size_t *shown)
{
    uint32_t point = 0;
    size_t len = utf8_decode(at, left, &point);

    if (len == 1 && (at[0] == '\n' || at[0] == '\t' || at[0] == '\r' || at[0] == '\\')) {
        int letter = at[0] == '\n' ? 'n' : at[0] == '\t' ? 't' : at[0] == '\r' ? 'r' : '\\';
        snprintf(out, 2 * SEQUENCE_MAX, "\\%c", letter);
        *shown = 2;
        return 1;
    }
    if (len == 0 || !is_printable(point)) {
        snprintf(out, 2 * SEQUENCE_MAX, "\\x%02x", at[0]);
        *shown = 4;
        return 1;
    }
    snprintf(out, 2 * SEQUENCE_MAX, "%.*s", (int)len, (const char *)at);
    *shown = 1;
    return len;
}

/* How many bytes from `from` on fit into `columns`; leaves room for nothing else. */
static size_t fitting(const unsigned char *bytes, size_t len, size_t columns)
{
    char out[2 * SEQUENCE_MAX];
    size_t at = 0, used = 0, shown = 0;

    while (at < len) {
        size_t took = show(out, bytes + at, len - at, &shown);
        if (columns > 0 && used + shown > columns)
            break;
        used += shown;
        at += took;
    }
    return at;
}

void print_escaped_to(FILE *out, struct slice bytes, size_t columns)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    size_t end = columns == 0 ? bytes.len : fitting(at, bytes.len, columns);
    bool cut = end < bytes.len;
    size_t shown = 0;

    if (cut)
        end = columns == 1 ? 0 : fitting(at, bytes.len, columns - 1);
    for (size_t i = 0; i < end;) {
        char text[2 * SEQUENCE_MAX];
        i += show(text, at + i, bytes.len - i, &shown);
        fputs(text, out);
    }
    if (cut)
        fputs("\xe2\x80\xa6", out); /* an ellipsis, one column */
}

void print_escaped(struct slice bytes, size_t columns)
{
    print_escaped_to(stdout, bytes, columns);
}
