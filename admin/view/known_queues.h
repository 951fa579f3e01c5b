/*
 * known_queues: names of queues for those who ask often: the configured ones, and those that Redis
 * knows of. The latter are found by SCAN, a look at every key of the database, of which there may
 * be a million (fingerprints); so each asker does a little of it, and what was found stays until a
 * whole round, one in KNOWN_ROUND_MS, has not found it again. One per process, for any thread.
 */
#ifndef ADMIN_VIEW_KNOWN_QUEUES_H
#define ADMIN_VIEW_KNOWN_QUEUES_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/queue_list.h"
#include "base/check.h"

enum {
    KNOWN_STEP_MS = 5,      /* of a round, for each asker */
    KNOWN_ROUND_MS = 30000, /* from the end of one to the beginning of the next */
};

/* False: printed why, nothing to free. */
bool known_queues_read(const struct config *config, struct client *client,
                       struct queue_list *out) MUST_CHECK;

#endif
