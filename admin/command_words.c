/*
 * Where a verb's words go. A sink is a buffer behind a FILE, so that whatever prints to stderr can
 * print to it as well.
 */
#include <stdio.h>

#include "admin/command.h"

enum { WORDS_BYTES_MAX = 16 * 1024 }; /* what is longer is cut: people read it */

static _Thread_local struct buf *words_sink;
static _Thread_local FILE *words_file; /* of words_sink; NULL: stderr */

static ssize_t append(void *cookie, const char *bytes, size_t len)
{
    struct buf *sink = *(struct buf **)cookie;
    size_t room = sink->len < WORDS_BYTES_MAX ? WORDS_BYTES_MAX - sink->len : 0;

    buf_append(sink, bytes, len < room ? len : room);
    return (ssize_t)len;
}

FILE *command_words(void)
{
    return words_file != NULL ? words_file : stderr;
}

void command_prefix(FILE *out)
{
    if (out == stderr)
        fputs("navvy: ", out);
}

void command_fault_sink(struct buf *sink)
{
    static const cookie_io_functions_t functions = {.write = append};

    if (words_file != NULL)
        (void)fclose(words_file);
    words_file = NULL;
    words_sink = sink;
    if (sink == NULL)
        return;
    words_file = fopencookie(&words_sink, "w", functions);
    if (words_file != NULL)
        (void)setvbuf(words_file, NULL, _IONBF, 0);
}
