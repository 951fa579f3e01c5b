/*
 * holders: who holds jobs of a queue: the workers with a lease, and those that are being recovered,
 * sorted by name; how many each holds, and under which tags.
 */
#ifndef ADMIN_VIEW_HOLDERS_H
#define ADMIN_VIEW_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/session.h"
#include "base/check.h"
#include "job/claim_id.h"

struct holder {
    char worker[WORKER_ID_MAX];
    int64_t held;
    int64_t lease_wall_ms; /* its end */
    bool dead;             /* its jobs are being given back */
};

struct holders {
    struct holder *one;
    size_t count;
    int64_t held; /* by all */
};

/* False: printed why, nothing to free. */
bool holders_read(struct session *session, struct holders *out) MUST_CHECK;
void holders_free(struct holders *holders);

/* NULL: it is not among them. */
const struct holder *holders_find(const struct holders *holders, const char *worker);

/* Its tags, sorted, malloc'd, yours. False: printed why. */
bool holder_tags(struct session *session, const char *worker, uint64_t **tags,
                 size_t *count) MUST_CHECK;

#endif
