/*
 * keyscan: the keys whose names match, by SCAN, so that Redis is never held long. Costs a look at
 * every key of the database, and ends after KEYSCAN_CALLS_MAX calls. A key that is there all the
 * time is found; SCAN may name one twice.
 */
#ifndef ADMIN_KEYSCAN_H
#define ADMIN_KEYSCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/slice.h"
#include "redis/client.h"

enum {
    KEYSCAN_COUNT = 500,        /* keys looked at in one call: some tenths of a ms */
    KEYSCAN_CALLS_MAX = 100000, /* 50 million keys */
};

enum keyscan_end { KEYSCAN_DONE = 1, KEYSCAN_CUT, KEYSCAN_FAILED };

/* `each` returns false to give up: KEYSCAN_FAILED. FAILED for other reasons: printed why. */
typedef bool keyscan_each(struct slice key, void *arg);
enum keyscan_end keyscan(struct client *client, struct slice pattern, keyscan_each *each,
                         void *arg) MUST_CHECK;

/* Appends `text` so that it matches itself and nothing else. */
void keyscan_escape(struct buf *pattern, struct slice text);

#endif
