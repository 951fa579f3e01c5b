/*
 * log: one line, one write(2), to stderr; logfmt-like text at a terminal, JSON otherwise. Any
 * thread.
 *
 * A line never holds up a job: where the reader of a pipe does not read, the disk is full or stderr
 * is closed, the line is dropped and counted, and the next line that gets out says how many
 * (`dropped=N`). Lines are at most LOG_LINE_MAX bytes; longer values are cut. Payloads and
 * passwords are never logged. Levels: error (somebody must act), warn (something is wrong and navvy
 * copes), info (the life of the process), debug (the life of a job).
 *
 *   LOG(LOG_WARN, "settle", LOG_S("queue", name), LOG_I("took_ms", took));
 *   -> 2026-11-21T10:00:00.123Z warn settle queue=email took_ms=12
 *   -> {"ts":"2026-11-21T10:00:00.123Z","level":"warn","msg":"settle","queue":"email","took_ms":12}
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { LOG_LINE_MAX = 4096 }; /* PIPE_BUF: what a pipe takes whole or not at all */

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVEL_COUNT };
enum log_format { LOG_AUTO, LOG_TEXT, LOG_JSON, LOG_FORMAT_COUNT };

enum log_kind { LOG_END, LOG_STR, LOG_INT };

struct log_field {
    enum log_kind kind;
    const char *key;
    struct slice text; /* LOG_STR; bytes that are not printable are escaped */
    int64_t number;    /* LOG_INT */
};

#define LOG_S(key_, text_)                                                                         \
    {                                                                                              \
        LOG_STR, (key_), slice_of(text_), 0                                                        \
    } /* NULL: the field is left out */
#define LOG_B(key_, slice_)                                                                        \
    {                                                                                              \
        LOG_STR, (key_), (slice_), 0                                                               \
    }
#define LOG_I(key_, number_)                                                                       \
    {                                                                                              \
        LOG_INT, (key_), {NULL, 0}, (int64_t)(number_)                                             \
    }

/* At most one line per call site and second; the next one carries `repeated=N`. For causes that
 * recur. */
#define LOG_SPARSE(level, msg, ...)                                                                \
    do {                                                                                           \
        static struct log_limit limit_;                                                            \
        log_sparse(&limit_, (level), (msg), (const struct log_field[]){__VA_ARGS__, {0}});         \
    } while (0)

#define LOG(level, msg, ...)                                                                       \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_line((level), (msg), (const struct log_field[]){__VA_ARGS__, {0}});                \
    } while (0)

struct log_limit {
    _Atomic int64_t next_ms;
    _Atomic int64_t repeated;
};

/* Before the first thread. LOG_AUTO asks isatty(stderr); at a terminal, text has coloured levels
 * unless NO_COLOR is set. */
void log_init(enum log_level level, enum log_format format);
void log_set_level(enum log_level level); /* at a reload; any thread */
bool log_enabled(enum log_level level);

/* `fields` ends with a field of kind LOG_END; `msg` is a short verb or noun, the same for ever. */
void log_line(enum log_level level, const char *msg, const struct log_field *fields);
void log_sparse(struct log_limit *limit, enum log_level level, const char *msg,
                const struct log_field *fields);

const char *log_level_name(enum log_level level);

#endif
