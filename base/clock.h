/*
 * clock: the only file that asks the kernel for the time. Deadlines and ages use the monotonic
 * clock, which no operator can set; wall time is for people and for header fields.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <sys/types.h>

int64_t clock_mono_ns(void);
int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void); /* since 1970, UTC */

/* From now to a monotonic time, for poll(): 0 if it has passed, INT_MAX at most. */
int clock_left_ms(int64_t until_ms);

/* What a process of this user, all its threads, has computed so far; -1: there is none such. */
int64_t clock_cpu_ns(pid_t pid);

#endif
