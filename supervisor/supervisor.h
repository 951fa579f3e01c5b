/*
 * supervisor: what `navvy run` is: a process that starts the workers, and starts them again when
 * they die. It has no thread, no connection and no job, so there is little that it could die of.
 *
 * A worker is a forked copy of it. When one dies, its successor is told by the black box
 * (blackbox.h) what it leaves behind, and gives its jobs back at once. A second death within
 * HEALTHY_MS waits before the next start, longer each time.
 *
 * It passes on what an operator says (TERM, INT, QUIT, TSTP, CONT, HUP, USR1), adopts and reaps
 * what the workers leave behind, also as process 1, and passes their stderr on. If it is killed,
 * the kernel kills them.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include "config/config.h"
#include "supervisor/blackbox.h"

/*
 * What a worker process does until it ends: takes `config`, returns its exit code. `boxes` are
 * everybody's, `own` is its own.
 */
typedef int supervisor_task(struct config *config, const struct config_source *source,
                            struct blackboxes *boxes, struct blackbox *own);

/*
 * What the process of the operators' view does until it ends: takes `config`, returns its exit
 * code. It can read `boxes` and not write to them.
 */
typedef int supervisor_serve(struct config *config, const struct config_source *source,
                             struct blackboxes *boxes);

/* What runs in the processes; given from above, for the supervisor links none of it. */
struct supervisor_work {
    supervisor_task *work;
    supervisor_serve *serve; /* NULL: there is no operators' view */
    /* Would `serve` refuse this configuration? Then appends why, a line each. NULL with `serve`. */
    bool (*serve_check)(const struct config *config, struct buf *errors);
};

/* A worker's exit code for: it could not start, and has said why. */
enum { SUPERVISOR_HOPELESS = 1 };

/*
 * Supervises config->processes workers, and the operators' view unless admin.listen is off, until
 * it is told to end, or until the first ones cannot start. Takes `config`. With 0 processes: does
 * the work itself, unsupervised. Returns the exit code: 0; 75 if a worker died or left jobs on the
 * way out; else as a worker's own.
 */
int supervisor_run(struct config *config, const struct config_source *source,
                   const struct supervisor_work *work);

#endif
