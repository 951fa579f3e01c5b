/*
 * option_render: values as one would write them in the file, so that what is shown loads again.
 */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "config/option.h"

/* In double quotes, with the escapes of YAML 1.1 (5.7), unless it is a plain word. */
void option_render_text(struct buf *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    size_t len = strlen(text);

    if (len > 0 && strspn(text, plain) == len && text[0] != '-') {
        buf_append_str(out, text);
        return;
    }
    buf_append_str(out, "\"");
    for (const char *at = text; *at != 0; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            buf_printf(out, "\\x%02x", c);
        else if (c == '$' && at[1] == '{')
            buf_append_str(out, "$$");
        else
            buf_append(out, at, 1);
    }
    buf_append_str(out, "\"");
}

static bool render_duration(struct buf *out, int64_t ms)
{
    char text[UNITS_TEXT_MAX];
    buf_append_str(out, units_format_duration(ms, text));
    return true;
}

static bool render_bytes(struct buf *out, uint64_t bytes)
{
    char text[UNITS_TEXT_MAX];
    buf_append_str(out, units_format_bytes(bytes, text));
    return true;
}

static bool render_number(struct buf *out, uint64_t number)
{
    buf_printf(out, "%llu", (unsigned long long)number);
    return true;
}

static bool render_word(struct buf *out, const char *word)
{
    buf_append_str(out, word);
    return true;
}

static bool render_text(struct buf *out, const char *text)
{
    if (text == NULL)
        return false;
    option_render_text(out, text);
    return true;
}

/* What stands between `from` and `to` is a password. */
static void mask(struct buf *url, size_t from, size_t to)
{
    struct buf masked = {0};

    buf_append(&masked, url->data, from);
    buf_append_str(&masked, "********");
    buf_append_str(&masked, url->data + to);
    buf_free(url);
    *url = masked;
}

static bool render_url(struct buf *out, const char *text)
{
    struct buf url = {0};

    if (text == NULL)
        return false;
    buf_append_str(&url, text);
    const char *scheme = url.failed ? NULL : strstr(url.data, "://");
    size_t start = scheme != NULL ? (size_t)(scheme + 3 - url.data) : 0;
    size_t end = start + (url.failed ? 0 : strcspn(url.data + start, "/?"));
    const char *at = url.failed ? NULL : memrchr(url.data + start, '@', end - start);
    if (at != NULL) {
        const char *colon = memchr(url.data + start, ':', (size_t)(at - url.data) - start);
        mask(&url, colon != NULL ? (size_t)(colon + 1 - url.data) : start, (size_t)(at - url.data));
    }
    const char *query = url.failed ? NULL : strstr(url.data, "password=");
    if (query != NULL) {
        size_t from = (size_t)(query - url.data) + strlen("password=");
        mask(&url, from, from + strcspn(url.data + from, "&"));
    }
    if (!url.failed)
        option_render_text(out, url.data);
    buf_free(&url);
    return true;
}

static bool render_jitter(struct buf *out, const struct retry_conf *retry)
{
    if (retry->jitter_full)
        return render_word(out, "full");
    buf_printf(out, "%u%%", retry->jitter_percent);
    return true;
}

static bool render_delays(struct buf *out, const struct retry_conf *retry)
{
    for (uint32_t i = 0; i < retry->delays_count; i++) {
        buf_append_str(out, i == 0 ? "[" : ", ");
        render_duration(out, retry->delays_ms[i]);
    }
    if (retry->delays_count > 0)
        buf_append_str(out, "]");
    return retry->delays_count > 0;
}

static bool render_argv(struct buf *out, char *const *argv)
{
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++) {
        buf_append_str(out, i == 0 ? "[" : ", ");
        option_render_text(out, argv[i]);
    }
    if (argv != NULL)
        buf_append_str(out, "]");
    return argv != NULL;
}

bool option_render(const struct option *option, const void *base, struct buf *out)
{
    const void *field = (const char *)base + option->offset;
    switch (option->type) {
    case OPTION_DURATION:
        return render_duration(out, *(const int64_t *)field);
    case OPTION_COUNT:
        return render_number(out, *(const uint32_t *)field);
    case OPTION_AMOUNT:
        return render_number(out, *(const uint64_t *)field);
    case OPTION_BYTES:
        return render_bytes(out, *(const uint64_t *)field);
    case OPTION_FACTOR:
        buf_printf(out, "%g", *(const double *)field);
        return true;
    case OPTION_BOOL:
        return render_word(out, *(const bool *)field ? "true" : "false");
    case OPTION_CHOICE:
        return render_word(out, option->choices[*(const int *)field]);
    case OPTION_URL:
        return render_url(out, *(char *const *)field);
    case OPTION_TEXT:
        return render_text(out, *(char *const *)field);
    case OPTION_SECRET:
        return *(char *const *)field != NULL && render_word(out, "\"********\"");
    case OPTION_JITTER:
        return render_jitter(out, field);
    case OPTION_DURATIONS:
        return render_delays(out, field);
    case OPTION_ARGV:
        return render_argv(out, *(char **const *)field);
    }
    CHECK(!"an option of no type");
    return false;
}
