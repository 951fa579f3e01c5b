/*
 * handler: what a pool thread runs. One vtable row per kind; a job's configuration names the kind.
 *
 * A handler sets job->result and returns. It must return soon after its stopper says so. It never
 * touches Redis, never frees the job. Environment of a job: id, queue, type, attempt (1 first),
 * delivery (1 first, grows for ever), deadline, traceparent, payload.
 */
#ifndef HANDLER_HANDLER_H
#define HANDLER_HANDLER_H

#include <stddef.h>

#include "config/config.h"
#include "job/job.h"
#include "pool/pool.h"

struct handler {
    const char *name;
    void (*run)(const struct queue_conf *queue, struct job *job, const struct stopper *stopper);
};

/* Runs the job through the handler of its configuration: pool_run of every pool of navvy. */
void handler_run(struct job *job, const struct stopper *stopper);

/* For handlers: the result of a job that ended because it was asked to. Out of time is a failure;
 * otherwise there is no verdict. */
void handler_stopped(struct job *job, enum job_stop why);

/* One row per enum handler_kind. */
extern const struct handler handler_table[HANDLER_KIND_COUNT];

#endif
