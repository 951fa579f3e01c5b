/*
 * log_sink: where lines go: stderr, without ever waiting for its reader.
 *
 * A pipe or terminal is opened anew with O_NONBLOCK, because that flag on stderr itself would be
 * everybody's who shares it; a socket is told so with each line; a file does not wait. Where
 * opening anew is refused, poll(2) is asked first, which leaves a gap only if others write as well.
 */
#ifndef BASE_LOG_SINK_H
#define BASE_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>

/* Before the first thread; again if stderr has become another file. */
void log_sink_open(void);

/* Lines go on to where they go now, whatever becomes stderr after this. */
void log_sink_keep(void);

/* One thread at a time. False: not written, or not whole; the next line starts a new one then. */
bool log_sink_write(const char *line, size_t len);

#endif
