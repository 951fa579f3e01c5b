/*
 * bench_plot: a histogram of times as bars of text: a row for each step of 1, 2, 5, 10 ... that
 * has samples, or lies between some. Pure.
 */
#ifndef ADMIN_BENCH_PLOT_H
#define ADMIN_BENCH_PLOT_H

#include "base/buf.h"
#include "base/histogram.h"

enum { BENCH_TIME_MAX = 32 };

/* Appends lines of at most `columns` (40 or more), nothing if there are no samples. */
void bench_plot(const struct histogram *ns, int columns, struct buf *out);

/* Three digits and a unit: "87.4 us", "1.23 ms", "12.0 s". */
const char *bench_time(uint64_t ns, char out[BENCH_TIME_MAX]);

#endif
