#include "base/clock.h"
#include "pool/pool.h"

enum job_stop stopper_reason(const struct stopper *stopper)
{
    int why = atomic_load(&stopper->job->stop);

    if (why == JOB_STOP_NONE && stopper_poll_ms(stopper) == 0)
        return JOB_STOP_TIMEOUT;
    return (enum job_stop)why;
}

int stopper_poll_ms(const struct stopper *stopper)
{
    return stopper->deadline_ms == 0 ? -1 : clock_left_ms(stopper->deadline_ms);
}
