/*
 * utf8: which bytes are a character (RFC 3629): no form longer than need be, no surrogate, nothing
 * over U+10FFFF. Pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* How many bytes the character at `at` has, 1 to 4, and its code point; 0: none begins there.
 * `left`: bytes that may be looked at, 1 or more. */
size_t utf8_decode(const unsigned char *at, size_t left, uint32_t *point) MUST_CHECK;

#endif
