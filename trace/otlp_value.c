#include "trace/otlp_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* What may not stand in a string as it is. */
static void put_special(struct buf *out, unsigned char byte)
{
    if (byte >= 0x80)
        buf_append_str(out, "\xEF\xBF\xBD"); /* U+FFFD */
    else if (byte == '"' || byte == '\\')
        buf_append(out, (char[]){'\\', (char)byte}, 2);
    else
        buf_printf(out, "\\u%04x", byte);
}

void otlp_put_text(struct buf *out, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t len = strlen(text), done = 0;

    buf_append(out, "\"", 1);
    for (size_t i = 0; i < len;) {
        uint32_t point;
        size_t whole = utf8_decode(bytes + i, len - i, &point);
        if (whole > 0 && bytes[i] >= ' ' && bytes[i] != '"' && bytes[i] != '\\') {
            i += whole;
            continue;
        }
        buf_append(out, text + done, i - done);
        put_special(out, bytes[i]);
        done = ++i;
    }
    buf_append(out, text + done, len - done);
    buf_append(out, "\"", 1);
}

void otlp_next(struct buf *out)
{
    char last = out->len > 0 ? out->data[out->len - 1] : '[';

    if (last != '[' && last != '{')
        buf_append(out, ",", 1);
}

void otlp_key(struct buf *out, const char *key)
{
    otlp_next(out);
    buf_append(out, "\"", 1);
    buf_append_str(out, key);
    buf_append(out, "\":", 2);
}

static void put_hex(struct buf *out, uint64_t number)
{
    char hex[17];
    (void)snprintf(hex, sizeof hex, "%016" PRIx64, number);
    buf_append(out, hex, 16);
}

void otlp_set_trace_id(struct buf *out, uint64_t high, uint64_t low)
{
    otlp_key(out, "traceId");
    buf_append(out, "\"", 1);
    put_hex(out, high);
    put_hex(out, low);
    buf_append(out, "\"", 1);
}

void otlp_set_span_id(struct buf *out, const char *key, uint64_t id)
{
    otlp_key(out, key);
    buf_append(out, "\"", 1);
    put_hex(out, id);
    buf_append(out, "\"", 1);
}

void otlp_set_digits(struct buf *out, const char *key, int64_t number)
{
    otlp_key(out, key);
    buf_printf(out, "\"%" PRId64 "\"", number);
}

void otlp_set_number(struct buf *out, const char *key, int number)
{
    otlp_key(out, key);
    buf_printf(out, "%d", number);
}

void otlp_set_text(struct buf *out, const char *key, const char *text)
{
    otlp_key(out, key);
    otlp_put_text(out, text);
}

static void begin_attribute(struct buf *out, const char *key)
{
    otlp_next(out);
    buf_append_str(out, "{\"key\":\"");
    buf_append_str(out, key);
    buf_append_str(out, "\",\"value\":{");
}

void otlp_add_text(struct buf *out, const char *key, const char *text)
{
    begin_attribute(out, key);
    otlp_set_text(out, "stringValue", text);
    buf_append_str(out, "}}");
}

void otlp_add_number(struct buf *out, const char *key, int64_t number)
{
    begin_attribute(out, key);
    otlp_set_digits(out, "intValue", number);
    buf_append_str(out, "}}");
}
