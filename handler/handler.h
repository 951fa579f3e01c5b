/*
 * handler: what a pool thread runs. One vtable row per kind; a job's configuration, and its type
 * where the queue has routes, name the handler.
 *
 * run() sets job->result and returns. It must return soon after its stopper says so. It never
 * touches Redis, never frees the job. Every kind tells its handler the same facts (facts.h), and
 * has the same outcomes (job.h).
 *
 * What the jobs of one configured handler share (processes, connections, a loaded object) is made
 * by open() and handed to each run(). The registry (registry.h) opens each handler of a
 * configuration once, keeps it open as long as any configuration in use has an equal one for the
 * same queue and type, and closes it then.
 */
#ifndef HANDLER_HANDLER_H
#define HANDLER_HANDLER_H

#include <stddef.h>

#include "config/config.h"
#include "job/job.h"
#include "pool/pool.h"

enum { HANDLER_ERROR_MAX = 512 };

/* One job in a handler's hands. */
struct task {
    struct job *job;
    const struct queue_conf *queue;
    const struct handler_conf *conf;
    const struct stopper *stopper;
    void *shared; /* what open() made; NULL if the kind has no open() */
};

struct handler {
    const char *name;
    void (*run)(const struct task *task); /* a pool thread; many at the same time */

    /* The rest: the loop thread, must not block; NULL: this kind need not. */

    /* Makes what the jobs share; starts nothing that can wait for the first job. `conf` stays until
     * close(). NULL: `error` says why, in words for the operator. */
    void *(*open)(const char *queue, const struct handler_conf *conf,
                  char error[HANDLER_ERROR_MAX]);
    /* About once a second. */
    void (*tick)(void *shared, int64_t now_ms);
    /* No run() is under way, none will come. Ends what open() made, and frees it: true. False: not
     * over yet, call again. `now`: no more patience, kill it; then the answer is true. */
    bool (*close)(void *shared, bool now);
    /* Any thread: can open() succeed, as far as can be told without starting anything? False:
     * `error` says why not. */
    bool (*check)(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
    /* The configuration was read again, and what open() made stays in use. */
    void (*keep)(void *shared);
};

/* Runs the job through its handler: pool_run of every pool of navvy. Its configuration was
 * opened by registry_open(). */
void handler_run(struct job *job, const struct stopper *stopper);

/* For handlers: the result of a job that ended because it was asked to. Out of time is a failure;
 * otherwise there is no verdict. */
void handler_stopped(struct job *job, enum job_stop why);

/* One row per enum handler_kind. */
extern const struct handler handler_table[HANDLER_KIND_COUNT];

#endif
