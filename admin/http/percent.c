#include "admin/http/percent.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte of the escape at `at`; 0 for a broken one, and for the NUL that it may be. */
static char escaped(struct slice text, size_t at)
{
    if (text.len - at < 3 || digit(text.ptr[at + 1]) < 0 || digit(text.ptr[at + 2]) < 0)
        return 0;
    return (char)(digit(text.ptr[at + 1]) * 16 + digit(text.ptr[at + 2]));
}

bool percent_decode(struct slice text, bool plus, char *out, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            c = escaped(text, i);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == 0 || len + 1 >= room)
            return false;
        out[len++] = c;
    }
    if (room == 0)
        return false;
    out[len] = 0;
    return true;
}
