#include "base/log_text.h"

#include <stdio.h>
#include <time.h>

#include "base/check.h"
#include "base/utf8.h"

enum { TAIL_ROOM = 80 }; /* a closing quote, two numbers of 20 digits, a brace, a line feed */

/* All of it or nothing, and nothing after something that did not fit. */
static void put(struct log_text *text, const char *bytes, size_t len)
{
    text->full = text->full || text->len + len > LOG_LINE_MAX - TAIL_ROOM;
    if (text->full)
        return;
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

static void put_tail(struct log_text *text, const char *bytes, size_t len)
{
    CHECK(len <= LOG_LINE_MAX - text->len);
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

/* C0, DEL, and C1, with which some terminals begin a command, too. */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

/* One character, escaped if it must be; returns how many bytes of the value it was. */
static size_t put_char(struct log_text *text, const unsigned char *at, size_t left)
{
    char code[8];
    uint32_t point;
    size_t len = utf8_decode(at, left, &point);
    int code_len;

    if (*at == '"' || *at == '\\')
        code_len = snprintf(code, sizeof code, "\\%c", *at);
    else if (*at == '\n')
        code_len = snprintf(code, sizeof code, "\\n");
    else if (len > 0 && !is_control(point)) {
        put(text, (const char *)at, len);
        return len;
    } else /* U+0080 to U+009F have the number of their last byte */
        code_len = snprintf(code, sizeof code, text->json ? "\\u%04x" : "\\x%02x",
                            len == 2 ? at[1] : at[0]);
    put(text, code, (size_t)code_len);
    return len == 2 ? 2 : 1;
}

/* ASCII that reads as one word. */
static bool is_bare(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=')
            return false;
    }
    return value.len > 0;
}

static void put_value(struct log_text *text, struct slice value)
{
    const unsigned char *bytes = (const unsigned char *)value.ptr;
    bool quoted = text->json || !is_bare(value);

    if (quoted)
        put(text, "\"", 1);
    if (text->full)
        return;
    for (size_t i = 0; i < value.len && !text->full;)
        i += put_char(text, bytes + i, value.len - i);
    if (quoted)
        put_tail(text, "\"", 1);
}

static int format_key(const struct log_text *text, const char *key, char *out, size_t size)
{
    return snprintf(out, size, text->json ? ",\"%s\":" : " %s=", key);
}

static int format_number(const struct log_text *text, const char *key, int64_t number, char *out,
                         size_t size)
{
    return snprintf(out, size, text->json ? ",\"%s\":%lld" : " %s=%lld", key, (long long)number);
}

void log_text_field(struct log_text *text, const struct log_field *field)
{
    enum { HEAD_MAX = 96 };
    char head[HEAD_MAX];

    if (field->kind == LOG_STR && field->text.ptr == NULL)
        return;
    int len = field->kind == LOG_STR
                  ? format_key(text, field->key, head, sizeof head)
                  : format_number(text, field->key, field->number, head, sizeof head);
    CHECK(len > 0 && len < HEAD_MAX); /* a key is a word of ours */
    if (field->kind == LOG_STR && text->len + (size_t)len + 2 > LOG_LINE_MAX - TAIL_ROOM)
        text->full = true; /* a key wants at least its quotes */
    put(text, head, (size_t)len);
    if (field->kind == LOG_STR)
        put_value(text, field->text);
}

void log_text_tail(struct log_text *text, const char *key, int64_t number)
{
    char pair[48];
    int len = format_number(text, key, number, pair, sizeof pair);

    CHECK(len > 0 && len < (int)sizeof pair);
    put_tail(text, pair, (size_t)len);
}

void log_text_start(struct log_text *text, bool json, int64_t now_wall_ms, const char *level,
                    const char *paint, const char *msg)
{
    time_t seconds = (time_t)(now_wall_ms / 1000);
    struct tm utc;
    char stamp[32], head[96];

    text->len = 0;
    text->json = json;
    text->full = false;
    CHECK(gmtime_r(&seconds, &utc) != NULL);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    int len =
        snprintf(head, sizeof head,
                 json ? "{\"ts\":\"%s.%03dZ\",\"level\":\"%s%s%s\",\"msg\":" : "%s.%03dZ %s%s%s ",
                 stamp, (int)(now_wall_ms % 1000), paint, level, *paint != 0 ? "\x1b[0m" : "");
    CHECK(len > 0 && len < (int)sizeof head);
    put(text, head, (size_t)len);
    put_value(text, slice_of(msg));
}

void log_text_end(struct log_text *text)
{
    if (text->json)
        put_tail(text, "}", 1);
    put_tail(text, "\n", 1);
}
