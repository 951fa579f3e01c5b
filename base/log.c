#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log_cause.h"
#include "base/log_sink.h"
#include "base/log_text.h"

_Atomic int log_level_now = LOG_INFO;
static bool log_json, log_colours; /* since log_init */
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t log_dropped; /* under log_mutex, as the next */
static struct log_causes causes;

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
    log_scopes_follow((int)level);
}

static void write_line(struct log_text *text)
{
    (void)pthread_mutex_lock(&log_mutex);
    if (log_dropped > 0)
        log_text_tail(text, "dropped", log_dropped);
    log_text_end(text);
    log_dropped = log_sink_write(text->bytes, text->len) ? 0 : log_dropped + 1;
    (void)pthread_mutex_unlock(&log_mutex);
}

static void emit(const struct log_about *about, enum log_level level, const char *msg,
                 const struct log_field *fields, int64_t repeated)
{
    struct log_text text;
    const struct log_field queue = LOG_S("queue", about->scope != NULL ? about->scope->name : NULL);
    const struct log_field id = LOG_S("id", about->id);

    log_text_start(&text, log_json, clock_wall_ms(), log_level_name(level),
                   log_colours ? levels[level].paint : "", msg);
    log_text_field(&text, &queue);
    log_text_field(&text, &id);
    for (; fields->kind != LOG_END; fields++)
        log_text_field(&text, fields);
    if (repeated > 0)
        log_text_tail(&text, "repeated", repeated);
    write_line(&text);
}

static void tell_repeated(const struct log_cause *cause)
{
    const struct log_about about = {.scope = cause->scope};
    const struct log_field fields[] = {
        LOG_S("of", cause->msg), LOG_S("err", cause->err[0] != 0 ? cause->err : NULL), {0}};

    emit(&about, cause->level, "repeated", fields, cause->repeated);
}

static bool admit(const struct log_about *about, enum log_level level, const char *msg,
                  const struct log_field *fields, int64_t *repeated)
{
    struct log_cause cause = log_cause_of(about->scope, level, msg, fields), evicted;

    (void)pthread_mutex_lock(&log_mutex);
    bool admitted =
        log_cause_admit(&causes, &cause, about->burst, clock_mono_ms(), repeated, &evicted);
    (void)pthread_mutex_unlock(&log_mutex);
    if (evicted.key != 0)
        tell_repeated(&evicted);
    return admitted;
}

void log_line(const struct log_about *about, enum log_level level, const char *msg,
              const struct log_field *fields)
{
    int errno_kept = errno; /* a log line changes nothing for who writes it */
    int64_t repeated = 0;

    if (about->burst == 0 || admit(about, level, msg, fields, &repeated))
        emit(about, level, msg, fields, repeated);
    errno = errno_kept;
}

void log_tick(void)
{
    struct log_cause silent;
    size_t position = 0;

    for (;;) {
        (void)pthread_mutex_lock(&log_mutex);
        bool found = log_cause_next_silent(&causes, &position, clock_mono_ms(), &silent);
        (void)pthread_mutex_unlock(&log_mutex);
        if (!found)
            return;
        tell_repeated(&silent);
    }
}
