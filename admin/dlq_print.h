/*
 * dlq_print: dead jobs as lines for people. Goes to a stream, so that a preview can go to stderr.
 */
#ifndef ADMIN_DLQ_PRINT_H
#define ADMIN_DLQ_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "admin/dead_job.h"

enum { DLQ_AGE_MAX = 24, DLQ_TIME_MAX = 32 };

void dlq_print_head(FILE *out);
void dlq_print_row(FILE *out, const struct dead_job *job, int64_t now_wall_ms);

/* The largest whole unit: "59s", "3m", "47h", "9d"; "-" for less than 0. */
const char *dlq_age_format(int64_t age_ms, char out[DLQ_AGE_MAX]);

/* 2026-11-21T10:00:00Z; "-" for 0. */
const char *dlq_time_format(int64_t wall_ms, char out[DLQ_TIME_MAX]);

#endif
