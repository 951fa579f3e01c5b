/*
 * fault: points where a test kills the worker, as a power cut would. NAVVY_FAULT=step:n in the
 * environment raises SIGKILL when that step is reached for the n-th time. Compiled in only with
 * -DNAVVY_FAULTS=ON; a release has none.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#ifdef NAVVY_FAULTS
#define FAULT_POINT(step) fault_point(step)
#else
#define FAULT_POINT(step) ((void)0)
#endif

/* Any thread. Does not return if this is the time. */
void fault_point(const char *step);

#endif
