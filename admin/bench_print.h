/*
 * bench_print: what a bench found out, for people and for programs.
 */
#ifndef ADMIN_BENCH_PRINT_H
#define ADMIN_BENCH_PRINT_H

#include "admin/bench.h"

/* What is measured, before the first run. */
void bench_print_head(struct bench *bench);
void bench_print_results(struct bench *bench);

/* One object on a line. */
void bench_print_json(const struct bench *bench);

/* What makes the figures worth less, in words, or NULL: begin with 0, ask until it is NULL. */
enum { BENCH_WARNING_MAX = 256 };
const char *bench_warning(const struct bench *bench, size_t i, char out[BENCH_WARNING_MAX]);

#endif
