/*
 * bench_server: what Redis says of itself by INFO.
 */
#ifndef ADMIN_BENCH_SERVER_H
#define ADMIN_BENCH_SERVER_H

#include "admin/bench.h"

/* Version, persistence, and what others ask of it; takes a quarter of a second. */
bool bench_server_read(struct bench *bench) MUST_CHECK;

/* CPU time of its main thread so far, in us; -1: no answer. */
int64_t bench_server_cpu_us(struct bench *bench) MUST_CHECK;

#endif
