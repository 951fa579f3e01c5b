/*
 * worker: the state of the worker process and of each queue in it; the header that the files of
 * consumer/ meet at. Everything here belongs to the loop thread.
 *
 *   idle.c      the wait for a push (BLMOVE), on a connection of each queue's own
 *   look.c      queues without one: is there anything?
 *   take.c      ready, stage, Q -> held, and the reply made into jobs
 *   claim.c     fingerprints of taken jobs
 *   claim_windows.c  the same, where they are kept in windows
 *   turn.c      the turn: what is decided, in which order, and the hand-over to the pool
 *   suspect.c   jobs that may have killed a worker run alone
 *   settle.c    verdicts to Redis, in batches
 *   result.c    what jobs returned, for those who ask
 *   canary.c    how those ended that a bulk task sent ahead
 *   progress.c  how far they are
 *   lease.c     join, beat, leave
 *   control.h   what operators order: pauses, limits, cancels
 *   recovery.c  the jobs of dead workers
 *   resync.c    what Redis holds for us against what we hold
 *   tracing.c   the story of sampled jobs, for their spans
 *   memory.c    the heap, after large payloads
 *   measure.c   what it tells of itself
 *   overdue.c   handlers that do not come back
 *   drain.c     quiet, drain, give back, exit
 *   reload.c    a new configuration
 */
#ifndef CONSUMER_WORKER_H
#define CONSUMER_WORKER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"
#include "config/config.h"
#include "consumer/args.h"
#include "consumer/control.h"
#include "consumer/joblist.h"
#include "idempotency/fingerprint.h"
#include "idempotency/windows.h"
#include "job/job.h"
#include "pool/pool.h"
#include "redis/keys.h"
#include "redis/link.h"
#include "supervisor/blackbox.h"
#include "trace/tracer.h"

enum {
    WORKER_JOBS_MAX = POOL_BACKLOG_MAX,       /* jobs held by one process */
    WORKER_HELD_BYTES_MAX = 64 * 1024 * 1024, /* over it, take nothing more */
    TAKE_ANSWER_BYTES_MAX = 4 * 1024 * 1024,  /* of elements in one answer, about */
    TAKES_UNDER_WAY_MAX = 2,    /* of one queue: one is executed while the other travels */
    DRAIN_ANSWER_MS = 2000,     /* for Redis to answer the last calls */
    WORKER_SIGNALS = 8,         /* rows of the table in signals.c */
    IDLE_LINKS_MAX = 16,        /* queues with a connection to wait on; the others are polled */
    QUEUE_RETRY_MS = 250,       /* after Redis refused for now */
    QUEUE_PAUSED_MS = 1000,     /* between looks at a queue that is paused or full */
    QUEUE_QUARANTINE_MS = 5000, /* between looks at a queue with a key of a wrong type */
    QUEUE_ADOPT_MAX = 64,       /* jobs fetched at once after a lost answer */
    QUEUE_POLL_MS_MIN = 5,
    QUEUE_POLL_MS_MAX = 250,
};

enum queue_phase {
    QUEUE_AWAY,    /* no lease: a join is due or under way */
    QUEUE_SYNCING, /* reconnected: what Redis holds for us is being compared */
    QUEUE_OPEN,    /* takes and settles */
    QUEUE_LEFT,    /* said goodbye */
};

struct worker;
struct idle;
struct recovery;

/* What the answer to a take must know of it. */
struct take {
    struct queue *queue;
    uint64_t first_tag;
    uint32_t asked; /* jobs; 0: this place is free */
};

struct queue {
    struct worker *worker;
    struct config *config;         /* the one that `conf` is in */
    const struct queue_conf *conf; /* new jobs run under this one */
    char name[QUEUE_NAME_MAX + 1];
    struct log_scope *log;       /* the level of its lines; see queue_log_level() */
    struct meters_queue *meters; /* its figures */
    struct queue_keys keys;
    char id[WORKER_ID_MAX]; /* W: this incarnation of the worker in this queue */
    char held[KEY_MAX];
    int box_name;      /* where the black box has our name */
    uint64_t next_tag; /* never used twice, also across incarnations */

    enum queue_phase phase;
    bool asked;             /* a join, resync or leave is under way */
    bool beating;           /* a beat is under way */
    bool removed;           /* not in the configuration any more: drain, then leave */
    bool hungry;            /* there may be something to take */
    uint64_t backlog;       /* so many waited at the last answer, less what was asked for since */
    bool claim_by_script;   /* Redis is out of memory: it refuses the plain SET */
    struct windows windows; /* of its fingerprints, where that is their store */
    bool windows_known, windows_asked;
    int64_t windows_due_wall_ms; /* one is over then: ask again, and it goes; by Redis's clock */
    struct take take[TAKES_UNDER_WAY_MAX];
    struct buf sight;      /* the element that the idle wait showed; empty: none */
    uint32_t takes;        /* under way */
    uint32_t asked_jobs;   /* asked for by them */
    uint32_t jobs;         /* in this process, LOST ones not counted */
    uint32_t working;      /* in the pool */
    uint32_t settling;     /* told to Redis, not answered */
    int64_t not_before_ms; /* Redis refused, paused, full: no take before */
    bool looking;          /* a look is under way */
    int64_t look_ms;       /* the next look, if there is no idle wait */
    int64_t poll_ms;       /* pause between looks, adaptive */
    int64_t took_ms;       /* the last take went out */
    int64_t due_ms;        /* monotonic: the next retry or scheduled job; 0: none known */
    int64_t beat_due_ms;
    int64_t heard_ms;            /* the last answer to a join or beat, be it a refusal */
    bool silent;                 /* too long ago: what ran was stopped */
    int64_t leave_not_before_ms; /* Redis refused */
    int64_t settle_not_before_ms;
    int64_t resync_ms; /* look again at what Redis holds for us; 0: no need */

    double done_per_ms; /* moving average of finished jobs, for the size of a take */
    double fetch_ms;    /* moving average of what a job takes from Redis to the pool */
    uint32_t finished;  /* since rate_ms */
    int64_t rate_ms;

    struct joblist taken;     /* to claim */
    struct joblist done;      /* to settle as done */
    struct joblist duplicate; /* to settle as dropped */
    struct joblist other;     /* to be moved on: retry, DLQ, ready, out */
    struct joblist stopped;   /* to be given back when the last one has stopped, in order */
    struct joblist limited;   /* WORKING, and waiting until one of this queue is back */
    uint32_t pool_jobs;       /* in the pool */
    struct orders orders;
    uint64_t adopt_tag[QUEUE_ADOPT_MAX]; /* held for us, not in the table: being fetched */
    size_t adopt_count;
    struct idle *idle;         /* NULL: polled */
    struct recovery *recovery; /* of dead workers, under way; NULL: none */
};

enum worker_stop { STOP_NO, STOP_DRAIN, STOP_GIVE_BACK, STOP_LEAVE, STOP_EXIT };

/* What all queues together have under way, as a turn's takes are planned. */
struct take_load {
    uint32_t unfinished; /* held or asked for, without a verdict */
    uint32_t asked;      /* asked for */
    uint32_t hungry;     /* queues that want to take */
    double done_per_ms;  /* finished, lately */
    uint64_t backlog;    /* waits in Redis for us or others */
};

struct worker {
    struct event_base *base;
    struct event *turn;     /* made active by worker_wake() */
    struct event *timer;    /* the next thing that time alone brings */
    struct event *finished; /* the pool has something */
    struct event *gather;   /* the end of a wait for more of it */
    bool gathering;         /* that wait is on: nothing is collected but at a stop */
    struct event *signals[WORKER_SIGNALS];
    struct config *config;
    struct config **configs; /* all that jobs may still run under; the last is `config` */
    size_t config_count;
    const struct config_source *source;
    struct blackboxes *boxes; /* of all workers here */
    struct blackbox *box;     /* ours */
    bool supervised;          /* then only the supervisor can tell us to hurry */
    struct link *command, *beat;
    struct pool *pool;
    struct fingerprinter *fingerprinter;
    struct tracer *tracer; /* NULL: traces are off */
    struct args args;
    struct buf scratch;

    struct queue **queues;
    size_t queue_count;
    struct take_load load;
    size_t first_queue; /* who may take first: the one behind the last who did */
    struct job *slab, *free_jobs;
    size_t slab_used; /* of WORKER_JOBS_MAX: the others were never anything */
    uint32_t jobs;
    uint64_t held_bytes;
    bool memory_large;       /* so much was held that the heap is to be given back when idle */
    struct joblist dispatch; /* WORKING, not in the pool's ring yet */
    struct joblist suspects; /* the same, and each to run alone */
    struct job *alone;       /* a suspect that does; NULL: none */
    int64_t suspect_ms;      /* until then the next suspect waits for quiet, or is alone; 0: none */
    uint32_t pool_jobs;      /* in the pool */
    uint32_t limited;        /* in the lists of that name, of all queues */

    int64_t control_ms;            /* the next look at what was ordered */
    int64_t report_offset_ms;      /* redis_offset_ms, as it was when times were told */
    struct pool_stats report_pool; /* of the last survey */
    int64_t started_ms;

    char host[64];
    uint64_t incarnation;
    int64_t tick_ms;         /* handlers look after what they keep */
    int64_t redis_offset_ms; /* Redis TIME - our monotonic clock */
    bool checked;            /* the server was found fit */
    bool at_terminal;        /* started at one; when it is closed, so do we */
    bool quiet;              /* take nothing (TSTP, or going) */
    enum worker_stop stop;
    int64_t stop_ms; /* of STOP_DRAIN: give back then; later: exit then */
    int stop_signal; /* of the second TERM or INT; 0 */
    int exit_code;
};

/* Something happened: a turn will follow, once, soon. */
void worker_wake(struct worker *worker);

/* Now, by the clock of Redis, for what is written into headers; ms since 1970. */
int64_t worker_redis_now_ms(const struct worker *worker);

/* turn.c: the one function that decides. */
void consumer_turn(struct worker *worker);

/* queue.c */
/* One more queue of this worker; it joins by itself. False: no memory. */
bool queue_add(struct worker *worker, struct config *config, const struct queue_conf *conf);
/* New jobs run under `conf`, which is in `config`. */
void queue_bind(struct queue *queue, struct config *config, const struct queue_conf *conf);
void queue_free(struct queue *queue);
/* An order given at run time, above the configuration: enum log_level, or LOG_LEVEL_UNSAID, which
 * takes it back. */
void queue_log_level(struct queue *queue, int level);
/* A fresh W: at start, and after the lease was lost. */
void queue_reincarnate(struct queue *queue);
/* The lease is gone: everything we hold is somebody else's now. */
void queue_lose(struct queue *queue);

/* job_table.c: the jobs of this process; a fixed table. */
bool job_table_init(struct worker *worker);
void job_table_free(struct worker *worker);
/* A TAKEN job of `queue`, its element copied and parsed; NULL: the table or the memory is full. */
struct job *job_table_add(struct queue *queue, uint64_t tag, struct slice element);
/* What an element is as a job with that tag: its bytes, which are the caller's to free, its record,
 * claim and end. False: no memory. */
bool job_sketch(struct queue *queue, struct job *job, uint64_t tag, struct slice element);
/* The one place that changes a state. GONE frees the job. */
void job_advance(struct job *job, enum job_event event);
/* Each job of the queue that still counts as ours, in no order. */
struct job *job_table_each(const struct queue *queue, size_t *position);
/* By tag, descending: given back in this order, each in front of the one before, the oldest is
 * next. */
void joblist_newest_first(struct joblist *list);
struct slice job_claim(const struct job *job);
struct queue *job_queue(const struct job *job);

/* sight.c */
struct sight {
    struct slice element; /* valid until the next idle wait answers */
    char key[KEY_MAX];    /* its fingerprint's */
    size_t key_len;
    char claim[CLAIM_ID_MAX];
};
/* The idle wait showed this element; ptr NULL: none. */
void sight_keep(struct queue *queue, struct slice element);
/* What a take that begins with `tag` may claim at once; used up by that. False: nothing. */
bool sight_claim(struct queue *queue, uint64_t tag, struct sight *sight);

/* take.c, claim.c, settle.c: one step each of the turn. */
/* Something of this queue falls due then (monotonic; 0: nothing): a take will follow. */
void queue_due(struct queue *queue, int64_t at_ms);
void take_survey(struct worker *worker, int64_t now_ms); /* before the turn's takes */
bool take_turn(struct queue *queue, int64_t now_ms);     /* true: a take went out */
/* Held for us: becomes a job. `claimed`: its fingerprint is ours already. */
void take_adopt(struct queue *queue, uint64_t tag, struct slice element, bool claimed);
/* take_args.c. `sight`: NULL: nothing is to be claimed. Returns how many of the words are keys. */
size_t args_take(struct args *args, struct queue *queue, const struct take *take,
                 const struct sight *sight);
/* RESULT: it may run. Else how it ends without. */
enum job_end take_fit(const struct queue *queue, struct job *job);
void claim_begin(
    struct job *job); /* TAKEN: to be claimed, or to the pool at once if it has no fingerprint */
void claim_turn(struct queue *queue, int64_t now_ms);
void claim_dispatch(struct job *job); /* to the pool */
/* The key that is this job's fingerprint; its length, 0: it has none, or not in a key. */
size_t claim_fingerprint_key(const struct job *job, char key[KEY_MAX]);
/* claim_windows.c, for queues that keep fingerprints in windows. */
/* Do we know what windows there are? If not, Redis is asked, and a turn follows. */
bool windows_ready(struct queue *queue);
/* Where the job's fingerprint stands, or could. */
void windows_fingerprint(const struct job *job, char out[FINGERPRINT_BYTES]);
/* far and windows; then, as numbers, which these are. */
void args_windows_keys(struct args *args, const struct queue *queue, struct windows_keys *keys);
void args_windows(struct args *args, const struct queue *queue, const struct windows_keys *keys);
void settle_turn(struct queue *queue, int64_t now_ms);
/* The job's verdict is in (result or end): it waits for settle_turn. */
void settle_later(struct job *job, enum job_end end, enum job_event event);

/* tracing.c */
/* Starts it, if traces are on. False: `error` says why not. */
bool tracing_start(struct worker *worker, char error[TRACE_ERROR_MAX]);
/* Sends what there is, for a moment at most. */
void tracing_end(struct worker *worker);
void tracing_follow(struct worker *worker); /* a new configuration */
/* A job is here. */
void tracing_take(struct job *job);
/* For job_advance(), of a job that is sampled: this happened to it, in that state. */
void tracing_note(struct job *job, enum job_state from, enum job_event event);

/* progress.c: which of its jobs run, and how far they are; to be called once a second. */
void progress_tell(struct queue *queue, int64_t now_ms);

/* gather.c: the pool has something; the wait for more of it is over. */
void gather_finished(struct worker *worker);
void gather_over(struct worker *worker);
/* The end of a turn: while jobs are fast the loop sleeps a little; less than a millisecond. */
void gather_rest(const struct worker *worker);

/* memory.c: keeps the heap while jobs come; once a second: gives it back when none is here. */
void memory_init(void); /* of a worker process */
void memory_held(struct worker *worker);
void memory_turn(struct worker *worker);

/* measure.c: figures for those who look from outside. */
void measure_start(struct worker *worker);
void measure_config(struct worker *worker); /* `config` is a new one */
void measure_connected(struct worker *worker);
void measure_reload(struct worker *worker, bool loaded);
void measure_queue(struct queue *queue);
void measure_routes(struct queue *queue); /* `conf` is a new one */
void measure_queue_gone(struct queue *queue);
void measure_ran(const struct job *job);                                /* back from its handler */
void measure_dead(struct queue *queue, unsigned reason, uint64_t jobs); /* enum dlq_reason */
enum measure_take {
    MEASURE_TAKE_NONE, /* answered, and brought no job */
    MEASURE_TAKE_JOBS,
    MEASURE_TAKE_PAUSED,
    MEASURE_TAKE_FULL,
    MEASURE_TAKE_WRONG_TYPE,
    MEASURE_TAKE_ERROR,
    MEASURE_TAKE_UNANSWERED,
};
void measure_take(struct queue *queue, enum measure_take take);
void measure_tick(struct worker *worker); /* once a second */
static inline void measure(const struct queue *queue, enum meters_counter counter, uint64_t amount)
{
    meter_add(&queue->meters->counter[counter], amount);
}

/* suspect.c */
bool suspect_is(const struct job *job);
bool suspect_holds_up(const struct worker *worker); /* nothing else may begin */
void suspect_turn(struct worker *worker, int64_t now_ms);
void suspect_finished(struct worker *worker, const struct job *job); /* back from the pool */

/* idle.c: the wait for a push. NULL: no memory, then the queue is polled. */
struct idle *idle_new(struct queue *queue);
void idle_free(struct idle *idle);
bool idle_is_up(const struct idle *idle); /* NULL: never */
void idle_wait(struct idle *idle);        /* if it is up and not waiting already */

/* look.c: instead of it, where it is not up. */
bool look_turn(struct queue *queue, int64_t now_ms); /* true: a take shall look itself */
void look_pace(struct queue *queue, bool found, int64_t now_ms); /* when to look again */

/* lease.c */
void lease_turn(struct queue *queue, int64_t now_ms);
void lease_clock(struct worker *worker, struct link *link); /* asks Redis for its time */

/* recovery.c: the jobs of our dead neighbours, whom the supervisor saw die. And, if there is a
 * `beat`, of those whose lease seems to be over, whom its answer names from `first` on. Nothing
 * happens while others are being recovered. */
void recovery_start(struct queue *queue, const struct reply *beat, size_t first);
void recovery_free(struct recovery *recovery);

/* resync.c */
void resync_start(struct queue *queue);
void resync_later(struct queue *queue, int64_t delay_ms);

/* overdue.c: once a second. May end the process. */
void overdue_turn(struct worker *worker);

/* drain.c */
void drain_start(struct worker *worker, int signal);
void drain_turn(struct worker *worker, int64_t now_ms);

/* reload.c */
void reload_config(struct worker *worker);
void reload_sweep(
    struct worker *worker); /* frees configurations that nothing runs under any more */

#endif
