#include "base/clock.h"

#include <limits.h>
#include <time.h>

#include "base/check.h"

static int64_t clock_ns(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_mono_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t clock_wall_ms(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000;
}

int clock_left_ms(int64_t until_ms)
{
    int64_t now_ms = clock_mono_ms();

    if (until_ms <= now_ms)
        return 0;
    return until_ms - now_ms > INT_MAX ? INT_MAX : (int)(until_ms - now_ms);
}

int64_t clock_cpu_ns(pid_t pid)
{
    struct timespec spent;
    clockid_t id;

    if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &spent) != 0)
        return -1;
    return (int64_t)spent.tv_sec * 1000000000 + spent.tv_nsec;
}
