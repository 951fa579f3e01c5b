/*
 * job: one delivery, from the reply that brought it to the answer that settled it.
 *
 * A job has one owner at any instant: the loop, the pool's ring, a pool thread, the finished list.
 * The loop makes and frees it; whoever owns it may write it; handing it over publishes everything.
 * The loop may, at any time, ask a running job to stop: `stop` is the one field shared by threads.
 */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "job/claim_id.h"
#include "job/job_trace.h"
#include "job/lifecycle.h"
#include "job/record.h"

/* What a handler made of it. The default is never "done". */
#define JOB_OUTCOMES(X)                                                                            \
    X(UNKNOWN, "unknown") /* nobody said: counts as a failure */                                   \
    X(DONE, "done")                                                                                \
    X(RETRY, "retry")         /* failed; may succeed later */                                      \
    X(PERMANENT, "permanent") /* failed; will never succeed */                                     \
    X(SNOOZE, "snooze")       /* not now; costs no attempt */                                      \
    X(STOPPED, "stopped")     /* was asked to stop and did; no verdict */

#define JOB_ENUM_OUTCOME(id, name) JOB_##id,
enum job_outcome { JOB_OUTCOMES(JOB_ENUM_OUTCOME) JOB_OUTCOME_COUNT };

const char *job_outcome_name(enum job_outcome outcome);

/* Why a running job should stop; the first reason stays. */
enum job_stop {
    JOB_STOP_NONE,
    JOB_STOP_TIMEOUT,
    JOB_STOP_SHUTDOWN,
    JOB_STOP_LOST,
    JOB_STOP_CANCELLED, /* an operator wants it no more: it will not run again */
    JOB_STOP_COUNT
};

/* How a delivery ends: by its handler's result, or without a run. */
enum job_end {
    JOB_END_RESULT,      /* what `result` says */
    JOB_END_DUPLICATE,   /* another job holds the fingerprint */
    JOB_END_EXPIRED,     /* expires_at has passed */
    JOB_END_MALFORMED,   /* the header cannot be read */
    JOB_END_UNSUPPORTED, /* the header is of another version */
    JOB_END_OVERSIZE,    /* the payload is over the queue's max_payload */
    JOB_END_NO_HANDLER,  /* its type has no route, and the queue no handler of its own */
    JOB_END_RELEASED,    /* given back unrun */
    JOB_END_CANCELLED,   /* an operator wants it no more, and it had not begun */
    JOB_END_COUNT,
};

struct job_result {
    enum job_outcome outcome;
    int64_t delay_ms; /* RETRY: not sooner than this, -1: as the policy says.  SNOOZE: how long */
    char *error;      /* malloc'd, the job's; NULL: none. At most RECORD_ERROR_MAX bytes are kept */
    char *bytes;      /* DONE: what the handler returned; malloc'd, the job's; NULL: nothing */
    size_t len;
};

struct job {
    struct job *next;      /* pool: the finished list; loop: free list and batches */
    void *owner;           /* the consumer's queue; nobody else looks inside */
    const void *conf;      /* struct queue_conf of the configuration this delivery runs under */
    enum job_state state;  /* loop thread only, as the next ten */
    enum job_end end;      /* from DECIDED on */
    bool told;             /* a settle of it went out and was not answered: perhaps it happened */
    bool logged;           /* what becomes of it was said */
    bool traces;           /* they are on: its handler is told a span of navvy's */
    bool traced;           /* this delivery is sampled: `trace` is written */
    bool claim_sent;       /* Redis was asked for its fingerprint: may execute that at any time */
    int percent_told;      /* to those who wait for its result */
    int64_t told_ms;       /* monotonic, when; 0: nothing was told */
    int64_t since_wall_ms; /* it runs, as it was first told to operators; 0: it was not */
    int64_t cancelled_ms;  /* monotonic: it was asked to stop for good then; 0: it was not */

    uint64_t tag;             /* of this delivery, in held:W */
    char claim[CLAIM_ID_MAX]; /* the job's identity: of its first delivery */
    const char *queue;        /* name */
    struct log_scope *log;    /* of its queue; NULL: to be looked up */
    char *bytes;              /* malloc'd: the element, then scratch for its header */
    size_t len;               /* of the element */
    struct record record;     /* slices into bytes */

    struct job_trace trace;   /* what its spans are made of */
    int64_t taken_ms;         /* monotonic */
    int64_t started_ms;       /* monotonic, by the pool thread; 0: never ran */
    int64_t finished_ms;      /* monotonic, by the pool thread */
    int64_t timeout_ms;       /* 0: none */
    _Atomic int stop;         /* enum job_stop, set by the loop, read by the handler */
    _Atomic int percent;      /* how far it is, by the handler, read by the loop; -1: not said */
    struct job_result result; /* by the pool thread */
};

/* The error is copied and cut; replaces an earlier one. Printf-like. Without memory there is none.
 */
void job_fail(struct job *job, enum job_outcome outcome, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Done, and it returned these bytes (copied; ptr NULL: nothing). One that is too large, or for
 * which there is no memory, is left out with an error that says so: the work is done all the same.
 */
void job_done(struct job *job, struct slice bytes, uint64_t bytes_max);

/* Forgets the result and frees what it holds. */
void job_result_clear(struct job *job);

/* A line about a job, at its queue's level: begins with `queue` and `id`, the claim id. */
#define LOG_JOB(job_, level, msg, ...)                                                             \
    do {                                                                                           \
        const struct job *log_job_ = (job_);                                                       \
        const struct log_scope *log_scope_ = job_log(log_job_);                                    \
        if (log_scope_has(log_scope_, (int)(level)))                                               \
            log_line(&(const struct log_about){.scope = log_scope_, .id = log_job_->claim},        \
                     (level), (msg), LOG_FIELDS(__VA_ARGS__));                                     \
    } while (0)

/* The same for what may happen to each of a million jobs: JOB_LINES a second and cause; all of them
 * where every job is logged anyway, at debug. */
#define LOG_JOB_SPARSE(job_, level, msg, ...)                                                      \
    do {                                                                                           \
        const struct job *log_job_ = (job_);                                                       \
        const struct log_scope *log_scope_ = job_log(log_job_);                                    \
        if (log_scope_has(log_scope_, (int)(level)))                                               \
            log_line(                                                                              \
                &(const struct log_about){log_scope_, log_job_->claim,                             \
                                          log_scope_has(log_scope_, LOG_DEBUG) ? 0 : JOB_LINES},   \
                (level), (msg), LOG_FIELDS(__VA_ARGS__));                                          \
    } while (0)

enum { JOB_LINES = 10 };

static inline const struct log_scope *job_log(const struct job *job)
{
    return job->log != NULL ? job->log : log_scope_of(job->queue);
}

#endif
