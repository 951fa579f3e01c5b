/*
 * gate: lets through so many a second and no more, and what was missed for longer than a second is
 * not made up for. Pure: the time comes in.
 */
#ifndef ADMIN_TASK_GATE_H
#define ADMIN_TASK_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "admin/task/plan.h"

struct gate {
    struct plan_rate rate; /* jobs 0: everything passes */
    int64_t at_ms;         /* monotonic; 0: nothing has passed yet */
    int64_t credit;        /* thousandths of a job */
};

/* How many may pass now; 0: none yet. */
size_t gate_open(struct gate *gate, int64_t now_ms);

/* So many have. */
void gate_passed(struct gate *gate, size_t count);

#endif
