/*
 * worker_table: the workers of several queues, one row each. Pure.
 */
#ifndef ADMIN_WORKER_TABLE_H
#define ADMIN_WORKER_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/snapshot.h"
#include "base/buf.h"
#include "base/check.h"

enum { WORKER_VERSION_MAX = 32 };

/* The worst of its queues counts. */
enum worker_state { WORKER_ALIVE = 1, WORKER_EXPIRED, WORKER_DEAD };

struct worker_row {
    char id[WORKER_ID_MAX];
    struct slice host; /* into id */
    long long pid;     /* 0: the id does not say */
    enum worker_state state;
    int64_t lease_ms; /* until the first of its leases ends; less than 0: over; dead: 0 */
    int64_t held;
    struct buf queues; /* names, each with a terminator */

    /* What it says of itself; known: it does. */
    bool known, quiet;
    char version[WORKER_VERSION_MAX];
    int64_t started_wall_ms;
    int64_t pool_running, pool_capacity;
    int64_t obeyed, ordered; /* queues in which it has done what was ordered; all its queues */
    json_t *running;         /* what it runs, with `queue`; NULL: nothing */
};

struct worker_table {
    struct worker_row **row;
    size_t count;
};

/* Adds what `snapshot` says of the workers of `queue`. False: no memory. */
bool worker_table_add(struct worker_table *table, const char *queue,
                      const struct snapshot *snapshot, int64_t now_wall_ms) MUST_CHECK;
/* What the worker `id` says of itself in `queue`, whose orders are at `version`. One that is not in
 * the table is left alone. False: no memory. */
bool worker_table_tell(struct worker_table *table, const char *queue, struct slice id,
                       const json_t *status, int64_t version) MUST_CHECK;
void worker_table_free(struct worker_table *table);

/* "alive", "expired": its lease is over, "recovering": its jobs are being given back. */
const char *worker_state_name(enum worker_state state);

#endif
