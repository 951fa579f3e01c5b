/*
 * thread: how a thread of navvy begins: with signals blocked, for they are the main thread's, and
 * from its first instruction on. Those that a thread's own instructions raise stay deliverable, so
 * that a crash is reported as what it is.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

#include "base/check.h"

/* `thread`: to be joined by the caller; NULL: it is detached. Returns 0, or why there is none: an
 * errno. Any thread; its own mask stays as it is. */
int thread_start(pthread_t *thread, void *(*work)(void *), void *arg) MUST_CHECK;

#endif
