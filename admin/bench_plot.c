#include "admin/bench_plot.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS_MIN = 40, BAR_MAX = 200, LABEL_COLUMNS = 24 };

/* 1, 2, 5, 10 us ... about an hour. */
static uint64_t step_ns(size_t step)
{
    static const uint64_t digits[] = {1, 2, 5};
    uint64_t ns = digits[step % 3] * 1000;

    for (size_t i = 0; i < step / 3; i++)
        ns *= 10;
    return ns;
}

const char *bench_time(uint64_t ns, char out[BENCH_TIME_MAX])
{
    static const struct {
        double ns;
        const char *unit;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    size_t i = ns >= 999500000 ? 0 : ns >= 999500 ? 1 : 2;
    double amount = (double)ns / units[i].ns;

    (void)snprintf(out, BENCH_TIME_MAX, "%.*f %s",
                   amount < 9.995   ? 2
                   : amount < 99.95 ? 1
                                    : 0,
                   amount, units[i].unit);
    return out;
}

static const char *label(uint64_t ns, char out[BENCH_TIME_MAX])
{
    const char *unit = ns >= 1000000000 ? "s" : ns >= 1000000 ? "ms" : "us";
    uint64_t divisor = ns >= 1000000000 ? 1000000000 : ns >= 1000000 ? 1000000 : 1000;

    (void)snprintf(out, BENCH_TIME_MAX, "%llu %s", (unsigned long long)(ns / divisor), unit);
    return out;
}

/* What is not nothing has a mark. */
static void append_row(struct buf *out, uint64_t end_ns, uint64_t here, uint64_t most,
                       uint64_t samples, int columns)
{
    char bar[BAR_MAX + 1] = "", text[BENCH_TIME_MAX];
    int room = columns - LABEL_COLUMNS < BAR_MAX ? columns - LABEL_COLUMNS : BAR_MAX;
    int marks = (int)((double)here / (double)most * (double)room);

    memset(bar, '#', (size_t)(here > 0 && marks == 0 ? 1 : marks));
    buf_printf(out, "  <= %6s %7.3f %% |%s\n", label(end_ns, text),
               (double)here / (double)samples * 100, bar);
}

static uint64_t in_step(const struct histogram *ns, size_t step)
{
    uint64_t before = step > 0 ? histogram_up_to(ns, step_ns(step - 1)) : 0;

    return histogram_up_to(ns, step_ns(step)) - before;
}

void bench_plot(const struct histogram *ns, int columns, struct buf *out)
{
    uint64_t samples = histogram_samples(ns), seen = 0, most = 0;
    size_t first = 0, last = 0;

    if (samples == 0)
        return;
    for (size_t step = 0; seen < samples; step++) {
        uint64_t here = in_step(ns, step);
        if (seen == 0)
            first = step;
        last = step;
        seen += here;
        most = here > most ? here : most;
    }
    for (size_t step = first; step <= last; step++)
        append_row(out, step_ns(step), in_step(ns, step), most, samples,
                   columns > COLUMNS_MIN ? columns : COLUMNS_MIN);
}
