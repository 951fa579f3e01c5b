/*
 * queues: the ways to hand over that are measured, behind one vtable. One producer, any number of
 * consumers, QUEUE_CAPACITY items at most. Each is used as well as its interface allows: those with
 * a lock take it once for a batch.
 */
#ifndef TESTS_BENCH_HANDOVER_QUEUES_H
#define TESTS_BENCH_HANDOVER_QUEUES_H

#include <stddef.h>

enum { QUEUE_CAPACITY = 8192 }; /* as POOL_BACKLOG_MAX */

struct queue_kind {
    const char *name;
    void *(*make)(void); /* dies without memory */
    /* Producer. Takes as many as fit, from the first on, and wakes whom it must; how many? */
    size_t (*push)(void *queue, void *const *items, size_t count);
    void *(*pop)(void *queue); /* consumer: sleeps until there is one */
    void (*free)(void *queue); /* empty, and nobody is at it */
};

/* pool/ring.c and pool/wake.c, in the very steps of pool.c and crew_thread.c. */
extern const struct queue_kind queue_ring;
/* An array, a mutex and a condition variable. */
extern const struct queue_kind queue_locked;
/* Concurrency Kit's ck_ring, spmc. It cannot wait, so it gets pool/wake.c, too. */
extern const struct queue_kind queue_ck;
/* GLib's GAsyncQueue. It has no bound of its own. */
extern const struct queue_kind queue_glib;

#endif
