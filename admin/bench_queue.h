/*
 * bench_queue: the keys of `navvy bench`. They are claimed by a field in the queue's meta, and only
 * where nothing was; what is removed later are the list and the keys between the braces of that
 * name, by UNLINK, some hundred in a call.
 */
#ifndef ADMIN_BENCH_QUEUE_H
#define ADMIN_BENCH_QUEUE_H

#include "admin/bench.h"

enum {
    BENCH_PUSH_MAX = 256, /* jobs in one LPUSH of a latency run */
    BENCH_UNANSWERED_MAX = 10000,
};

/* Refuses if any key of that name is there. */
bool bench_queue_claim(struct bench *bench) MUST_CHECK;

/* `jobs` different payloads. */
bool bench_queue_fill(struct bench *bench, uint64_t jobs) MUST_CHECK;

/* One job, now; waits for the answer. */
bool bench_queue_push(struct bench *bench, uint64_t number, int64_t meant_ns) MUST_CHECK;

/*
 * Pushes that wait for nothing: many jobs in one LPUSH, whose answers are read when they are there.
 * A zeroed struct with `bench` is one without jobs.
 */
struct bench_pusher {
    struct bench *bench;
    char *text; /* the payloads of one LPUSH */
    struct slice words[2 + BENCH_PUSH_MAX];
    size_t count;
    uint64_t unanswered; /* LPUSHes */
};

/* Job `number`, meant for that moment (monotonic, ns). At most BENCH_PUSH_MAX until the flush. */
bool bench_pusher_add(struct bench_pusher *pusher, uint64_t number, int64_t meant_ns) MUST_CHECK;
bool bench_pusher_flush(struct bench_pusher *pusher) MUST_CHECK;
/* Waits for all answers. False: a push was refused, or none is known to have come. */
bool bench_pusher_finish(struct bench_pusher *pusher) MUST_CHECK;

/* How many are done; -1: no answer. */
int64_t bench_queue_done(struct bench *bench) MUST_CHECK;

/* True when a worker has its lease there. */
bool bench_queue_served(struct bench *bench, bool *served) MUST_CHECK;

/* Is every one of so many jobs done, once, and nothing else counted? */
bool bench_queue_balances(struct bench *bench, uint64_t jobs) MUST_CHECK;

/* Removes what is there, and looks again until nothing is: the last commands of a worker that was
 * killed may still come. */
bool bench_queue_remove(struct bench *bench) MUST_CHECK;

/* Claims the keys of a bench that was killed, to remove them. COMMAND_OK, or said why not: there
 * are none, they are not of a bench, or it may still be under way. */
int bench_queue_inherit(struct bench *bench) MUST_CHECK;

#endif
