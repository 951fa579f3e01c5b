/*
 * dead_groups: the dead jobs of a queue by why they died: one group for each reason and error
 * signature. Bounded: what comes when all groups are taken counts as `other`. Pure.
 */
#ifndef ADMIN_VIEW_DEAD_GROUPS_H
#define ADMIN_VIEW_DEAD_GROUPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/dead_job.h"
#include "admin/view/signature.h"
#include "base/check.h"
#include "job/claim_id.h"

enum {
    DEAD_GROUPS_MAX = 200,
    DEAD_GROUP_TYPES_MAX = 8,
    DEAD_GROUP_WORD_MAX = 64,   /* bytes of a type or a reason that are kept, with terminator */
    DEAD_GROUP_ERROR_MAX = 512, /* bytes of the example's error */
};

struct dead_group {
    uint64_t hash; /* of reason and signature */
    char reason[DEAD_GROUP_WORD_MAX];
    char signature[SIGNATURE_MAX + 1];
    uint64_t count;
    int64_t first_wall_ms, last_wall_ms; /* failed; 0: no job of it says when */
    char example_id[CLAIM_ID_MAX];       /* of the one that was added first */
    size_t example_len;
    char example_error[DEAD_GROUP_ERROR_MAX];
    size_t type_count;
    bool more_types;
    char type[DEAD_GROUP_TYPES_MAX][DEAD_GROUP_WORD_MAX];
};

struct dead_groups {
    uint64_t total;
    size_t count;
    struct dead_group group[DEAD_GROUPS_MAX];
    struct dead_group other; /* count and times */
};

/* Yours: free(). NULL: no memory. */
struct dead_groups *dead_groups_new(void) MUST_CHECK;

void dead_groups_add(struct dead_groups *groups, const struct dead_job *job);

/* The largest first; among equals the one that failed last. */
void dead_groups_sort(struct dead_groups *groups);

/* {"total", "groups": [...], "other": {...} if there are any}; yours. NULL: no memory. */
json_t *dead_groups_json(const struct dead_groups *groups) MUST_CHECK;

#endif
