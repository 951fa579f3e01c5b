/*
 * child_pool: the children of one handler, and which job goes to which of them.
 *
 * A job goes to an idle child, the one that was busy last; else to a new one, as far as `children`
 * allows; else to the least busy one that has room; else it waits. Who waits is served in turn, but
 * may be overtaken for PATIENCE_MS by a thread that comes just as a child is free: waking the other
 * one takes longer than many a job. With
 * `children` 0 a new one is started only when none has room. Who starts a child waits for its
 * hello. After starts that failed the next one waits, ever longer; jobs that come meanwhile wait,
 * too, and those that wait when a start fails, fail with it, unless some child lives.
 *
 * One lock for all of it, never held over I/O. Who must be told of a change has a bell (an eventfd)
 * that may ring once too often, never too rarely: after it, look again. Bells outlive their visits,
 * so ringing needs no lock.
 */
#ifndef HANDLER_CHILD_POOL_H
#define HANDLER_CHILD_POOL_H

#include <pthread.h>

#include "handler/child_process.h"
#include "handler/child_starter.h"

/* What a visit needs and the next one can use again. */
struct seat {
    struct seat *next;
    int bell_fd;
    struct buf line;
};

/* One job, on its thread, and its child once it has one. */
struct visit {
    struct visit *next;   /* of its child's */
    struct visit *behind; /* of those that wait */
    int64_t waits_since_ms;
    const struct task *task;
    struct seat *seat;
    struct child *child;
    bool waits;
    char *refused; /* a start failed while it waited: why; malloc'd */
    struct slice claim;

    /* Its thread's. */
    struct iovec parts[2]; /* what is to be sent, and has not been */
    size_t sent;
    bool reads, writes; /* its roles */
    enum job_stop stop;
    int64_t kill_ms; /* monotonic, if `stop` */

    /* Under the lock. */
    bool sends; /* it has something to send */
    bool answered;
    struct answer answer;
};

struct child_pool {
    const char *queue;
    const struct log_scope *log; /* of the queue */
    const struct handler_conf *conf;
    struct limits *limits;
    struct child_starter *starter;

    pthread_mutex_t lock;   /* for the rest, and as child_process.h says */
    struct child *children; /* those that run, last used first */
    struct child *leaving;  /* retired or broken, and not reaped */
    uint32_t live, starting, leaving_count;
    uint32_t concurrency;        /* what the last hello said; 0: nobody has */
    struct visit *first, **last; /* those that wait */
    struct seat *seats;
    uint32_t failures; /* starts, since a job was finished */
    int64_t next_start_ms;
    char why[CHILD_WHY_MAX]; /* the last of them failed */
    struct visit care;       /* the loop, when it has a role */
    bool closing;
};

struct child_pool *child_pool_new(const char *queue, const struct handler_conf *conf,
                                  char error[HANDLER_ERROR_MAX]) MUST_CHECK;
void child_pool_free(struct child_pool *pool); /* no child is left */

/* False: no memory, or no descriptor. */
bool child_pool_sit(struct child_pool *pool, struct visit *visit) MUST_CHECK;
void child_pool_rise(struct child_pool *pool, struct visit *visit);

enum place { PLACE_FOUND, PLACE_START, PLACE_ATTEND, PLACE_WAIT, PLACE_REFUSED };

/* A place for the visit, and visit->child but for WAIT and REFUSED: in a child that is ready, or
 * one that it shall start, or attend until its hello. WAIT: until the bell, or `*wait_ms`, -1: no
 * limit. No memory: WAIT. */
enum place child_pool_seek(struct child_pool *pool, struct visit *visit, int *wait_ms) MUST_CHECK;
/* Nobody has waited for too long; the lock held. */
bool child_pool_is_patient(const struct child_pool *pool);
/* It waits no longer. */
void child_pool_forgo(struct child_pool *pool, struct visit *visit);

/* The child that the visit attends: has said hello, and the visit is its first; will not, and its
 * end is near; must be attended by somebody else. */
void child_pool_greeted(struct child_pool *pool, struct visit *visit, struct child *child,
                        struct child_hello hello);
void child_pool_failed(struct child_pool *pool, struct child *child, const char *why);
void child_pool_unattend(struct child_pool *pool, struct child *child);

/* The child is broken; everybody's, with the lock held. It is killed with its group; the first why
 * stays. */
void child_pool_break(struct child_pool *pool, struct child *child, const char *why);
/* The visit goes. */
void child_pool_leave(struct child_pool *pool, struct visit *visit);

/* All with the lock held: the visit is a job of the child; the writer has nothing more to send; its
 * bell; a child that nobody has a role in is retired if it is time; goes off the list, and ends: it
 * is reaped later. end_ms as in struct child. */
void child_pool_attach(struct visit *visit, struct child *child);
void child_pool_drop_writer(struct child *child);
void child_pool_ring(const struct visit *visit);
void child_pool_settle(struct child_pool *pool, struct child *child, int64_t now_ms);
void child_pool_retire(struct child_pool *pool, struct child *child, int64_t end_ms);

/* The lock held; reaps those that have ended, and ends those that should have. */
void child_pool_reap(struct child_pool *pool, int64_t now_ms);

#endif
