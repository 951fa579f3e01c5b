/*
 * job_trace: what a delivery remembers for its spans. Times are monotonic ns, 0 if it did not
 * happen; none is taken of a job that is not sampled. The loop writes it, but began and ended,
 * which are the pool thread's.
 */
#ifndef JOB_JOB_TRACE_H
#define JOB_JOB_TRACE_H

#include "job/traceparent.h"

struct job_trace {
    struct trace_context own;       /* the trace, and this delivery's span in it */
    uint64_t parent;                /* the producer's span; 0: it gave none */
    int64_t taken_ns;               /* when it was here */
    int64_t claim_ns;               /* when its fingerprint was asked for */
    int64_t claimed_ns;             /* when that was answered, or it needed none */
    int64_t began_ns, ended_ns;     /* its handler */
    int64_t settle_ns;              /* when Redis was told first */
    char text[TRACEPARENT_LEN + 1]; /* for its handler, by the pool thread; also if not sampled */
};

#endif
