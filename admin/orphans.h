/*
 * orphans: held jobs of a worker that is neither in `workers` nor in `dead`. There should be none;
 * where the books do not balance, they are the first thing to look for.
 */
#ifndef ADMIN_ORPHANS_H
#define ADMIN_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/snapshot.h"

struct orphans {
    int64_t workers; /* whose held jobs nobody will recover */
    int64_t jobs;
    bool cut; /* the search ended at its bound */
};

/* Looks at the names of all keys of the database. False: printed why. */
bool orphans_find(struct client *client, const struct queue_keys *keys,
                  const struct snapshot *snapshot, struct orphans *out) MUST_CHECK;

#endif
