/*
 * dead_job: one element of a dead-letter queue, as people see it. Pure.
 *
 * An element that navvy did not write (no header, no claim id) is still shown, exported and
 * dropped: its reason is "unreadable", and its id is made of its bytes.
 */
#ifndef ADMIN_DEAD_JOB_H
#define ADMIN_DEAD_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "job/record.h"

#define DEAD_JOB_UNREADABLE "unreadable"

struct dead_job {
    struct slice bytes;   /* the element; borrowed, as is all below */
    bool readable;        /* a record of a DLQ; else only id, reason and payload are there */
    struct record record; /* payload is the whole element if it is not readable */
    struct slice id;      /* the claim id */
    struct slice reason;
    char made_id[32]; /* for who has none */
    char scratch[RECORD_HEADER_MAX];
};

/* Do not copy the struct afterwards: its slices may point into it. */
void dead_job_read(struct dead_job *job, struct slice bytes);

/* Since it failed; -1: the record does not say. Never less than 0 for a clock that is ahead. */
int64_t dead_job_age_ms(const struct dead_job *job, int64_t now_wall_ms);

/* id, reason, error, attempts, deliveries, failed_at_ms, the producer's id, type and key, and
 * payload. Yours; NULL without memory. */
json_t *dead_job_json(const struct dead_job *job);

/*
 * object[key] = the text, or, if it is not UTF-8, object[key_base64]. Absent: null. False without
 * memory.
 */
bool json_set_bytes(json_t *object, const char *key, struct slice bytes) MUST_CHECK;

#endif
