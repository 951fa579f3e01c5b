/*
 * greeting: what is said first on every connection, by link and by client, and what the answers
 * mean. AUTH, SELECT, CLIENT SETNAME (whose refusal is no harm), and a PING, which tells whether
 * the server is loading and whether it lets us in at all. Pure.
 */
#ifndef REDIS_GREETING_H
#define REDIS_GREETING_H

#include <stddef.h>

#include "config/endpoint.h"
#include "redis/reply.h"

enum greeting_step { GREETING_AUTH, GREETING_SELECT, GREETING_NAME, GREETING_PING, GREETING_COUNT };
enum greeting_verdict { GREETING_FAILED, GREETING_DENIED, GREETING_PASSED };

enum { GREETING_ARGUMENTS_MAX = 3, GREETING_DIGITS_MAX = 12 };

struct greeting_command {
    size_t argc; /* 0: this step is not needed */
    struct slice argv[GREETING_ARGUMENTS_MAX];
    char digits[GREETING_DIGITS_MAX];
};

/* Borrows from all its arguments. */
void greeting_command(struct greeting_command *out, enum greeting_step step,
                      const struct endpoint *endpoint, const char *name);

enum greeting_verdict greeting_judge(enum greeting_step step, const struct reply *reply);

#endif
