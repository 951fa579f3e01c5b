/*
 * percent: decodes %41 (RFC 3986, 2.1) into text of known size. Pure.
 */
#ifndef ADMIN_HTTP_PERCENT_H
#define ADMIN_HTTP_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/slice.h"

/* `plus`: a + is a space, as forms write it. Terminated. False: a broken escape, a NUL, or too
 * long for `room`; then `out` may hold a part of it. */
bool percent_decode(struct slice text, bool plus, char *out, size_t room) MUST_CHECK;

#endif
