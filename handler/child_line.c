#include "handler/child_line.h"

#include <jansson.h>

#include "base/utf8.h"
#include "handler/line_fault.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

static void put_special(struct buf *out, unsigned char byte)
{
    if (byte >= 0x80)
        buf_append_str(out, replacement);
    else if (byte == '"' || byte == '\\')
        buf_append(out, (char[]){'\\', (char)byte}, 2);
    else
        buf_printf(out, "\\u%04x", byte);
}

static void put_text(struct buf *out, struct slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t done = 0;

    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        size_t len = utf8_decode(bytes + i, text.len - i, &point);
        if (len > 0 && bytes[i] >= ' ' && bytes[i] != '"' && bytes[i] != '\\') {
            i += len;
            continue;
        }
        buf_append(out, text.ptr + done, i - done);
        put_special(out, bytes[i]);
        done = ++i;
    }
    buf_append(out, text.ptr + done, text.len - done);
}

/* `key` is ,"name":" with everything but the text and the quote behind it. */
static void put_string(struct buf *out, const char *key, struct slice text)
{
    if (text.ptr == NULL)
        return;
    buf_append_str(out, key);
    put_text(out, text);
    buf_append_str(out, "\"");
}

void child_line_job(struct buf *out, const struct facts *facts, int64_t timeout_ms)
{
    put_string(out, "{\"id\":\"", facts->claim);
    put_string(out, ",\"job_id\":\"", facts->id);
    put_string(out, ",\"queue\":\"", facts->queue);
    put_string(out, ",\"type\":\"", facts->type);
    put_string(out, ",\"traceparent\":\"", facts->traceparent);
    put_string(out, ",\"tracestate\":\"", facts->tracestate);
    if (facts->deadline_wall_ms != 0)
        buf_printf(out, ",\"deadline\":%lld,\"timeout_ms\":%lld",
                   (long long)facts->deadline_wall_ms, (long long)timeout_ms);
    buf_printf(out, ",\"attempt\":%lld,\"delivery\":%lld,\"payload_bytes\":%zu}\n",
               (long long)facts->attempt, (long long)facts->delivery, facts->payload.len);
}

void child_line_cancel(struct buf *out, struct slice claim)
{
    put_string(out, "{\"cancel\":\"", claim);
    buf_append_str(out, "}\n");
}

static const char *read_hello(const json_t *root, struct child_hello *hello)
{
    const json_t *version = json_object_get(root, "navvy");
    const json_t *concurrency = json_object_get(root, "concurrency");

    if (version == NULL)
        return "printed on stdout what is not its hello, {\"navvy\":1}";
    if (!json_is_integer(version) || json_integer_value(version) != CHILD_PROTOCOL)
        return "speaks another version of the protocol than 1";
    *hello = (struct child_hello){1, json_is_true(json_object_get(root, "ping"))};
    if (concurrency == NULL)
        return NULL;
    if (!json_is_integer(concurrency) || json_integer_value(concurrency) < 1 ||
        json_integer_value(concurrency) > CHILD_CONCURRENCY_MAX)
        return "said in its hello a concurrency that is no number from 1 to 1024";
    hello->concurrency = (uint32_t)json_integer_value(concurrency);
    return NULL;
}

bool child_line_hello(struct slice line, struct child_hello *hello, char why[CHILD_WHY_MAX])
{
    json_t *root = json_loadb(line.ptr, line.len, 0, NULL);
    const char *what = read_hello(root, hello);

    json_decref(root);
    return what == NULL || line_fault(what, line, why, CHILD_WHY_MAX);
}

bool child_line_pong(struct slice line, int64_t *number)
{
    json_t *root = json_loadb(line.ptr, line.len, 0, NULL);
    const json_t *pong = json_object_get(root, "pong");
    bool is = json_is_integer(pong);

    if (is)
        *number = json_integer_value(pong);
    json_decref(root);
    return is;
}
