/*
 * walk: what a look at the names of all keys left behind.
 */
#ifndef ADMIN_DOCTOR_WALK_H
#define ADMIN_DOCTOR_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job/claim_id.h"
#include "job/queue_name.h"
#include "redis/keys.h"

enum {
    WALK_HELD_MAX = 10000,
    WALK_SAMPLE_MAX = 1000,
    WALK_COLONS_MAX = 3, /* fpw:<length>:<n> after the colon of the prefix */
};

struct walk_held {
    char queue[QUEUE_NAME_MAX + 1];
    char worker[WORKER_ID_MAX];
};

struct walk_sample {
    int64_t found;
    size_t count;
    char key[WALK_SAMPLE_MAX][KEY_MAX];
};

struct walk {
    int64_t keys_seen;
    struct walk_held *held;
    size_t held_count;
    struct walk_sample fingerprints, windows;
};

/* Is this what one of navvy's keys ends with: `dlq`, `held:W`, `fp:<hex>`? */
bool walk_is_ours(struct slice rest);

/* Whose key it is, and what it ends with; false: of no queue. Both point into it. */
bool walk_split(struct slice key, struct slice *queue, struct slice *rest) MUST_CHECK;

#endif
