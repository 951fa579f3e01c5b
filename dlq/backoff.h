/*
 * backoff: how long until the next attempt. Pure: the random number comes in.
 *
 * After the n-th failure (n = 1 first): exponential base x factor^(n-1), fixed base, or the n-th of
 * a list (its last repeats); never over cap (a list has no cap). Jitter: none; p percent: uniform
 * in [d - d*p/100, d + d*p/100], still at most cap; full: uniform in [0, d] (AWS "Exponential
 * Backoff And Jitter", 2015). A delay that a handler asked for gets the percentage upwards only:
 * never sooner.
 */
#ifndef DLQ_BACKOFF_H
#define DLQ_BACKOFF_H

#include <stdint.h>

#include "config/config.h"

/* What a handler may ask for, a year; more is taken for that. */
#define BACKOFF_ASKED_MS_MAX (365 * INT64_C(86400000))

/* `attempt`: failures so far with this one, >= 1. Result in ms, 0 or more. */
int64_t backoff_delay_ms(const struct retry_conf *policy, uint32_t attempt, uint64_t random);
int64_t backoff_asked_ms(const struct retry_conf *policy, int64_t asked_ms, uint64_t random);

#endif
