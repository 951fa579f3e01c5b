/*
 * signature: what an error message says once everything that differs from job to job is taken out
 * of it, so that a thousand failures of one cause are one line. Pure.
 *
 *   connect to 10.0.0.7:5432 refused after 30s     connect to <ip> refused after <n>s
 *   user 4711 not found in "eu-west"               user <n> not found in <str>
 *   GET /users/9f86d081/orders/17: HTTP 503        GET /users/<hex>/orders/<n>: HTTP 503
 *
 * Placeholders: <n> numbers, <hex> hexadecimal ids, <uuid>, <id> other long words with many digits,
 * <ptr> 0x..., <ip> with its port, <email>, <time>, <str> quoted text. What tells causes apart
 * stays: a number of up to four digits right behind one of the words status, code, http, errno,
 * signal, exit, error; and quoted text before a colon, which is a name in JSON. White space and
 * control bytes become one blank, what is not UTF-8 becomes '?'.
 */
#ifndef ADMIN_VIEW_SIGNATURE_H
#define ADMIN_VIEW_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/slice.h"

enum { SIGNATURE_MAX = 160 }; /* bytes, without terminator; a longer one ends with "..." */

/* Any bytes, also none. Printable UTF-8, terminated; returns its length. */
size_t signature_of(struct slice error, char out[SIGNATURE_MAX + 1]);

/* Is `wanted` the signature of this error, or an error with the same signature? */
bool signature_is(struct slice error, struct slice wanted) MUST_CHECK;

#endif
