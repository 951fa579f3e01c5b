/*
 * browse: some jobs of one list, sorted set or hash, by the script of that name: each with its
 * header and the beginning of its payload, so that a call is bounded in time and bytes, however
 * long the list and however large its elements.
 */
#ifndef ADMIN_VIEW_BROWSE_H
#define ADMIN_VIEW_BROWSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"
#include "redis/client.h"

enum {
    BROWSE_ITEMS_MAX = 500,         /* looked at in one call: half a ms of Redis */
    BROWSE_READ_BYTES = 512 * 1024, /* after that a call reads no more */
};

enum browse_kind { BROWSE_LIST = 1, BROWSE_ZSET, BROWSE_HASH };

struct browse {
    enum browse_kind kind;
    struct slice key;
    int64_t first;              /* index, or rank; less than 0: from a list's right end leftwards */
    size_t count;               /* to look at, BROWSE_ITEMS_MAX at most; 0: only the size */
    size_t payload_max;         /* bytes of a payload to show */
    struct slice needle;        /* must be in the header; len 0: all are wanted */
    const struct slice *fields; /* BROWSE_HASH: `count` of them */
};

/* What is said of all of them. */
struct browse_sum {
    int64_t now_wall_ms; /* by the clock of Redis */
    int64_t size;        /* of the key */
    int64_t looked;      /* at so many; fewer than were asked for at the end, or for their bytes */
    size_t count;        /* items in the answer */
};

struct browse_item {
    struct slice field; /* BROWSE_HASH */
    int64_t place;      /* index or rank */
    struct slice score; /* BROWSE_ZSET, as Redis writes it */
    int64_t len;        /* of the whole element */
    struct slice bytes; /* its beginning */
};

/* The answer, yours: client_reply_free(). NULL: printed why. */
struct reply *browse_call(struct client *client, const struct browse *browse,
                          struct browse_sum *sum) MUST_CHECK;
struct browse_item browse_at(const struct reply *reply, size_t i);

#endif
