/*
 * resp: how long is the message at the front of a stream, and which command is it? RESP2, for the
 * proxy of tests. Pure.
 */
#ifndef SUPPORT_RESP_H
#define SUPPORT_RESP_H

#include <stddef.h>

#include "base/slice.h"

/* The length of the first whole message (a command or a reply); 0: more bytes are wanted. */
size_t resp_len(struct slice stream);

/* The i-th word of a whole command; ptr NULL: it has fewer. */
struct slice resp_word(struct slice command, size_t i);

/* "BLMOVE", or the name of navvy's script for EVALSHA and EVAL; "EVAL" and the like for others'. */
struct slice resp_call(struct slice command);

#endif
