/*
 * facts: what every handler is told about its job, whatever its kind: as NAVVY_* variables (exec),
 * a line of JSON (child), Navvy-* headers (http), functions (plugin).
 */
#ifndef HANDLER_FACTS_H
#define HANDLER_FACTS_H

#include <stdint.h>

#include "base/slice.h"
#include "handler/handler.h"

struct facts {
    struct slice id;          /* the producer's, else the claim id */
    struct slice claim;       /* the job's identity */
    struct slice queue;       /* its queue */
    struct slice type;        /* ptr NULL: none given */
    struct slice traceparent; /* navvy's own span where traces are on, else the producer's; ptr
                                 NULL: none */
    struct slice tracestate;  /* the producer's; ptr NULL: none given */
    int64_t attempt;          /* 1 at first */
    int64_t delivery;         /* 1 at first, only grows */
    int64_t deadline_wall_ms; /* Unix ms; 0: none */
    struct slice payload;
};

/* They borrow from the job. Text with a NUL in it counts as not given. */
struct facts facts_of(const struct task *task);

/* The same in two parts, for handlers that take less time than the clocks do. */
struct facts facts_but_deadline(const struct task *task);
int64_t facts_deadline_wall_ms(const struct task *task);

#endif
