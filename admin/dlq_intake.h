/*
 * dlq_intake: lines of an export go back to a DLQ, at its newest end. What is there already is
 * skipped, so an import that broke off can be run again.
 */
#ifndef ADMIN_DLQ_INTAKE_H
#define ADMIN_DLQ_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/dlq_known.h"
#include "admin/pace.h"
#include "admin/session.h"
#include "base/buf.h"
#include "base/check.h"

struct dlq_intake {
    struct session *session;
    struct dlq_known known;
    struct pace pace;
    struct buf bytes; /* records that are not sent yet, one after the other */
    size_t end[PACE_ITEMS_MAX];
    size_t count;
    uint64_t read, added, bad; /* lines; the others were there already */
};

/* Reads what is there. False: said why; as all below. dlq_intake_free() it in any case. */
bool dlq_intake_begin(struct dlq_intake *intake, struct session *session) MUST_CHECK;

/* One that is no export is said with its number, counted and skipped; a blank one is skipped. */
bool dlq_intake_line(struct dlq_intake *intake, struct slice line, uint64_t number) MUST_CHECK;

/* Sends what is kept back. At the end, and where the source pauses. */
bool dlq_intake_send(struct dlq_intake *intake) MUST_CHECK;

uint64_t dlq_intake_there(const struct dlq_intake *intake); /* there already */
void dlq_intake_free(struct dlq_intake *intake);

#endif
