/*
 * expand: ${NAME} in a value becomes the environment's value of NAME; $${ stands for ${.
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "config/option.h"

/* Appends the expanded text. False: `error` names what is not set or not closed. */
bool expand_environment(const char *text, struct buf *out, char error[OPTION_ERROR_MAX]) MUST_CHECK;

#endif
