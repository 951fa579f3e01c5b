/*
 * verdict: where a job goes after a delivery: the one place that decides between retry and the DLQ.
 * Pure.
 */
#ifndef DLQ_VERDICT_H
#define DLQ_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "job/job.h"

enum {
    VERDICT_CRASHES_MAX = 3,     /* recoveries that found it running: then poison */
    VERDICT_RECOVERIES_MAX = 10, /* deliveries in a row without a verdict: then poison */
};

/* Why a job is in the DLQ; the header's `reason`. */
#define DLQ_REASONS(X)                                                                             \
    X(RETRIES, "retries")                                                                          \
    X(PERMANENT, "permanent")                                                                      \
    X(POISON, "poison")                                                                            \
    X(MALFORMED, "malformed")                                                                      \
    X(UNSUPPORTED, "unsupported")                                                                  \
    X(OVERSIZE, "oversize")                                                                        \
    X(NO_HANDLER, "no_handler")                                                                    \
    X(CANCELLED, "cancelled")

#define DLQ_REASON_ENUM(id, name) DLQ_##id,
enum dlq_reason { DLQ_REASON_NONE, DLQ_REASONS(DLQ_REASON_ENUM) DLQ_REASON_COUNT };

const char *dlq_reason_name(enum dlq_reason reason); /* "" for none */

enum verdict_to { VERDICT_DONE = 1, VERDICT_RETRY, VERDICT_DLQ, VERDICT_READY };

struct verdict {
    enum verdict_to to;
    enum dlq_reason reason; /* VERDICT_DLQ */
    int64_t delay_ms;       /* VERDICT_RETRY */
    struct record_stamp
        stamp; /* navvy's header fields for the next life; slices borrow from the job */
};

/* How often a job may fail before it is dead: as its header says, else its queue. */
uint32_t verdict_attempts_max(const struct queue_conf *queue, const struct record *record);

/*
 * After a handler returned. done: VERDICT_DONE. retry: attempt + 1, then retry or, at
 * verdict_attempts_max(), the DLQ. permanent: the DLQ. snooze: retry, attempt kept.
 * stopped: ready, attempt kept, deliveries + 1. unknown: as retry. Any but done, and an operator
 * has cancelled it: the DLQ, attempt kept.
 */
struct verdict verdict_after_run(const struct queue_conf *queue, const struct job *job,
                                 int64_t now_wall_ms, uint64_t random);

/* A delivery of a dead worker ended without a verdict. `crash`: how that died, if the job is known
 * to have been in its handler; it becomes the job's error. NULL: it was not, or nobody knows. */
struct verdict verdict_after_death(const struct record *record, struct slice claim,
                                   const char *crash, int64_t now_wall_ms);

/* Buried without a run: malformed, unsupported, oversize, no_handler, cancelled. `why` becomes the
 * error. */
struct verdict verdict_bury(const struct record *record, struct slice claim, enum dlq_reason reason,
                            const char *why, int64_t now_wall_ms);

/*
 * The bytes with which a dead job goes back to work: attempt, recoveries, crashes, reason and error
 * start anew, deliveries go on growing (handlers fence with them), force=1. What was buried because
 * its header could not be read, or was oversize, goes back exactly as the producer pushed it.
 * `canary`: the bulk task that wants to hear how it ends; ptr NULL: none does.
 * False: `dead` is not a record of a DLQ; nothing was appended.
 */
bool verdict_requeue(struct slice dead, struct slice canary, struct buf *out) MUST_CHECK;

/* Was it buried unread for this reason? Then it goes back under no name that anybody knows. */
bool verdict_is_wrapped(struct slice reason);

#endif
