/*
 * plan: what a bulk task shall do, as a person says it on the command line or in JSON, and as it is
 * kept in Redis for whoever goes on with it. Pure.
 *
 *   {"action":"retry", "select":{"reason":"retries","signature":"HTTP 503","older_ms":3600000},
 *    "limit":1000, "rate":"50/s", "canary":{"jobs":10,"stop_if_fail_percent":20,"wait_ms":600000}}
 *
 * `select` must be there; {} means all dead jobs. Text that is not UTF-8 is <name>_base64. Whatever
 * is not understood is refused: a condition that is not heeded would be a catastrophe.
 */
#ifndef ADMIN_TASK_PLAN_H
#define ADMIN_TASK_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/dlq_batch.h"
#include "admin/dlq_select.h"
#include "base/check.h"

enum {
    PLAN_FAULT_MAX = 200,
    PLAN_IDS_MAX = 1000,
    PLAN_TEXT_MAX = 4096, /* bytes of each text of select */
    PLAN_CANARY_MAX = 1000,
    PLAN_CANARY_WAIT_MS = 10 * 60 * 1000,
    PLAN_RATE_MAX = 32, /* of a rendered rate */
    PLAN_TEXTS = 5,
};

struct plan_rate {
    uint64_t jobs; /* in per_ms; 0: as fast as it goes */
    int64_t per_ms;
};

struct task_plan {
    enum dlq_fate fate;
    struct dlq_select select;
    uint64_t limit; /* 0: all */
    struct plan_rate rate;
    uint64_t canary_jobs;   /* 0: none */
    uint64_t stop_percent;  /* of the canaries that failed; 0: any */
    int64_t canary_wait_ms; /* for all of them to end */

    json_t *json; /* what select borrows from, if it was read from JSON */
    char *decoded[PLAN_TEXTS];
    char **ids;
};

/* "50/s", "600/m", "10000/h". */
bool plan_rate_read(const char *text, struct plan_rate *rate) MUST_CHECK;
const char *plan_rate_text(const struct plan_rate *rate, char out[PLAN_RATE_MAX]);

/* From an object; keys of `besides` (ends with NULL) are for others. False: `why` says what is
 * wrong, and there is nothing to free. */
bool plan_read(struct task_plan *plan, json_t *object, const char *const besides[],
               char why[PLAN_FAULT_MAX]) MUST_CHECK;

/* Is it whole and in bounds? plan_read() has asked; for one that was put together by hand. */
bool plan_check(const struct task_plan *plan, char why[PLAN_FAULT_MAX]) MUST_CHECK;

/* Yours; plan_read() makes the same of it. NULL: no memory. */
json_t *plan_json(const struct task_plan *plan) MUST_CHECK;

/* "reason=retries signature=\"HTTP 503\"", "all" where nothing was chosen: for people. */
void plan_filter_text(const struct task_plan *plan, struct buf *out);

const char *plan_action(const struct task_plan *plan); /* "retry", "drop" */
const char *plan_past(const struct task_plan *plan);   /* "retried", "dropped" */

void plan_free(struct task_plan *plan);

#endif
