/*
 * skewed_clock: loaded before libc, it gives a program a wall clock that is an hour off, and now
 * and then jumps by two. The monotonic clock is left alone, as it is by whoever sets a clock.
 */
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { HOUR_S = 3600, CALLS_UNTIL_JUMP = 25 };

static time_t skew(void)
{
    static unsigned calls;
    unsigned now = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    return now / CALLS_UNTIL_JUMP % 2 == 0 ? HOUR_S : -HOUR_S;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int code = (int)syscall(SYS_clock_gettime, clock, out);
    if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        out->tv_sec += skew();
    return code;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
