/*
 * blackbox: what a worker process is doing, in memory that outlives it, so that after its death
 * somebody can tell which jobs it had in hand, and which of them it was running.
 *
 * Every process has a box; all boxes are in one piece of memory that the supervisor makes before it
 * forks, and that all its processes see. Who writes what:
 *
 *   name[]    the worker's loop: under which W it serves which queue
 *   thread[]  each pool thread its own: the job in its handler. Two stores when one begins and one
 *             when it ends; nobody reads them while the process lives
 *   meters    the worker's loop: its figures (meters.h); anybody reads them, at any time
 *   died      the supervisor: how it ended, with its last words. Then the box is BLACKBOX_DEAD, and
 *             any worker may read it, and cross out names whose jobs have been recovered
 *
 * A box is free again when no name in it is left. If there are more dead than boxes, the oldest is
 * forgotten: its jobs come back when their lease is over, and nobody is blamed.
 */
#ifndef SUPERVISOR_BLACKBOX_H
#define SUPERVISOR_BLACKBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"
#include "job/claim_id.h"
#include "job/queue_name.h"
#include "supervisor/meters.h"

enum {
    BLACKBOX_COUNT = 256,
    BLACKBOX_THREADS_MAX = 1024, /* as the pool's */
    BLACKBOX_NAMES_MAX = 256,    /* queues of one process, removed ones included */
    BLACKBOX_DIED_MAX = 1280,    /* how it died, and its last words; with terminator */
    BLACKBOX_NO_NAME = -1,
};

enum blackbox_phase { BLACKBOX_FREE, BLACKBOX_LIVE, BLACKBOX_DEAD };

struct blackbox_name {
    _Atomic bool used; /* the texts are whole; jobs may be held under this name */
    bool reserved;     /* the loop's own: some queue of it has this place */
    char queue[QUEUE_NAME_MAX + 1];
    char worker[WORKER_ID_MAX];
};

struct blackbox_thread {
    _Alignas(64) _Atomic uint64_t tag; /* of the job in its handler; 0: none */
    _Atomic int name;                  /* whose tag it is; written before */
};

struct blackbox {
    _Atomic int phase;      /* enum blackbox_phase; the supervisor's */
    _Atomic bool ready;     /* the worker: it has a lease */
    _Atomic bool orderly;   /* the worker: it ends because it wants to */
    _Atomic bool hurry;     /* the supervisor: told a second time to go */
    _Atomic bool leaving;   /* the supervisor: told to go */
    _Atomic bool dismissed; /* the worker: an operator ordered it to stop: no successor is wanted */
    int64_t died_ms;
    char died[BLACKBOX_DIED_MAX];
    struct blackbox_name name[BLACKBOX_NAMES_MAX];
    struct blackbox_thread thread[BLACKBOX_THREADS_MAX];
    struct meters meters; /* last: most of it is never touched */
};

struct blackboxes {
    size_t layout;            /* their size: another version's may have another one */
    int fd;                   /* the memory as a file without a name; the supervisor's */
    _Atomic int opened;       /* so many ever were; a look at others would make them real memory */
    _Atomic uint32_t burials; /* odd: the supervisor is adding somebody's figures to `past` */
    _Atomic uint64_t deaths;  /* of workers, that were not orderly */
    struct meters past;       /* what the dead have counted */
    struct blackbox box[BLACKBOX_COUNT];
};

/* Shared with every process that is forked after this. NULL: no memory. */
struct blackboxes *blackboxes_new(void) MUST_CHECK;
/* Those of the program that was here before, by their fd, now ours. NULL: they are of another
 * version; the fd is closed. */
struct blackboxes *blackboxes_adopt(int fd) MUST_CHECK;
/* From now on this process can only read them. */
bool blackboxes_seal(struct blackboxes *boxes) MUST_CHECK;
void blackboxes_free(struct blackboxes *boxes);

/* --- the supervisor --- */

/* An empty box for a new process: a free one, else that of who died first. NULL: all live. */
struct blackbox *blackbox_open(struct blackboxes *boxes);
/* Its process is dead. `died`: how, in words; cut to fit. What it has counted is kept. */
void blackbox_close(struct blackboxes *boxes, struct blackbox *box, const char *died,
                    int64_t now_ms);

/* --- the worker's loop --- */

/* A place for a queue's names; BLACKBOX_NO_NAME: all taken, then it goes without. */
int blackbox_reserve(struct blackbox *box);
/* From now on the queue's jobs are held under the name `worker`. */
void blackbox_set_name(struct blackbox *box, int name, const char *queue, const char *worker);
/* Nothing is held under it any more. */
void blackbox_clear_name(struct blackbox *box, int name);
void blackbox_release(struct blackbox *box, int name);

/* --- a pool thread --- */

static inline void blackbox_begin(struct blackbox *box, uint32_t thread, int name, uint64_t tag)
{
    struct blackbox_thread *own = &box->thread[thread];
    /* In this order: whoever dies in between was not running it. */
    atomic_store_explicit(&own->name, name, memory_order_relaxed);
    atomic_store_explicit(&own->tag, tag, memory_order_release);
}

static inline void blackbox_end(struct blackbox *box, uint32_t thread)
{
    atomic_store_explicit(&box->thread[thread].tag, 0, memory_order_release);
}

/* --- whoever recovers the dead --- */

/* A name in a dead box. */
struct blackbox_trace {
    struct blackbox *box; /* NULL: none */
    int name;
};

/* The next name under which a dead process of ours served `queue`; begin with *position 0. False:
 * no more. */
bool blackbox_next_dead(struct blackboxes *boxes, const char *queue, size_t *position,
                        struct blackbox_trace *out);
struct blackbox_trace blackbox_find(struct blackboxes *boxes, struct slice worker);
/* Was the job with this tag in its handler when its process crashed? */
bool blackbox_was_running(struct blackbox_trace trace, uint64_t tag);
/* All of its jobs have moved on. */
void blackbox_recovered(struct blackbox_trace trace);

#endif
