/*
 * refusal: an error reply of Redis in words: what it said, what it means, what to do.
 */
#ifndef ADMIN_REFUSAL_H
#define ADMIN_REFUSAL_H

#include "redis/reply.h"

/* Half a sentence, "the memory of Redis is full: raise maxmemory, or ..."; never NULL. */
const char *refusal_advice(enum error_class class_);

/* "navvy: " + what + ": " + Redis's words + advice, to stderr. An error reply, or NULL. */
void refusal_print(const char *what, const struct reply *reply);

#endif
