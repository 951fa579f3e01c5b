#include "base/units.h"

#include <stdio.h>

struct unit {
    const char *name;
    uint64_t factor;
};

/* Largest first: rendering takes the first that divides. */
static const struct unit durations[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
static const struct unit sizes[] = {
    {"GiB", 1ull << 30},
    {"MiB", 1ull << 20},
    {"KiB", 1ull << 10},
    {"GB", 1000000000},
    {"MB", 1000000},
    {"kB", 1000},
    {"B", 1},
    {"", 1},
};

enum { FRACTION_DIGITS_MAX = 9 };
static const uint64_t duration_ms_max = 100ull * 365 * 86400000;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits from *at on; false: none, or more than 64 bits hold. */
static bool read_u64(struct slice text, size_t *at, uint64_t *out)
{
    size_t from = *at;
    uint64_t number = 0;

    for (; *at < text.len && is_digit(text.ptr[*at]); (*at)++) {
        uint64_t digit = (uint64_t)(text.ptr[*at] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = number;
    return *at > from;
}

static const struct unit *find_unit(const struct unit *units, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(name, slice_of(units[i].name)))
            return &units[i];
    }
    return NULL;
}

bool units_parse_u64(struct slice text, uint64_t *out)
{
    size_t at = 0;
    uint64_t number;

    if (!read_u64(text, &at, &number) || at != text.len)
        return false;
    *out = number;
    return true;
}

/* ".25" of a unit of `factor` ms: the digits behind the point, scaled. Not a whole number of ms:
 * false, because what rounds to 0 may mean "never". */
static bool read_fraction(struct slice text, size_t *at, uint64_t factor, uint64_t *out)
{
    uint64_t digits = 0, scale = 1;
    size_t from = *at + 1;

    for (*at = from; *at < text.len && is_digit(text.ptr[*at]); (*at)++) {
        if (*at - from == FRACTION_DIGITS_MAX)
            return false;
        digits = digits * 10 + (uint64_t)(text.ptr[*at] - '0');
        scale *= 10;
    }
    *out = digits * factor / scale; /* below 10^9 x 8.64 x 10^7: fits */
    return *at > from && digits * factor % scale == 0;
}

bool units_parse_duration_ms(struct slice text, int64_t *out_ms)
{
    size_t at = 0;
    uint64_t whole = 0, fraction = 0;

    if (slice_equal(text, slice_of("0"))) {
        *out_ms = 0;
        return true;
    }
    if (!read_u64(text, &at, &whole))
        return false;
    size_t unit_at = at;
    while (unit_at < text.len && (text.ptr[unit_at] == '.' || is_digit(text.ptr[unit_at])))
        unit_at++;
    const struct unit *unit = find_unit(durations, sizeof durations / sizeof durations[0],
                                        (struct slice){text.ptr + unit_at, text.len - unit_at});
    if (unit == NULL || whole > duration_ms_max / unit->factor)
        return false;
    if (at < unit_at && !read_fraction(text, &at, unit->factor, &fraction))
        return false;
    if (at != unit_at || whole * unit->factor + fraction > duration_ms_max)
        return false;
    *out_ms = (int64_t)(whole * unit->factor + fraction);
    return true;
}

bool units_parse_bytes(struct slice text, uint64_t *out_bytes)
{
    size_t at = 0;
    uint64_t number;

    if (!read_u64(text, &at, &number))
        return false;
    const struct unit *unit = find_unit(sizes, sizeof sizes / sizeof sizes[0],
                                        (struct slice){text.ptr + at, text.len - at});
    if (unit == NULL || number > UINT64_MAX / unit->factor)
        return false;
    *out_bytes = number * unit->factor;
    return true;
}

const char *units_format_duration(int64_t ms, char out[UNITS_TEXT_MAX])
{
    const struct unit *unit = durations;

    CHECK(ms >= 0);
    while ((uint64_t)ms % unit->factor != 0)
        unit++;
    (void)snprintf(out, UNITS_TEXT_MAX, "%llu%s", (unsigned long long)ms / unit->factor,
                   ms == 0 ? "" : unit->name);
    return out;
}

const char *units_format_bytes(uint64_t bytes, char out[UNITS_TEXT_MAX])
{
    const struct unit *unit = sizes;

    while (unit->factor > 1 && (bytes == 0 || bytes % unit->factor != 0))
        unit++;
    (void)snprintf(out, UNITS_TEXT_MAX, "%llu%s", (unsigned long long)bytes / unit->factor,
                   unit->name);
    return out;
}
