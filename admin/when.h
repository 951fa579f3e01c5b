/*
 * when: a moment as people and programs write it. Pure.
 *
 *   2026-11-21T10:00:00Z   2026-11-21T11:00:00.250+01:00   (RFC 3339; a blank for the T is fine)
 *   1795255200             seconds since 1970
 *   1795255200250          from 100000000000 on: milliseconds (that many seconds are the year 5138)
 */
#ifndef ADMIN_WHEN_H
#define ADMIN_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

/* Milliseconds since 1970, UTC. False: it is none of these; *out is left alone. */
bool when_parse(const char *text, int64_t *out_wall_ms) MUST_CHECK;

#endif
