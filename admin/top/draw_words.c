/* Numbers, rates and ages in few columns. */
#include <inttypes.h>
#include <stdio.h>

#include "admin/top/draw.h"

const char *draw_number(int64_t number, char out[DRAW_NUMBER_MAX])
{
    static const struct {
        int64_t from;
        double unit;
        const char *sign;
    } rows[] = {{1000000000000, 1e12, "T"}, {1000000000, 1e9, "G"}, {1000000, 1e6, "M"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (number >= rows[i].from) {
            snprintf(out, DRAW_NUMBER_MAX, "%.2f%s", (double)number / rows[i].unit, rows[i].sign);
            return out;
        }
    snprintf(out, DRAW_NUMBER_MAX, "%" PRId64, number);
    return out;
}

const char *draw_rate(int64_t tenths, char out[DRAW_NUMBER_MAX])
{
    if (tenths < 0)
        snprintf(out, DRAW_NUMBER_MAX, "-");
    else if (tenths == 0)
        snprintf(out, DRAW_NUMBER_MAX, "0");
    else if (tenths < 1000)
        snprintf(out, DRAW_NUMBER_MAX, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
    else
        (void)draw_number(tenths / 10, out);
    return out;
}

const char *draw_age(int64_t ms, char out[DRAW_NUMBER_MAX])
{
    int64_t s = ms / 1000;

    if (ms < 0)
        snprintf(out, DRAW_NUMBER_MAX, "-");
    else if (s < 10)
        snprintf(out, DRAW_NUMBER_MAX, "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
    else if (s < 120)
        snprintf(out, DRAW_NUMBER_MAX, "%" PRId64 "s", s);
    else if (s < 7200)
        snprintf(out, DRAW_NUMBER_MAX, "%" PRId64 "m", s / 60);
    else if (s < 172800)
        snprintf(out, DRAW_NUMBER_MAX, "%" PRId64 "h", s / 3600);
    else
        snprintf(out, DRAW_NUMBER_MAX, "%" PRId64 "d", s / 86400);
    return out;
}
