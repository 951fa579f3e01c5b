/*
 * limits_user: the user that programs run as. Root alone can become another one.
 */
#ifndef HANDLER_LIMITS_USER_H
#define HANDLER_LIMITS_USER_H

#include "handler/limits.h"

/* The user's own place; `folder` is malloc'd. */
struct limits_home {
    const char *user; /* NULL: the worker's own user stays */
    char *folder;
};

/* False: there is no such user, or no way to become it. */
bool limits_find_user(struct limits *limits, struct limits_home *home,
                      char error[HANDLER_ERROR_MAX]) MUST_CHECK;

/* In the child. errno says why not. */
bool limits_become_user(const struct limits *limits) MUST_CHECK;

#endif
