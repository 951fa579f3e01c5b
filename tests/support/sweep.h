/*
 * sweep: the same small day of a worker, again and again, each time with a fault at another place.
 * Some jobs are done, one fails until it is dead, one fails for good; then the worker is told to
 * go. Whatever befell it, in the end each job ended once, each ran, and nothing is left.
 *
 * Cases run several at a time, each with a Redis of its own, because most of their time is waiting
 * for a lease. With NAVVY_SWEEP in the environment only cases run whose name contains its text.
 */
#ifndef SUPPORT_SWEEP_H
#define SUPPORT_SWEEP_H

#include <stddef.h>

#include "tests/support/proxy.h"

enum { SWEEP_AT_ONCE = 8 };

enum sweep_flow {
    SWEEP_WORK,    /* nothing more than that */
    SWEEP_DEAD,    /* before it came, a worker died with jobs in its handlers */
    SWEEP_FULL,    /* Redis has no memory left */
    SWEEP_ADOPT,   /* Redis gives it a job that it does not hear of */
    SWEEP_LEAVE,   /* as WORK; the fault comes when it goes */
    SWEEP_REQUEUE, /* the dead are sent back to work; the fault befalls who does that */
};

struct sweep_case {
    enum sweep_flow flow;
    const char *point;    /* where it is killed; NULL: nowhere */
    unsigned nth;         /* reached for so many times */
    bool supervised;      /* who dies is a child of `navvy run`, which starts another one */
    bool windows;         /* fingerprints are kept in windows */
    unsigned deaths;      /* so many processes in a row */
    enum proxy_fault cut; /* of its nth call, whatever that is; PROXY_WHOLE: it has no proxy */
};

/* Fails the test at the first case that goes wrong, and says which. */
void sweep_run(const struct sweep_case cases[], size_t count);

/* A case for each fault point of base/fault.h, once and twice in a row. */
void sweep_points(bool supervised);

#endif
