#include "admin/when.h"

#include <string.h>
#include <time.h>

#include "base/units.h"

#define SECONDS_BELOW 100000000000  /* a plain number below is seconds, else milliseconds */
#define WALL_MS_MAX 253402300799999 /* 9999-12-31T23:59:59.999Z */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `digits` of them; moves *at behind. -1: there are not. */
static int number(const char **at, int digits)
{
    int value = 0;

    for (int i = 0; i < digits; i++, (*at)++) {
        if (!is_digit(**at))
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool skip(const char **at, const char *any_of)
{
    if (**at == '\0' || strchr(any_of, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

/* "2026-11-21T10:00:00": true if all of it is in its range and the day exists. */
static bool parse_clock(const char **at, int64_t *out_seconds)
{
    struct tm tm = {0};

    tm.tm_year = number(at, 4) - 1900;
    bool good = skip(at, "-");
    tm.tm_mon = number(at, 2) - 1;
    good = good && skip(at, "-");
    tm.tm_mday = number(at, 2);
    good = good && skip(at, "Tt ");
    tm.tm_hour = number(at, 2);
    good = good && skip(at, ":");
    tm.tm_min = number(at, 2);
    good = good && skip(at, ":");
    tm.tm_sec = number(at, 2);
    if (!good || tm.tm_year < 70 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 ||
        tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0)
        return false;

    int second = tm.tm_sec;
    tm.tm_sec =
        0; /* added below, so that a leap second does not look like a day that is not there */
    struct tm found = tm;
    *out_seconds = timegm(&found) + second;
    return found.tm_mday == tm.tm_mday && found.tm_mon == tm.tm_mon;
}

static bool parse_fraction(const char **at, int64_t *out_ms)
{
    int64_t scale = 100;

    *out_ms = 0;
    if (!skip(at, "."))
        return true;
    if (!is_digit(**at))
        return false;
    for (; is_digit(**at); (*at)++, scale /= 10)
        *out_ms += (**at - '0') * scale;
    return true;
}

static bool parse_zone(const char **at, int64_t *out_seconds)
{
    *out_seconds = 0;
    if (skip(at, "Zz"))
        return true;
    int64_t sign = **at == '-' ? -1 : 1;
    if (!skip(at, "+-"))
        return false;
    int hours = number(at, 2);
    if (hours < 0 || hours > 23 || !skip(at, ":"))
        return false;
    int minutes = number(at, 2);
    *out_seconds = sign * (hours * 3600 + minutes * 60);
    return minutes >= 0 && minutes <= 59;
}

static bool parse_rfc3339(const char *text, int64_t *out_wall_ms)
{
    int64_t seconds = 0, ms = 0, zone = 0;

    if (!parse_clock(&text, &seconds) || !parse_fraction(&text, &ms) || !parse_zone(&text, &zone) ||
        *text != '\0')
        return false;
    int64_t wall_ms = (seconds - zone) * 1000 + ms;
    if (wall_ms < 0)
        return false;
    *out_wall_ms = wall_ms;
    return true;
}

bool when_parse(const char *text, int64_t *out_wall_ms)
{
    uint64_t plain = 0;

    if (!units_parse_u64(slice_of(text), &plain))
        return parse_rfc3339(text, out_wall_ms);
    if (plain > WALL_MS_MAX)
        return false;
    *out_wall_ms = (int64_t)plain * (plain < SECONDS_BELOW ? 1000 : 1);
    return true;
}
