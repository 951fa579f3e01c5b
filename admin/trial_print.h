/*
 * trial_print: how runs of a trial went, for people and as JSON.
 */
#ifndef ADMIN_TRIAL_PRINT_H
#define ADMIN_TRIAL_PRINT_H

#include <jansson.h>

#include "admin/trial.h"

/* A line each: outcome, error, result, took, next. */
void trial_print(const struct trial_run *run);

/* One line: what this run was, its outcome and time. */
void trial_print_row(const char *what, const struct trial_run *run);

/* An object, yours: outcome, error, result (or result_base64), took_ms, next, reason, delay_ms. */
json_t *trial_json(const struct trial_run *run);

#endif
