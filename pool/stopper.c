#include <limits.h>

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
    if (stopper->deadline_ms == 0)
        return -1;

    int64_t left_ms = stopper->deadline_ms - clock_mono_ms();
    if (left_ms <= 0)
        return 0;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}
