/*
 * expand: ${NAME} in a value becomes the environment's value of NAME; $${ stands for ${. What comes
 * out is bounded, however often a large variable is named.
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/option.h"

enum { EXPAND_BYTES_MAX = 64 * 1024 };

/* Appends the expanded text. False: `error` names what is not set, not closed, or too much. */
bool expand_environment(const char *text, struct buf *out, char error[OPTION_ERROR_MAX]) MUST_CHECK;

#endif
