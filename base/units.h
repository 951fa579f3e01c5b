/*
 * units: how people write amounts. Durations: an integer or decimal and ms, s, m, h or d
 * ("250ms", "1.5h", "0"). Sizes: an integer and nothing, B, KiB, MiB, GiB (kB, MB, GB: powers of
 * 1000). Pure. On failure returns false and leaves *out alone.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"

enum { UNITS_TEXT_MAX = 32 }; /* every rendered amount fits, with its terminator */

/* A number without a unit is refused, except 0; so are parts of a millisecond. At most 100 years.
 */
bool units_parse_duration_ms(struct slice text, int64_t *out_ms) MUST_CHECK;
bool units_parse_bytes(struct slice text, uint64_t *out_bytes) MUST_CHECK;
/* Decimal digits only, no sign, no overflow. */
bool units_parse_u64(struct slice text, uint64_t *out) MUST_CHECK;

/* The shortest exact form that parses back to the same amount: 90000 -> "90s", 86400000 -> "1d". */
const char *units_format_duration(int64_t ms, char out[UNITS_TEXT_MAX]);
const char *units_format_bytes(uint64_t bytes, char out[UNITS_TEXT_MAX]);

#endif
