#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log_sink.h"
#include "base/log_text.h"

static _Atomic int log_level_now = LOG_INFO;
static bool log_json, log_colours; /* since log_init */
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t log_dropped; /* under log_mutex */

static const struct {
    const char *name, *paint;
} levels[] = {
    [LOG_ERROR] = {"error", "\x1b[31m"},
    [LOG_WARN] = {"warn", "\x1b[33m"},
    [LOG_INFO] = {"info", "\x1b[32m"},
    [LOG_DEBUG] = {"debug", "\x1b[2m"},
};

const char *log_level_name(enum log_level level)
{
    CHECK(level < LOG_LEVEL_COUNT);
    return levels[level].name;
}

/* https://no-color.org */
static bool terminal_has_colours(void)
{
    const char *refused = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (refused == NULL || *refused == 0) && term != NULL && strcmp(term, "dumb") != 0;
}

void log_init(enum log_level level, enum log_format format)
{
    bool is_terminal = isatty(STDERR_FILENO) == 1;

    log_json = format == LOG_JSON || (format == LOG_AUTO && !is_terminal);
    log_colours = !log_json && is_terminal && terminal_has_colours();
    log_sink_open();
    log_set_level(level);
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&log_level_now, (int)level, memory_order_relaxed);
}

bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&log_level_now, memory_order_relaxed);
}

static void log_emit(enum log_level level, const char *msg, const struct log_field *fields,
                     int64_t repeated)
{
    struct log_text text;
    int errno_kept = errno; /* a log line changes nothing for who writes it */

    log_text_start(&text, log_json, clock_wall_ms(), log_level_name(level),
                   log_colours ? levels[level].paint : "", msg);
    for (; fields->kind != LOG_END; fields++)
        log_text_field(&text, fields);
    if (repeated > 0)
        log_text_tail(&text, "repeated", repeated);
    (void)pthread_mutex_lock(&log_mutex);
    if (log_dropped > 0)
        log_text_tail(&text, "dropped", log_dropped);
    log_text_end(&text);
    log_dropped = log_sink_write(text.bytes, text.len) ? 0 : log_dropped + 1;
    (void)pthread_mutex_unlock(&log_mutex);
    errno = errno_kept;
}

void log_line(enum log_level level, const char *msg, const struct log_field *fields)
{
    log_emit(level, msg, fields, 0);
}

void log_sparse(struct log_limit *limit, enum log_level level, const char *msg,
                const struct log_field *fields)
{
    enum { INTERVAL_MS = 1000 };
    int64_t now_ms = clock_mono_ms();
    int64_t next_ms = atomic_load_explicit(&limit->next_ms, memory_order_relaxed);

    if (!log_enabled(level))
        return;
    /* Whoever moves the time on writes the line; the others are counted for the next one. */
    if (now_ms < next_ms ||
        !atomic_compare_exchange_strong(&limit->next_ms, &next_ms, now_ms + INTERVAL_MS)) {
        atomic_fetch_add_explicit(&limit->repeated, 1, memory_order_relaxed);
        return;
    }
    log_emit(level, msg, fields, atomic_exchange(&limit->repeated, 0));
}
