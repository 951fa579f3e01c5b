/*
 * control: what operators order, and how this process obeys (docs/protocol.md, live control).
 *
 *   control.c  the look at what was ordered, about once a second, and obeying
 *   report.c   what we say of ourselves
 *   limit.c    at most so many jobs of a queue at once
 *   cancel.c   jobs that are to be stopped for good
 *
 * Orders are state, not messages: each is read again at any time and then changes nothing. All of
 * it travels on the beat's connection, pipelined for all queues, so that it waits for no job. A
 * worker that may not read its orders goes on working. The loop thread only.
 */
#ifndef CONSUMER_CONTROL_H
#define CONSUMER_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "consumer/args.h"
#include "job/claim_id.h"
#include "pool/pool.h"
#include "redis/keys.h"

struct job;
struct queue;
struct reply;
struct worker;

enum {
    CONTROL_LOOK_MS = 900,           /* so that an order is obeyed within a second */
    CONTROL_DENIED_MS = 60000,       /* no right to the keys: between two tries */
    CONTROL_CANCEL_OLD_MS = 3600000, /* an order to cancel that found no job by then */
    CONTROL_WORD_MAX = 8,            /* "quiet" */
    CONTROL_UNKNOWN = -1,            /* a version that no order has */
    REPORT_RUNNING_MAX = 64,         /* jobs that a status names */
};

/* An order to cancel the job of this claim id. */
struct cancel {
    char claim[CLAIM_ID_MAX];
    int64_t ordered_wall_ms;
};

/* What was ordered of one queue, as far as this process knows. */
struct orders {
    int64_t version;             /* obeyed; CONTROL_UNKNOWN: none was read yet */
    uint32_t concurrency;        /* 0: as configured */
    char told[CONTROL_WORD_MAX]; /* the last order to W itself; "": none */
    struct cancel *cancels;      /* malloc'd, sorted by claim id */
    size_t cancel_count;

    bool asked;            /* a look or a report is under way */
    bool heard;            /* it was answered once: before that nothing is taken */
    bool denied;           /* we have no right to these keys */
    int64_t not_before_ms; /* then try again */

    struct buf told_status;      /* as it was written last; empty: it was not, or perhaps not */
    struct pool_stats told_pool; /* the same */
    int64_t told_ms;
};

/* Looks, and reports, if it is time. */
void control_turn(struct worker *worker, int64_t now_ms);
int64_t control_next_ms(const struct worker *worker);
/* The queue has a new name, or comes and goes: what it says of itself is to be written anew. */
void control_renamed(struct queue *queue);
void control_free(struct queue *queue);

/* For scripts that clean up: that key, or, if we have no right to it, one that they may as well be
 * given. */
void args_control_key(struct args *args, const struct queue *queue, enum queue_key key);

/* Take nothing more; take again. Nothing if it is so already, or on the way out. */
void worker_quiet(struct worker *worker, bool quiet, const char *why);

/* report.c: this queue's status, if it has changed; true: it went out, and brings the version. */
bool report_turn(struct queue *queue, int64_t now_ms);
/* Asks for the orders, without a status. */
bool report_ask(struct queue *queue);
/* The jobs that are in handlers just now; before report_turn() of all queues. */
void report_survey(struct worker *worker);
/* control.c: the answer to either. */
void on_report(const struct reply *reply, void *arg);

/* limit.c */
/* Jobs of this queue that may run at once; UINT32_MAX: as many as there are threads. */
uint32_t limit_of(const struct queue *queue);
bool limit_has_room(const struct queue *queue);
/* It waits until one of its queue is back; WORKING. */
void limit_wait(struct job *job);
/* Those that may begin now go to worker->dispatch or worker->suspects, in front. */
void limit_turn(struct worker *worker);
/* A limit is another one now: what has not begun is handed over anew. */
void limit_changed(struct worker *worker);

/* cancel.c */
/* What the answer to a report says, from its i-th word on; replaces what was known. */
void cancel_read(struct queue *queue, const struct reply *reply, size_t i);
/* The jobs of this queue that are to be cancelled: stopped, or out of their lists. */
void cancel_turn(struct queue *queue);
/* Must this job, which has just been taken, not begin? */
bool cancel_meets(struct queue *queue, const struct job *job);
/* Was it asked to stop for good? */
bool job_is_cancelled(const struct job *job);

#endif
