/*
 * option_render: values as one would write them in the file, so that what is shown loads again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "config/option.h"

/* One character of UTF-8, its length in `len`; what is none counts as one byte of U+FFFD. */
static uint32_t read_character(const char *text, size_t *len)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t code = at[0];

    *len = code < 0x80 ? 1 : code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
    if (*len > 1)
        code &= 0x7fu >> *len;
    for (size_t i = 1; i < *len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            *len = 1;
            return 0xfffd;
        }
        code = code << 6 | (at[i] & 0x3f);
    }
    return code;
}

/* May it stand in double quotes as it is (YAML 1.1, 5.1), and is it no line break (5.4)? */
static bool is_printable(uint32_t code)
{
    return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x2028) ||
           (code > 0x2029 && code < 0xd800) || (code >= 0xe000 && code < 0xfeff) ||
           (code > 0xfeff && code < 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/* In double quotes, with the escapes of YAML 1.1 (5.7), unless it is a plain word. What is
 * expanded when it is read has its ${ as $${. */
static void render_scalar(struct buf *out, const char *text, bool expanded)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    size_t len = strlen(text);

    if (len > 0 && strspn(text, plain) == len && text[0] != '-' && text[0] != '.') {
        buf_append_str(out, text);
        return;
    }
    buf_append_str(out, "\"");
    for (const char *at = text; *at != 0; at += len) {
        uint32_t code = read_character(at, &len);
        if (code == '"' || code == '\\')
            buf_append_str(out, "\\");
        if (expanded && code == '$' && at[1] == '{')
            buf_append_str(out, "$");
        if (is_printable(code))
            buf_append(out, at, len);
        else
            buf_printf(out, "\\U%08x", code);
    }
    buf_append_str(out, "\"");
}

void option_render_text(struct buf *out, const char *text)
{
    render_scalar(out, text, true);
}

void option_render_key(struct buf *out, const char *key)
{
    render_scalar(out, key, false);
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

/* Appends `text` from `*at` to `from`, then stars; goes on at `to`. */
static void mask(struct buf *out, const char *text, size_t *at, size_t from, size_t to)
{
    buf_append(out, text + *at, from - *at);
    buf_append_str(out, "********");
    *at = to;
}

/* user:password@ in front, ?password= behind. */
static void mask_url(struct buf *out, const char *url)
{
    static const char word[] = "password=";
    const char *scheme = strstr(url, "://");
    size_t start = scheme != NULL ? (size_t)(scheme + 3 - url) : 0;
    size_t end = start + strcspn(url + start, "/"), done = 0; /* a password may have a '?' */
    const char *at = memrchr(url + start, '@', end - start);

    if (at != NULL) {
        const char *colon = memchr(url + start, ':', (size_t)(at - url) - start);
        mask(out, url, &done, colon != NULL ? (size_t)(colon + 1 - url) : start,
             (size_t)(at - url));
    }
    const char *query = strchr(url + done, '?'); /* else the word is in a name */
    while (query != NULL && (query = strstr(query, word)) != NULL) {
        size_t from = (size_t)(query - url) + strlen(word);
        mask(out, url, &done, from, from + strcspn(url + from, "&"));
        query = url + done;
    }
    buf_append_str(out, url + done);
}

static bool render_url(struct buf *out, const char *text)
{
    struct buf url = {0};

    if (text == NULL)
        return false;
    mask_url(&url, text);
    if (url.failed)
        out->failed = true;
    else
        option_render_text(out, url.data);
    buf_free(&url);
    return true;
}

/* With as many digits as it takes to read the same number again. */
static bool render_factor(struct buf *out, double factor)
{
    char text[32];
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, factor);
        if (strtod(text, NULL) == factor)
            break;
    }
    buf_append_str(out, text);
    return true;
}

static bool render_percent(struct buf *out, double percent)
{
    render_factor(out, percent);
    buf_append_str(out, "%");
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

static bool render_headers(struct buf *out, char *const *headers)
{
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
        buf_printf(out, "%s\"%.*s: ********\"", i == 0 ? "[" : ", ", (int)strcspn(headers[i], ":"),
                   headers[i]);
    if (headers != NULL)
        buf_append_str(out, "]");
    return headers != NULL;
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
        return render_factor(out, *(const double *)field);
    case OPTION_BOOL:
        return render_word(out, *(const bool *)field ? "true" : "false");
    case OPTION_CHOICE:
        return render_word(out, option->choices[*(const int *)field]);
    case OPTION_URL:
    case OPTION_HTTP_URL:
        return render_url(out, *(char *const *)field);
    case OPTION_TEXT:
        return render_text(out, *(char *const *)field);
    case OPTION_SECRET:
        return *(char *const *)field != NULL && render_word(out, "\"********\"");
    case OPTION_PERCENT:
        return render_percent(out, *(const double *)field);
    case OPTION_JITTER:
        return render_jitter(out, field);
    case OPTION_DURATIONS:
        return render_delays(out, field);
    case OPTION_ARGV:
        return render_argv(out, *(char **const *)field);
    case OPTION_HEADERS:
        return render_headers(out, *(char **const *)field);
    }
    CHECK(!"an option of no type");
    return false;
}
