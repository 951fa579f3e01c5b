/*
 * reply: what Redis answered, read through these functions alone. Each is total: a reply of another
 * kind, or NULL, reads as 0, an absent slice, or NULL, so a surprise is never undefined behaviour.
 * Borrowed: valid only during the callback, or until client_reply_free().
 */
#ifndef REDIS_REPLY_H
#define REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "redis/error.h"

struct reply;

enum reply_kind { REPLY_NONE, REPLY_NIL, REPLY_INT, REPLY_TEXT, REPLY_ARRAY, REPLY_ERROR };

enum reply_kind reply_kind(const struct reply *reply); /* NULL: REPLY_NONE, the answer is unknown */
int64_t reply_int(const struct reply *reply);          /* integers, and text that is one */
struct slice reply_text(const struct reply *reply);    /* bulk and status */
size_t reply_count(const struct reply *reply);         /* elements of an array */
const struct reply *reply_at(const struct reply *reply, size_t i); /* NULL if there is none */

/* The class of an error reply; ERROR_NONE for an answer; ERROR_UNANSWERED for NULL. */
enum error_class reply_error(const struct reply *reply);
/* The error's words; never NULL; "no answer" for NULL, "" for an answer. */
struct slice reply_error_text(const struct reply *reply);

#endif
