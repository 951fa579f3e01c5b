/*
 * limits_env: what a handler's programs inherit of the worker's environment.
 */
#ifndef HANDLER_LIMITS_ENV_H
#define HANDLER_LIMITS_ENV_H

#include "handler/limits_user.h"

bool limits_make_env(struct limits *limits, const struct limits_home *home,
                     char error[HANDLER_ERROR_MAX]) MUST_CHECK;

#endif
