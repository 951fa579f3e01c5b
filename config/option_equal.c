/*
 * option_equal: whether two configurations have the same value for an option.
 */
#include <string.h>

#include "config/option.h"

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_jitter(const struct retry_conf *a, const struct retry_conf *b)
{
    return a->jitter_full == b->jitter_full && a->jitter_percent == b->jitter_percent;
}

static bool same_delays(const struct retry_conf *a, const struct retry_conf *b)
{
    bool same = a->delays_count == b->delays_count;
    for (uint32_t i = 0; same && i < a->delays_count; i++)
        same = a->delays_ms[i] == b->delays_ms[i];
    return same;
}

static bool same_argv(char *const *a, char *const *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    for (; *a != NULL && *b != NULL; a++, b++) {
        if (strcmp(*a, *b) != 0)
            return false;
    }
    return *a == *b;
}

bool option_equal(const struct option *option, const void *left, const void *right)
{
    const void *a = (const char *)left + option->offset;
    const void *b = (const char *)right + option->offset;
    switch (option->type) {
    case OPTION_DURATION:
    case OPTION_AMOUNT:
    case OPTION_BYTES:
        return memcmp(a, b, sizeof(uint64_t)) == 0;
    case OPTION_COUNT:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case OPTION_FACTOR:
    case OPTION_PERCENT:
        return memcmp(a, b, sizeof(double)) == 0;
    case OPTION_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case OPTION_CHOICE:
        return *(const int *)a == *(const int *)b;
    case OPTION_TEXT:
    case OPTION_URL:
    case OPTION_HTTP_URL:
    case OPTION_SECRET:
        return same_text(*(char *const *)a, *(char *const *)b);
    case OPTION_JITTER:
        return same_jitter(a, b);
    case OPTION_DURATIONS:
        return same_delays(a, b);
    case OPTION_ARGV:
    case OPTION_HEADERS:
        return same_argv(*(char **const *)a, *(char **const *)b);
    }
    CHECK(!"an option of no type");
    return false;
}
