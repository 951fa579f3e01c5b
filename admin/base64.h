/*
 * base64: RFC 4648, with padding, for bytes that JSON text cannot carry. Pure.
 * The decoder takes what the encoder writes and nothing else: no spaces, no missing padding.
 */
#ifndef ADMIN_BASE64_H
#define ADMIN_BASE64_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/slice.h"

void base64_encode(struct buf *out, struct slice bytes);

/* False: not base64; `out` may have got some bytes. */
bool base64_decode(struct buf *out, struct slice text) MUST_CHECK;

#endif
