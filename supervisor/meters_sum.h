/*
 * meters_sum: the figures of all workers of one supervisor together: of those that live, and, where
 * something is counted, of those that are dead. So a sum of counters never goes back while the
 * supervisor lives, however often its workers are replaced.
 */
#ifndef SUPERVISOR_METERS_SUM_H
#define SUPERVISOR_METERS_SUM_H

#include <stdint.h>

#include "supervisor/blackbox.h"
#include "supervisor/meters.h"

struct meters_sum {
    struct meters
        meters; /* counters: added; ages: the oldest; versions: the lowest; troubles: anybody's */
    uint32_t workers; /* processes whose loop has turned */
    uint32_t ready;   /* of these, with a lease */
    uint64_t deaths;  /* that were not orderly, ever */
    bool same_config; /* all of them have loaded the same configuration */
};

/* Any process, any thread, at any time; *out is large: on the heap, zeroed or used before. */
void meters_sum_read(const struct blackboxes *boxes, struct meters_sum *out);

/* Adds what is counted in `from` to `into`, by the names of queues and types. */
void meters_add_counters(struct meters *into, const struct meters *from);
/* The same of what is measured. A zeroed `into` has measured nothing. */
void meters_add_gauges(struct meters *into, const struct meters *from);

#endif
