/*
 * trace_visit: what is known of one delivery when it is over: the material of its spans. All of a
 * fixed size, so that the loop writes it into a ring and goes on. Texts that do not fit are cut.
 */
#ifndef TRACE_VISIT_H
#define TRACE_VISIT_H

#include "job/claim_id.h"
#include "job/job_trace.h"
#include "job/queue_name.h"

enum { VISIT_ID_MAX = 128, VISIT_TYPE_MAX = 128, VISIT_ERROR_MAX = 256 };

/* The name is the field's: a visit of a job to a worker. */
struct trace_visit {
    struct job_trace trace;
    int64_t gone_ns;           /* monotonic, as all times in `trace` */
    int64_t waits_since_ms;    /* since 1970: pushed, or failed before; 0: not known */
    const char *outcome;       /* static: done, retry, dead, ... */
    const char *error_type;    /* static; NULL: it did not fail */
    const char *reason;        /* static: why it is dead; NULL: it is not */
    int64_t attempt, delivery; /* 1 at first */
    uint64_t payload_bytes;
    char queue[QUEUE_NAME_MAX + 1];
    char worker[WORKER_ID_MAX];
    char claim[CLAIM_ID_MAX];
    char id[VISIT_ID_MAX];       /* the producer's; "": none */
    char type[VISIT_TYPE_MAX];   /* "": none */
    char error[VISIT_ERROR_MAX]; /* "": none */
};

/* A text of a job into a field; what does not fit is cut between characters of UTF-8. */
void trace_visit_text(char *field, size_t size, struct slice text);

#endif
