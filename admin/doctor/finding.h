/*
 * finding: what the doctor has found: how bad, of which queue, what it is, and the command that
 * mends it. Why it matters is said by the check that found it. Texts are made safe to print as they
 * are added: bytes that are no UTF-8 and control bytes become \xHH.
 */
#ifndef ADMIN_DOCTOR_FINDING_H
#define ADMIN_DOCTOR_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/check.h"

/* A note is worth knowing and changes no exit code. */
enum severity { SEVERITY_NOTE = 1, SEVERITY_WARNING, SEVERITY_CRITICAL };

struct doctor_check;

struct finding {
    const struct doctor_check *check;
    enum severity severity;
    struct buf subject; /* a queue; empty: Redis itself */
    struct buf what;
    struct buf mend; /* commands, one a line */
};

struct findings {
    struct finding *item;
    size_t count;
    const struct doctor_check *check; /* whose judgement is being heard */
    bool failed;                      /* no memory: some are missing */
};

/* `subject`: a queue, or NULL. */
void finding_add(struct findings *findings, enum severity severity, const char *subject,
                 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* One more line of what mends the last one. */
void finding_mend(struct findings *findings, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The worst first, else in the order in which they were found. */
void findings_sort(struct findings *findings);
size_t findings_count(const struct findings *findings, enum severity severity);
void findings_free(struct findings *findings);

const char *severity_name(enum severity severity);

#endif
