/*
 * limits: what the kernel holds the programs of a handler to, as whom and where they run, and what
 * of the worker's environment they inherit. Looked up once, when the handler is opened, so that
 * what cannot be is said then, and so that between fork and exec there is nothing left to do but
 * system calls.
 */
#ifndef HANDLER_LIMITS_H
#define HANDLER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "handler/handler.h"

struct limits {
    const struct limits_conf *conf; /* the handler's */
    bool other_user;
    uid_t uid; /* the next three: if other_user */
    gid_t gid, *groups;
    int group_count;
    /* "NAME=value" of the worker, as the allow-list has it, without what navvy says of each job
     * (exec_env.h); another user's HOME, USER and LOGNAME. Ends with NULL. */
    char **env;
    size_t env_count;
};

/* NULL: `error` names the option that cannot be, and why. With no limit set there is still `env`.
 * `conf` stays until limits_free(). May ask the user database: not on a pool thread. */
struct limits *limits_new(const struct limits_conf *conf, char error[HANDLER_ERROR_MAX]) MUST_CHECK;
/* Would limits_new() find a fault? */
bool limits_check(const struct limits_conf *conf, char error[HANDLER_ERROR_MAX]) MUST_CHECK;
void limits_free(struct limits *limits);

/* In a child that is about to exec: system calls alone. 0, or an errno, and `*what` is which of
 * them could not be had, in static words. */
int limits_apply(const struct limits *limits, const char **what) MUST_CHECK;

#endif
