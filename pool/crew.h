/*
 * crew: the threads of a pool. crew.c is the loop's side: it starts, counts, reaps and stops them;
 * crew_thread.c is what a thread does all day.
 *
 * Shared between the two sides: ring, wake, finish_list, and the atomics below; nothing else. Only
 * the loop starts threads. A thread ends by itself, when it is surplus or the crew is dismissed,
 * and leaves its slot for the loop to reap.
 */
#ifndef POOL_CREW_H
#define POOL_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pool/finish_list.h"
#include "pool/pool.h"
#include "pool/ring.h"
#include "pool/wake.h"

enum { CREW_MAX = POOL_THREADS_MAX };

enum crew_slot_state { CREW_VACANT, CREW_WORKING, CREW_ENDED };

/* One thread's place; the struct stays until the pool is freed, so the loop may always look. */
struct crew_thread {
    struct crew *crew;
    pthread_t thread;
    _Atomic int state; /* enum crew_slot_state; the thread itself writes CREW_ENDED */
    struct stopper stopper;
    int64_t ended_ms; /* its own: when the last job did; 0: it looked for one in vain since */

    _Alignas(64) _Atomic(struct job *) job; /* in its handler, or NULL */
    _Atomic int64_t began_ms;               /* of `job` */
    pthread_mutex_t lock;                   /* held to ring for `job`, and to let go of it */
    bool rung; /* under lock: stopper.wake_fd is readable and must be emptied */
};

struct crew {
    struct ring *ring;
    struct wake wake;
    struct finish_list finish_list;
    pool_run *run;

    _Atomic uint32_t min, max;
    _Atomic int64_t idle_ms;
    _Atomic uint32_t count;    /* threads that have not decided to end */
    _Atomic uint32_t ended;    /* slots to reap */
    _Atomic uint64_t wakeups;  /* for the figures */
    _Atomic bool kick_wanted;  /* a thread asks the loop for pool_kick() */
    _Atomic bool start_failed; /* lately: nobody need ask for another thread */
    _Atomic bool dismissed;    /* the end: everybody goes as soon as the job in hand is done */
    int64_t start_after_ms;    /* loop: the last start failed, none before this */
    uint32_t slots;            /* loop: slots[0..slots) were used at least once */
    uint32_t slots_taken;      /* loop: by threads, until they are reaped */
    struct crew_thread *slot[CREW_MAX];
};

/* True if the crew has a thread more. Not when it is at max or a start has failed lately. Loop. */
bool crew_start_one(struct crew *crew);
/* Gives back what ended threads have left. Loop. */
void crew_reap(struct crew *crew);
/* Rings for the thread that runs `job`, if any does; job->stop is set already. Loop. */
void crew_ring(struct crew *crew, struct job *job);
/* Ends all threads; false if some still work at `until_ms`, monotonic. Loop. */
bool crew_dismiss(struct crew *crew, int64_t until_ms) MUST_CHECK;
/* Frees the slots of a dismissed crew. Loop. */
void crew_free(struct crew *crew);

/* Where a thread begins; `arg` is its struct crew_thread. */
void *crew_thread_main(void *arg);

#endif
