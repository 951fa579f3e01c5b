/*
 * log: one line, one write(2), to stderr; logfmt-like text at a terminal, JSON otherwise. Any
 * thread.
 *
 * A line never holds up a job: where the reader of a pipe does not read, the disk is full or stderr
 * is closed, the line is dropped and counted, and the next line that gets out says how many
 * (`dropped=N`). Lines are at most LOG_LINE_MAX bytes; longer values are cut. Payloads and
 * passwords are never logged. Each message and its keys stand in docs/logs.md. Levels: error
 * (somebody must act), warn (something is wrong and navvy copes), info (the life of the process),
 * debug (the life of a job).
 *
 *   LOG(LOG_WARN, "settle", LOG_S("queue", name), LOG_I("took_ms", took));
 *   -> 2026-11-21T10:00:00.123Z warn settle queue=email took_ms=12
 *   -> {"ts":"2026-11-21T10:00:00.123Z","level":"warn","msg":"settle","queue":"email","took_ms":12}
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log_scope.h"
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

#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, {0}})

#define LOG(level, msg, ...)                                                                       \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_line(&(const struct log_about){0}, (level), (msg), LOG_FIELDS(__VA_ARGS__));       \
    } while (0)

/* About a queue (struct log_scope *): at that queue's level, with its name as `queue`. */
#define LOG_OF(scope_, level, msg, ...)                                                            \
    do {                                                                                           \
        const struct log_scope *log_scope_ = (scope_);                                             \
        if (log_scope_has(log_scope_, (int)(level)))                                               \
            log_line(&(const struct log_about){.scope = log_scope_}, (level), (msg),               \
                     LOG_FIELDS(__VA_ARGS__));                                                     \
    } while (0)

/* For causes that recur: one line a second and cause (log_cause.h); the next one carries
 * `repeated=N`. */
#define LOG_SPARSE(level, msg, ...)                                                                \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_line(&(const struct log_about){.burst = 1}, (level), (msg),                        \
                     LOG_FIELDS(__VA_ARGS__));                                                     \
    } while (0)

#define LOG_SPARSE_OF(scope_, level, msg, ...)                                                     \
    do {                                                                                           \
        const struct log_scope *log_scope_ = (scope_);                                             \
        if (log_scope_has(log_scope_, (int)(level)))                                               \
            log_line(&(const struct log_about){.scope = log_scope_, .burst = 1}, (level), (msg),   \
                     LOG_FIELDS(__VA_ARGS__));                                                     \
    } while (0)

/* Whom a line is about; its first fields. */
struct log_about {
    const struct log_scope *scope; /* NULL: no queue */
    const char *id;                /* of a job; NULL: none */
    int burst;                     /* lines of one cause in a second; 0: all */
};

/* Before the first thread. LOG_AUTO asks isatty(stderr); at a terminal, text has coloured levels
 * unless NO_COLOR is set. */
void log_init(enum log_level level, enum log_format format);
void log_set_level(enum log_level level); /* at a reload; any thread */

extern _Atomic int log_level_now; /* the log's own */
static inline bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&log_level_now, memory_order_relaxed);
}

/* `fields` ends with a field of kind LOG_END; `msg` is a short verb or noun, the same for ever, and
 * static. */
void log_line(const struct log_about *about, enum log_level level, const char *msg,
              const struct log_field *fields);

/* About once a second: how often causes recurred that no line came to tell. */
void log_tick(void);

const char *log_level_name(enum log_level level);

#endif
