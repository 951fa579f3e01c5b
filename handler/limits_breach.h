/*
 * limits_breach: which limit a program ended of, in words for its error. CPU time is certain: the
 * kernel ends it by a signal of its own. That it had too little address space is a guess, because a
 * program notices by itself and may say what it likes: so only that there was a limit is said.
 * Pure.
 */
#ifndef HANDLER_LIMITS_BREACH_H
#define HANDLER_LIMITS_BREACH_H

#include <sys/resource.h>

#include "base/slice.h"
#include "config/handler_conf.h"

enum { BREACH_TEXT_MAX = 96 };

struct breach {
    char what[BREACH_TEXT_MAX]; /* instead of how it ended; "": no limit was it */
    char note[BREACH_TEXT_MAX]; /* for the end of its error; "": nothing to say */
};

/* Of a program that failed: its status as of waitpid(), and the last that it wrote to stderr. */
struct breach limits_breach(const struct limits_conf *conf, int status, const struct rusage *usage,
                            struct slice errors);

#endif
