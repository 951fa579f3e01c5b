/*
 * option_value: text to field, for every type of option.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "config/option.h"

static bool fault(char error[OPTION_ERROR_MAX], const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool fault(char error[OPTION_ERROR_MAX], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(error, OPTION_ERROR_MAX, fmt, args);
    va_end(args);
    return false;
}

static bool in_range(const struct option *option, double value)
{
    return (option->min == 0 && option->max == 0) || (value >= option->min && value <= option->max);
}

static bool set_duration(const struct option *option, int64_t *out, const char *text, char *error)
{
    char min[UNITS_TEXT_MAX], max[UNITS_TEXT_MAX];
    int64_t ms;

    if (units_parse_duration_ms(slice_of(text), &ms) && in_range(option, (double)ms)) {
        *out = ms;
        return true;
    }
    return fault(error,
                 "\"%.40s\" is not a duration from %s to %s; write it like 250ms, 30s, 5m, 24h",
                 text, units_format_duration((int64_t)option->min, min),
                 units_format_duration((int64_t)option->max, max));
}

static bool set_bytes(const struct option *option, uint64_t *out, const char *text, char *error)
{
    char min[UNITS_TEXT_MAX], max[UNITS_TEXT_MAX];
    uint64_t bytes;

    if (units_parse_bytes(slice_of(text), &bytes) && in_range(option, (double)bytes)) {
        *out = bytes;
        return true;
    }
    return fault(error, "\"%.40s\" is not a size from %s to %s; write it like 64KiB, 1MiB", text,
                 units_format_bytes((uint64_t)option->min, min),
                 units_format_bytes((uint64_t)option->max, max));
}

static bool read_number(const struct option *option, const char *text, uint64_t *out, char *error)
{
    uint64_t number;
    if (units_parse_u64(slice_of(text), &number) && in_range(option, (double)number)) {
        *out = number;
        return true;
    }
    return fault(error, "\"%.40s\" is not a whole number from %.0f to %.0f", text, option->min,
                 option->max);
}

static bool set_count(const struct option *option, uint32_t *out, const char *text, char *error)
{
    uint64_t number;
    if (!read_number(option, text, &number, error))
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool set_factor(const struct option *option, double *out, const char *text, char *error)
{
    char *end = NULL;
    bool decimal = strspn(text, "0123456789.") == strlen(text); /* no hex, no inf, no sign */
    double number = decimal ? strtod(text, &end) : 0;

    if (decimal && end != text && *end == 0 && in_range(option, number)) {
        *out = number;
        return true;
    }
    return fault(error, "\"%.40s\" is not a number from %g to %g", text, option->min, option->max);
}

static bool set_bool(bool *out, const char *text, char *error)
{
    bool yes = strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "false") != 0)
        return fault(error, "\"%.40s\" is neither true nor false", text);
    *out = yes;
    return true;
}

static bool set_choice(const struct option *option, int *out, const char *text, char *error)
{
    char list[OPTION_ERROR_MAX / 2] = "";

    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *out = i;
            return true;
        }
        size_t len = strlen(list);
        (void)snprintf(list + len, sizeof list - len, "%s%s", i > 0 ? ", " : "",
                       option->choices[i]);
    }
    return fault(error, "\"%.40s\" is not one of: %s", text, list);
}

static bool set_text(char **out, const char *text, char *error)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return fault(error, "no memory");
    free(*out);
    *out = copy;
    return true;
}

static bool set_url(char **out, const char *text, char *error)
{
    struct endpoint endpoint;
    return endpoint_parse(text, &endpoint, error) && set_text(out, text, error);
}

/* "1%", "0.25%". */
static bool set_percent(const struct option *option, double *out, const char *text, char *error)
{
    char number[32];
    size_t len = strlen(text);

    if (len > 1 && len < sizeof number && text[len - 1] == '%') {
        (void)snprintf(number, sizeof number, "%.*s", (int)(len - 1), text);
        if (set_factor(option, out, number, error))
            return true;
    }
    return fault(error, "\"%.40s\" is not a percentage from %g%% to %g%%", text, option->min,
                 option->max);
}

static bool set_jitter(struct retry_conf *retry, const char *text, char *error)
{
    size_t len = strlen(text);
    uint64_t percent = 0;
    bool full = strcmp(text, "full") == 0;
    bool none = strcmp(text, "none") == 0 || strcmp(text, "0") == 0;
    bool part = len > 1 && text[len - 1] == '%' &&
                units_parse_u64((struct slice){text, len - 1}, &percent) && percent <= 100;

    if (!full && !none && !part)
        return fault(error, "\"%.40s\" is not none, full, or a percentage from 0%% to 100%%", text);
    retry->jitter_full = full;
    retry->jitter_percent = (uint32_t)percent;
    return true;
}

static bool add_delay(const struct option *option, struct retry_conf *retry, const char *text,
                      char *error)
{
    if (retry->delays_count == CONFIG_DELAYS_MAX)
        return fault(error, "more than %d delays", CONFIG_DELAYS_MAX);
    if (!set_duration(option, &retry->delays_ms[retry->delays_count], text, error))
        return false;
    retry->delays_count++;
    return true;
}

static bool add_argument(char ***argv, const char *text, char *error)
{
    size_t count = 0;
    while (*argv != NULL && (*argv)[count] != NULL)
        count++;
    if (count == CONFIG_ARGV_MAX)
        return fault(error, "more than %d arguments", CONFIG_ARGV_MAX);
    char *copy = strdup(text);
    char **grown = copy != NULL ? realloc(*argv, (count + 2) * sizeof(*grown)) : NULL;
    if (grown == NULL) {
        free(copy);
        return fault(error, "no memory");
    }
    grown[count] = copy;
    grown[count + 1] = NULL;
    *argv = grown;
    return true;
}

/* RFC 9110, 5.1 and 5.5: a name is a token; no line break gets into a request. */
static bool add_header(char ***headers, const char *text, char *error)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t name = strspn(text, token);

    if (name == 0 || text[name] != ':' || strpbrk(text, "\r\n") != NULL)
        return fault(error,
                     "this is not a header line, as in \"Name: value\""); /* no secret here */
    return add_argument(headers, text, error);
}

bool option_set(const struct option *option, void *base, const char *text,
                char error[OPTION_ERROR_MAX])
{
    void *field = (char *)base + option->offset;
    switch (option->type) {
    case OPTION_DURATION:
        return set_duration(option, field, text, error);
    case OPTION_COUNT:
        return set_count(option, field, text, error);
    case OPTION_AMOUNT:
        return read_number(option, text, field, error);
    case OPTION_BYTES:
        return set_bytes(option, field, text, error);
    case OPTION_FACTOR:
        return set_factor(option, field, text, error);
    case OPTION_BOOL:
        return set_bool(field, text, error);
    case OPTION_CHOICE:
        return set_choice(option, field, text, error);
    case OPTION_URL:
        return set_url(field, text, error);
    case OPTION_TEXT:
    case OPTION_HTTP_URL: /* the loader knows more, and says so without its password */
    case OPTION_SECRET:
        return set_text(field, text, error);
    case OPTION_PERCENT:
        return set_percent(option, field, text, error);
    case OPTION_JITTER:
        return set_jitter(field, text, error);
    case OPTION_DURATIONS:
        return add_delay(option, field, text, error);
    case OPTION_ARGV:
        return add_argument(field, text, error);
    case OPTION_HEADERS:
        return add_header(field, text, error);
    }
    CHECK(!"an option of no type");
    return false;
}

bool option_is_list(const struct option *option)
{
    return option->type == OPTION_ARGV || option->type == OPTION_HEADERS ||
           option->type == OPTION_DURATIONS;
}

void option_reset_list(const struct option *option, void *base)
{
    void *field = (char *)base + option->offset;
    if (option->type == OPTION_DURATIONS)
        ((struct retry_conf *)field)->delays_count = 0;
    else
        option_free(option, base);
}
