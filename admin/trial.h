/*
 * trial: a job through the handler of its queue, here and now, without Redis: the handler is
 * opened, fed, limited and stopped just as a worker does it, on a pool of one thread. Nothing is
 * settled; what a worker would do next is said instead.
 */
#ifndef ADMIN_TRIAL_H
#define ADMIN_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"
#include "config/config.h"
#include "dlq/verdict.h"
#include "job/job.h"

struct trial;

/* How a run went. */
struct trial_run {
    enum handler_kind handler;
    struct job_result result; /* yours: trial_run_free() */
    int64_t took_ns;          /* from the hand-over to a thread until it came back */
    enum verdict_to next;     /* what a worker would do with the job */
    enum dlq_reason reason;   /* VERDICT_DLQ */
    int64_t delay_ms;         /* VERDICT_RETRY */
    uint32_t attempts_max;    /* what holds for this job: its header's, or the queue's */
    int signal;               /* somebody ended the trial; 0: nobody */
};

/* What is to be run. */
struct trial_job {
    struct slice element; /* as it would stand in the list; borrowed */
    uint32_t attempt;     /* failures so far; added to what the header says */
    uint32_t deliveries;  /* deliveries so far, likewise */
    int64_t kill_ns;      /* kill it when it has run so long; 0: let it run */
};

/*
 * For one queue, whose configuration stays until trial_free(). Programs' stdout is kept as the
 * result. From here on INT and TERM end runs instead of the process. NULL: said why.
 */
struct trial *trial_new(const struct queue_conf *queue) MUST_CHECK;

/* False: this job would never run; said why. `show_progress`: on stderr. */
bool trial_run(struct trial *trial, const struct trial_job *job, bool show_progress,
               struct trial_run *out) MUST_CHECK;
void trial_run_free(struct trial_run *run);

/* Ends what the handler started. */
void trial_free(struct trial *trial);

#endif
