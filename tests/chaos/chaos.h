/*
 * chaos: a fleet, a Redis, and a schedule of faults, as the files of tests/chaos share it.
 *
 *   schedule.c  what happens at each step: from the seed alone
 *   jobs.c      what is pushed
 *   fleet.c     the workers
 *   acts.c      carries a step out, and undoes what has stood long enough; acts_worker.c,
 * acts_redis.c watch.c     after each step: the books, and how workers ended runs.c      the
 * ledger, read back verdict.c   at the end: the ledger against what was pushed story.c     what is
 * needed to replay a run that went wrong sabotage.c  breaks it, so that a test sees whether this is
 * found main.c      arguments, the loop, the summary ledger.c    the handler: a program of its own
 */
#ifndef CHAOS_CHAOS_H
#define CHAOS_CHAOS_H

#include "base/check.h"
#include "tests/chaos/fleet.h"
#include "tests/chaos/jobs.h"
#include "tests/chaos/schedule.h"
#include "tests/support/books.h"

enum { CHAOS_TOOLS_MAX = 8 };

struct chaos {
    uint64_t seed;
    struct step step; /* the one that is carried out */
    struct redis_server *server;
    struct fleet fleet;
    struct chaos_jobs jobs;
    unsigned
        undo[ACT_COUNT]; /* of what befell Redis: the step that ends it; 0: it does not stand */
    enum chaos_queue paused;
    struct process *busy;                  /* runs the endless script */
    struct process *tool[CHAOS_TOOLS_MAX]; /* navvy dlq retry, under way */
    int64_t acts[ACT_COUNT];               /* carried out */
    FILE *log;                             /* of what was done */
    bool sabotaged;
};

/* acts.c */
void acts_undo(struct chaos *chaos, bool all); /* what is due, or everything */
void acts_do(struct chaos *chaos);
bool redis_talks(const struct chaos *chaos);
bool redis_reads(const struct chaos *chaos);  /* answers a script that only reads */
bool redis_writes(const struct chaos *chaos); /* takes a push */

/* watch.c: both end the program where something is wrong. */
void watch_books(struct chaos *chaos);
void watch_workers(struct chaos *chaos, bool relaunch);
bool tools_run(const struct chaos *chaos); /* some navvy dlq retry is under way */

/* verdict.c */
struct verdict_figures {
    int64_t pushed, runs, done, duplicates, dead;
    int64_t lost, unexpected, duplicated, recovered;
    int64_t again; /* runs that a crash or a lost lease explains */
};
/* All is quiet. Prints what is wrong; figures count it. */
struct verdict_figures verdict_of(struct chaos *chaos);

/* story.c */
void story_begin(struct chaos *chaos);
void story_note(struct chaos *chaos, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A broken invariant: says what, prints how to replay it and where all of it lies, exits 1. So does
 * any other exit before story_over(). */
_Noreturn void story_broken(struct chaos *chaos, const char *fmt, ...) PRINTF_LIKE(2, 3);
void story_over(void);

/* sabotage.c: once, after some steps. lose: a held job vanishes; twice: it is pushed again; count:
 * the books say one too many */
void sabotage(struct chaos *chaos, const char *what);

#endif
