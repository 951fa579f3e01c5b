/*
 * dlq_known: what is in a dead-letter queue, as hashes, so that an import need not search the list
 * for each job. It holds as long as the newest element is the one that we know: new ones come at
 * that end only.
 */
#ifndef ADMIN_DLQ_KNOWN_H
#define ADMIN_DLQ_KNOWN_H

#include <stdbool.h>

#include "admin/hash.h"
#include "admin/session.h"
#include "base/buf.h"
#include "base/check.h"

struct dlq_known {
    struct hash_set set;
    struct buf newest; /* empty: the list was empty */
};

/* Reads the whole list, on top of what is known. False: printed why. */
bool dlq_known_read(struct dlq_known *known, struct session *session) MUST_CHECK;

/* HASH_NEW: it was not known, and is now. */
enum hash_added dlq_known_add(struct dlq_known *known, struct slice element) MUST_CHECK;

/* We made it the newest. */
void dlq_known_pushed(struct dlq_known *known, struct slice element);

void dlq_known_free(struct dlq_known *known);

#endif
