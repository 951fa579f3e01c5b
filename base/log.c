#include "base/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

/* A line while it is put together; what does not fit is cut, and the end always fits. */
struct line {
    char text[LOG_LINE_MAX];
    size_t len;
};

enum { LINE_END_ROOM = 8 }; /* closing quote, brace, newline */

static _Atomic int log_level_now = LOG_INFO;
static bool log_json;
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t log_dropped; /* under log_mutex */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

const char *log_level_name(enum log_level level)
{
    CHECK(level < LOG_LEVEL_COUNT);
    return level_names[level];
}

void log_init(enum log_level level, enum log_format format)
{
    log_json = format == LOG_JSON || (format == LOG_AUTO && !isatty(STDERR_FILENO));
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

static void line_put(struct line *line, const char *bytes, size_t len)
{
    if (len > LOG_LINE_MAX - LINE_END_ROOM - line->len)
        return;
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

static void line_str(struct line *line, const char *text)
{
    line_put(line, text, strlen(text));
}

/* The length of the UTF-8 sequence that starts here; 0: not one (RFC 3629). */
static size_t utf8_len(const unsigned char *at, size_t left)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    uint32_t code = len == 1 ? at[0] : at[0] & (0x7fu >> len);

    if (len > left || (at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    bool overlong = (len == 3 && code < 0x800) || (len == 4 && code < 0x10000);
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return overlong || surrogate || code > 0x10ffff ? 0 : len;
}

/* One escaped character; returns how many bytes of the text it was. */
static size_t line_escape(struct line *line, const unsigned char *at, size_t left)
{
    char code[8];
    size_t len = utf8_len(at, left);

    if (*at == '"' || *at == '\\')
        (void)snprintf(code, sizeof code, "\\%c", *at);
    else if (*at == '\n')
        (void)snprintf(code, sizeof code, "\\n");
    else if (len == 0 || *at < 0x20 || *at == 0x7f)
        (void)snprintf(code, sizeof code, log_json ? "\\u%04x" : "\\x%02x", *at);
    else {
        line_put(line, (const char *)at, len);
        return len;
    }
    line_str(line, code);
    return 1;
}

static bool text_is_bare(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c == 0x7f)
            return false; /* plain char: bytes over 0x7f are below ' ' where it is signed */
    }
    return text.len > 0;
}

static void line_text(struct line *line, struct slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;

    if (!log_json && text_is_bare(text)) {
        line_put(line, text.ptr, text.len);
        return;
    }
    line_put(line, "\"", 1);
    for (size_t i = 0; i < text.len;)
        i += line_escape(line, bytes + i, text.len - i);
    line->text[line->len++] = '"'; /* there is room for the end: LINE_END_ROOM */
}

static void line_field(struct line *line, const struct log_field *field)
{
    char number[24];

    if (field->kind == LOG_STR && field->text.ptr == NULL)
        return;
    if (line->len + strlen(field->key) + 64 > LOG_LINE_MAX - LINE_END_ROOM)
        return; /* a cut value is well, half a field is not */
    line_str(line, log_json ? ",\"" : " ");
    line_str(line, field->key);
    line_str(line, log_json ? "\":" : "=");
    if (field->kind == LOG_STR) {
        line_text(line, field->text);
        return;
    }
    (void)snprintf(number, sizeof number, "%lld", (long long)field->number);
    line_str(line, number);
}

static void line_start(struct line *line, enum log_level level, const char *msg)
{
    int64_t now_ms = clock_wall_ms();
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm utc;
    char stamp[40], head[160];

    (void)gmtime_r(&seconds, &utc);
    size_t len = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(stamp + len, sizeof stamp - len, ".%03dZ", (int)(now_ms % 1000));
    (void)snprintf(head, sizeof head,
                   log_json ? "{\"ts\":\"%s\",\"level\":\"%s\",\"msg\":\"%s\"" : "%s %s %s", stamp,
                   level_names[level], msg);
    line_str(line, head);
}

static void line_end(struct line *line)
{
    if (log_json)
        line->text[line->len++] = '}';
    line->text[line->len++] = '\n';
}

/* Under log_mutex. Never waits: no reader, no line. */
static void line_write(const struct line *line)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    bool ready = poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0;

    if (ready && write(STDERR_FILENO, line->text, line->len) == (ssize_t)line->len)
        log_dropped = 0;
    else
        log_dropped++;
}

static void log_emit(enum log_level level, const char *msg, const struct log_field *fields,
                     int64_t repeated)
{
    struct line line = {.len = 0};

    line_start(&line, level, msg);
    for (; fields->kind != LOG_END; fields++)
        line_field(&line, fields);
    if (repeated > 0)
        line_field(&line, &(struct log_field)LOG_I("repeated", repeated));
    (void)pthread_mutex_lock(&log_mutex);
    if (log_dropped > 0)
        line_field(&line, &(struct log_field)LOG_I("dropped", log_dropped));
    line_end(&line);
    line_write(&line);
    (void)pthread_mutex_unlock(&log_mutex);
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
