/*
 * worker_table: the workers of several queues, one row each. Pure.
 */
#ifndef ADMIN_WORKER_TABLE_H
#define ADMIN_WORKER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/snapshot.h"
#include "base/buf.h"
#include "base/check.h"

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
};

struct worker_table {
    struct worker_row **row;
    size_t count;
};

/* Adds what `snapshot` says of the workers of `queue`. False: no memory. */
bool worker_table_add(struct worker_table *table, const char *queue,
                      const struct snapshot *snapshot, int64_t now_wall_ms) MUST_CHECK;
void worker_table_free(struct worker_table *table);

/* "alive", "expired": its lease is over, "recovering": its jobs are being given back. */
const char *worker_state_name(enum worker_state state);

#endif
