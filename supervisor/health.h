/*
 * health: are the workers of this host at work? Made of what they write into their black boxes, so
 * nobody has to be asked, and one that is stuck cannot answer wrongly. Pure: no clock, no memory.
 *
 * Live: the loop of every worker turns, and no queue is silently left alone: a take is answered, or
 * there is a reason that a restart would not mend (Redis is gone, the queue is paused). Ready: what
 * should be consumed is.
 */
#ifndef SUPERVISOR_HEALTH_H
#define SUPERVISOR_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/blackbox.h"

enum {
    HEALTH_STUCK_MS = 10000,  /* a loop that has not turned for so long; it should once a second */
    HEALTH_SILENT_MS = 15000, /* a take is answered at least every 2 s where nothing waits */
    HEALTH_FORGOTTEN_MS = 120000, /* so long without any reason for it: a restart may help */
    HEALTH_FAULTS_MAX = 16,
    HEALTH_WORDS_MAX = 256,
};

struct health_fault {
    const char *name; /* as meters_trouble_name(), or: loop, silent, no_worker, draining */
    char queue[QUEUE_NAME_MAX + 1]; /* empty: of the process */
    char worker[WORKER_ID_MAX];     /* empty: of all */
    char words[HEALTH_WORDS_MAX];
};

struct health {
    uint32_t workers; /* processes whose loop has begun */
    uint32_t leased;  /* of these, with a lease */
    uint32_t stuck_count;
    char stuck[HEALTH_WORDS_MAX]; /* the first of them; empty: none */
    uint32_t fault_count;         /* also of those that found no room below */
    struct health_fault fault[HEALTH_FAULTS_MAX];
};

/* Any process. `now_ms`: monotonic. */
void health_look(const struct blackboxes *boxes, int64_t now_ms, struct health *out);

static inline bool health_is_live(const struct health *health)
{
    return health->stuck_count == 0;
}

static inline bool health_is_ready(const struct health *health)
{
    return health->fault_count == 0;
}

#endif
