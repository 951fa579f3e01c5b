/*
 * stderr_log: what a program writes to its stderr: each line to the log, and the end of it all for
 * the error of a crash. A line longer than STDERR_LINE_MAX is cut; the log
 * escapes what is not printable. Fixed size. One thread at a time.
 */
#ifndef HANDLER_STDERR_LOG_H
#define HANDLER_STDERR_LOG_H

#include <stddef.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/tail.h"

enum { STDERR_LINE_MAX = 1024 };

struct stderr_log {
    enum log_level level; /* of its lines; set before the first, the rest zero */
    size_t len; /* of a line whose end has not come; what is over STDERR_LINE_MAX is not kept */
    char line[STDERR_LINE_MAX];
    struct tail tail;
};

/* Whose words they are. */
struct stderr_about {
    const struct log_scope *log; /* of the queue */
    pid_t pid;                   /* 0: of no interest */
    const char *claim;           /* of its one job; NULL: it has none, or several */
};

void stderr_log_take(struct stderr_log *log, const struct stderr_about *about, const char *bytes,
                     size_t len);

/* Nothing more will come: a last line needs no line feed. */
void stderr_log_end(struct stderr_log *log, const struct stderr_about *about);

#endif
