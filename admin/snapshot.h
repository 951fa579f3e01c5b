/*
 * snapshot: every size and counter of a queue at one instant, by the audit script. The script must
 * be told the workers whose held jobs it shall count; if one came meanwhile it says so, and we ask
 * again.
 *
 * The books: every job that was ever taken is somewhere, or was ended and counted:
 *   taken = held + ready + retry + dlq + done + duplicate + purged + expired
 */
#ifndef ADMIN_SNAPSHOT_H
#define ADMIN_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "job/claim_id.h"
#include "redis/client.h"
#include "redis/keys.h"

/* Counters of the meta hash that a snapshot carries. */
#define SNAPSHOT_COUNTERS(X)                                                                       \
    X(taken)                                                                                       \
    X(done)                                                                                        \
    X(duplicate)                                                                                   \
    X(dead)                                                                                        \
    X(retried)                                                                                     \
    X(released)                                                                                    \
    X(recovered)                                                                                   \
    X(expired)                                                                                     \
    X(purged)

struct snapshot_worker {
    char id[WORKER_ID_MAX];
    int64_t lease_wall_ms; /* its end, by Redis TIME; of the dead: when they were found */
    int64_t held;
    bool dead; /* its jobs are being recovered */
};

struct snapshot {
    int64_t queue, stage, ready; /* lists: together they are what waits */
    int64_t held, retry, scheduled, dlq;
    int64_t alive; /* workers with a place in `workers`, their lease may be over */
#define SNAPSHOT_FIELD(name) int64_t name;
    SNAPSHOT_COUNTERS(SNAPSHOT_FIELD)
#undef SNAPSHOT_FIELD
    bool paused;
    struct snapshot_worker *workers;
    size_t worker_count;
};

/* False: printed why, and there is nothing to free. */
bool snapshot_read(struct client *client, const struct queue_keys *keys,
                   struct snapshot *out) MUST_CHECK;
void snapshot_free(struct snapshot *snapshot);

int64_t snapshot_waiting(const struct snapshot *snapshot);

/* taken minus where the taken ones are: 0 if the books balance, more if jobs are missing. */
int64_t snapshot_missing(const struct snapshot *snapshot);

/* Nothing waits, nothing was ever counted: there is no such queue. */
bool snapshot_is_empty(const struct snapshot *snapshot);

/* Is it in `workers` or `dead`? */
bool snapshot_knows(const struct snapshot *snapshot, struct slice worker);

#endif
