#include "admin/task/gate.h"

enum { THOUSANDTHS = 1000, MISSED_MS_MAX = 1000 };

/* Thousandths of a job in so many ms. */
static int64_t worth(const struct gate *gate, int64_t ms)
{
    return ms * (int64_t)gate->rate.jobs * THOUSANDTHS / gate->rate.per_ms;
}

size_t gate_open(struct gate *gate, int64_t now_ms)
{
    if (gate->rate.jobs == 0)
        return SIZE_MAX;
    if (gate->at_ms == 0) {
        gate->at_ms = now_ms;
        gate->credit = THOUSANDTHS; /* the first one at once */
    }
    int64_t ms = now_ms - gate->at_ms < MISSED_MS_MAX ? now_ms - gate->at_ms : MISSED_MS_MAX;
    int64_t most =
        worth(gate, MISSED_MS_MAX) > THOUSANDTHS ? worth(gate, MISSED_MS_MAX) : THOUSANDTHS;
    if (worth(gate, ms) > 0) { /* else too short a time to count: it is not lost */
        gate->credit += worth(gate, ms);
        gate->at_ms = now_ms;
    }
    if (gate->credit > most)
        gate->credit = most;
    return gate->credit < THOUSANDTHS ? 0 : (size_t)(gate->credit / THOUSANDTHS);
}

void gate_passed(struct gate *gate, size_t count)
{
    gate->credit -= (int64_t)count * THOUSANDTHS;
}
