#include "tests/support/resp.h"

#include <stdlib.h>

#include "base/check.h"
#include "redis/script.h"

/* The number behind the type byte; *line_len gets the length of its line with CRLF, 0: not whole.
 */
static long header(struct slice stream, size_t *line_len)
{
    const char *end = stream.len > 0 ? memchr(stream.ptr, '\n', stream.len) : NULL;
    *line_len = end != NULL ? (size_t)(end + 1 - stream.ptr) : 0;
    return end != NULL ? strtol(stream.ptr + 1, NULL, 10) : 0;
}

static struct slice rest(struct slice stream, size_t from)
{
    return (struct slice){stream.ptr + from, stream.len - from};
}

size_t resp_len(struct slice stream)
{
    size_t len;
    long number = header(stream, &len);

    if (len == 0)
        return 0;
    if (stream.ptr[0] == '$')
        len += number >= 0 ? (size_t)number + 2 : 0;
    for (long i = 0; stream.ptr[0] == '*' && i < number; i++) {
        size_t item = len < stream.len ? resp_len(rest(stream, len)) : 0;
        if (item == 0)
            return 0;
        len += item;
    }
    return len <= stream.len ? len : 0;
}

struct slice resp_word(struct slice command, size_t i)
{
    size_t at, len;
    long count = header(command, &at);

    CHECK(command.len > 0 && command.ptr[0] == '*');
    if (i >= (size_t)count)
        return (struct slice){0};
    for (size_t word = 0; word < i; word++)
        at += resp_len(rest(command, at));
    long bytes = header(rest(command, at), &len);
    return (struct slice){command.ptr + at + len, (size_t)bytes};
}

struct slice resp_call(struct slice command)
{
    struct slice name = resp_word(command, 0);
    struct slice script = resp_word(command, 1);

    for (size_t i = 0; i < SCRIPT_COUNT; i++) {
        const struct script *known = &script_table[i];
        if ((slice_equal(name, slice_of("EVALSHA")) &&
             slice_equal(script, slice_of(known->sha1))) ||
            (slice_equal(name, slice_of("EVAL")) && slice_equal(script, slice_of(known->text))))
            return slice_of(known->name);
    }
    return name;
}
