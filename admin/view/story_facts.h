/*
 * story_facts: all that bears on one job, as it was read; what the sentences are made of.
 */
#ifndef ADMIN_VIEW_STORY_FACTS_H
#define ADMIN_VIEW_STORY_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/result.h"
#include "admin/view/fleet.h"
#include "admin/view/story.h"
#include "job/record.h"

struct story_run {
    bool known;            /* the worker says what it runs */
    bool runs;             /* and this job is among it */
    int64_t since_wall_ms; /* 0: it does not say */
};

struct story_fingerprint {
    bool known;                /* false: none, or its payload is too large to tell */
    char key[KEY_MAX];         /* where it stands, or would */
    char holder[CLAIM_ID_MAX]; /* empty: nobody */
    int64_t ttl_ms;            /* -1: for ever */
};

struct story {
    const char *queue;
    struct slice id;                 /* as it was asked for */
    const struct fleet_queue *facts; /* of its queue; conf may be NULL */
    const struct fleet_worker *workers;
    size_t worker_count;
    int64_t now_wall_ms;

    bool found;
    struct story_place place;
    enum record_fault fault;
    struct record record;              /* into place.bytes and scratch */
    struct slice claim;                /* its claim id; len 0: it was never taken */
    int64_t ahead;                     /* waiting: so many are before it */
    const struct fleet_worker *holder; /* held: by whom; NULL: it has gone meanwhile */
    struct story_run run;
    int64_t cancelled_wall_ms; /* an operator ordered its end; 0: nobody did */
    struct story_fingerprint fingerprint;
    struct result result; /* state RESULT_UNKNOWN: none, or of another job with this id */
    int64_t next_tag;     /* not found, id W:tag: the first tag that W has not used; 0: no W */

    char made[CLAIM_ID_MAX];
    char scratch[RECORD_HEADER_MAX];
};

/* After the search: what else is to be known of it. False: printed why. */
bool story_facts_read(struct session *session, const struct fleet *fleet,
                      struct story *story) MUST_CHECK;
void story_facts_free(struct story *story);

/* "waiting", "held", ..., "unknown". */
const char *story_state(const struct story *story);

/* How often it may fail, by its header or its queue; 0: not known here. */
uint32_t story_attempts_max(const struct story *story);

#endif
