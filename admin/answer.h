/*
 * answer: is a reply what a verb hoped for? If not, says why on stderr and frees it, so that a verb
 * goes on or gives up in one line.
 */
#ifndef ADMIN_ANSWER_H
#define ADMIN_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "redis/client.h"

/* True: an answer, the caller's. False: NULL or an error reply; printed and freed. */
bool answer_ok(struct client *client, struct reply *reply) MUST_CHECK;

/* The integer of an answer, freed; -1 if it was none: printed. */
int64_t answer_int(struct client *client, struct reply *reply) MUST_CHECK;

/* Redis TIME in ms since 1970; -1: printed why not. */
int64_t answer_now_ms(struct client *client) MUST_CHECK;

#endif
