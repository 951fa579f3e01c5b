/*
 * pool: a bounded, elastic set of threads that run jobs.
 *
 *   loop --pool_push--> ring --> thread 1..max --> finished list + eventfd --pool_collect--> loop
 *
 * Threads help themselves from one shared ring. Only sleepers are woken, and only as many as there
 * is work for. There are `min` threads at least; more are started, up to `max`, while jobs wait and
 * nobody is idle, and an idle one above min ends after idle_ms. If a thread cannot be started the
 * pool goes on with those it has (at least one). The finished list is a lock-free stack that is
 * taken whole; its eventfd is written only when the list was empty.
 *
 * All functions: the loop thread, except stopper_* (a job's own thread).
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "job/job.h"

struct pool;

enum { POOL_THREADS_MAX = 1024 };

/* How a job on a thread learns that it should stop: the loop called pool_stop_job(), or time is up.
 */
struct stopper {
    struct job *job;
    int wake_fd; /* readable when pool_stop_job() was called: poll() it beside what you wait for */
    int64_t deadline_ms; /* monotonic; 0: none */
    uint32_t thread;     /* which of the pool's threads this is: 0 to POOL_THREADS_MAX - 1 */
};

/* JOB_STOP_NONE, or why. At the deadline JOB_STOP_TIMEOUT. */
enum job_stop stopper_reason(const struct stopper *stopper);
/* ms until the deadline, for poll(): -1 none, 0 passed. */
int stopper_poll_ms(const struct stopper *stopper);

/* Runs on a pool thread; must set job->result, which is JOB_UNKNOWN (a failure) and delay_ms -1
 * before. Signals are blocked there, so a write to a closed pipe is an EPIPE. */
typedef void pool_run(struct job *job, const struct stopper *stopper);

struct pool_limits {
    uint32_t min, max; /* threads, 1 <= min <= max <= POOL_THREADS_MAX */
    int64_t idle_ms;
};

enum { POOL_BACKLOG_MAX = 8192 }; /* slots of the ring */

/* NULL: no memory, or not even one thread could be started. */
struct pool *pool_new(const struct pool_limits *limits, pool_run *run) MUST_CHECK;

/* Live: more threads start when needed, surplus ones end when they are idle. */
void pool_resize(struct pool *pool, const struct pool_limits *limits);

/* Takes the job, or returns false if the ring is full: try again when something has finished. Wakes
 * nobody: call pool_kick() after a batch. */
bool pool_push(struct pool *pool, struct job *job) MUST_CHECK;
/* If jobs wait: wakes a sleeper, who wakes the next if he leaves jobs behind, and so on; or starts
 * a thread if nobody is idle. Makes no system call if nobody sleeps and the pool is at max. */
void pool_kick(struct pool *pool);

/* Readable (level) when there may be something to collect. */
int pool_fd(const struct pool *pool);
/* Everything finished since, oldest first, linked by job->next; yours. NULL: nothing. Clears the
 * fd. */
struct job *pool_collect(struct pool *pool);

/* Jobs that no thread has begun, oldest first, yours again. Threads may be popping at the same
 * time. */
struct job *pool_take_back(struct pool *pool);

/*
 * Ask a job that is in a handler to stop; `job` is not collected yet. One that has finished
 * meanwhile keeps its result, and the ring never reaches the next job of that thread. One that is
 * still waiting will not begin: it comes back JOB_STOPPED with started_ms 0. The first reason
 * stays.
 */
void pool_stop_job(struct pool *pool, struct job *job, enum job_stop why);

struct pool_stats {
    uint32_t running, idle, waiting,
        capacity; /* jobs in handlers, threads idle, jobs in the ring, max threads */
    uint32_t threads;
    uint64_t wakeups, finished;
};
struct pool_stats pool_stats(const struct pool *pool);
/* Jobs that no thread has begun. */
uint32_t pool_waiting(const struct pool *pool);

/* What each thread is doing: calls `each` with a job that may finish meanwhile; of it may be read
 * what the loop wrote before it pushed it. */
typedef void pool_each(const struct job *job, int64_t running_ms, void *arg);
void pool_running(struct pool *pool, pool_each *each, void *arg);

/*
 * Ends: no job may be in it (collected or taken back) but those that would not stop; waits at most
 * limit_ms for the threads. False: some thread still runs a job; then its memory is left to the
 * process's end on purpose.
 */
bool pool_free(struct pool *pool, int64_t limit_ms);

#endif
