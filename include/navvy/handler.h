/*
 * navvy/handler.h: how a shared object becomes a handler of jobs, or a middleware around them.
 *
 * A plugin defines one symbol, `navvy_plugin`, and needs none of navvy's: what it may ask of navvy
 * comes with each job as a table of functions, behind the navvy_...() at the end of this file.
 *
 *   #include <navvy/handler.h>
 *
 *   static enum navvy_outcome handle(void *state, const struct navvy_job *job,
 *                                    struct navvy_run *run)
 *   {
 *       ...
 *       return NAVVY_DONE;
 *   }
 *
 *   const struct navvy_plugin navvy_plugin = {
 *       .abi = NAVVY_ABI, .size = sizeof(struct navvy_plugin), .name = "hello", .handle = handle};
 *
 * cc -shared -fPIC -o hello.so hello.c $(pkg-config --cflags navvy)
 *
 * What may change: structs grow at their ends, and say their size; enums get more constants. Until
 * NAVVY_ABI changes, a plugin that was built once runs with every later navvy.
 *
 * Threads: navvy calls handle(), before() and after() on many threads at the same time, with the
 * same state; init() and fini() on another one, before the first and after the last of them.
 * Nothing may leave a call by longjmp() or a C++ exception. A plugin shares its process with the
 * worker: if it crashes or exits, so does the worker, and its jobs run again elsewhere.
 */
#ifndef NAVVY_HANDLER_H
#define NAVVY_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NAVVY_ABI = 1 };

/* What became of a job. 0 is not for a handler to say: navvy counts it as a failure. */
enum navvy_outcome {
    NAVVY_UNKNOWN = 0,   /* only seen by after() */
    NAVVY_DONE = 1,      /* with the result of navvy_result(), if any */
    NAVVY_RETRY = 2,     /* failed, may succeed later; navvy_fail() says why */
    NAVVY_PERMANENT = 3, /* failed, will never succeed */
    NAVVY_SNOOZE = 4,    /* not now; later, after navvy_delay(), without costing an attempt */
    NAVVY_STOPPED = 5    /* stopped because navvy_should_stop() said so */
};

/* Why a handler should stop; 0: it need not. */
enum navvy_stop {
    NAVVY_STOP_NONE = 0,
    NAVVY_STOP_TIMEOUT = 1,  /* the job's time is up */
    NAVVY_STOP_SHUTDOWN = 2, /* the worker ends */
    NAVVY_STOP_LOST = 3,     /* another worker has the job: whatever this one does is in vain */
    NAVVY_STOP_CANCELLED = 4 /* an operator wants it no more: it goes to the dead-letter queue */
};

enum navvy_level { NAVVY_ERROR = 0, NAVVY_WARN = 1, NAVVY_INFO = 2, NAVVY_DEBUG = 3 };

/* The facts about a job, the same for every kind of handler. Valid until the call returns. */
struct navvy_job {
    uint32_t size;           /* of this struct, in the navvy that runs */
    uint32_t attempt;        /* 1 at first; grows with each failure */
    uint32_t delivery;       /* 1 at first; grows with each delivery: to fence effects with */
    const char *id;          /* the producer's, else the claim id */
    const char *claim;       /* the job's identity, for ever the same */
    const char *queue;       /* its queue */
    const char *type;        /* NULL: none given */
    const char *traceparent; /* NULL: none given */
    const void *payload;     /* any bytes, not terminated */
    size_t payload_len;

    /* Call them by the functions below. */
    int64_t (*deadline_ms)(const struct navvy_job *job);
    void (*log)(const struct navvy_job *job, enum navvy_level level, const char *text);

    const char *tracestate; /* NULL: none given; since the struct has room for it: see size */
};

struct navvy_run;

/* What a handler may do about its job; call them by the functions below. */
struct navvy_calls {
    uint32_t size; /* of this struct, in the navvy that runs */
    enum navvy_stop (*should_stop)(const struct navvy_run *run);
    int (*stop_fd)(const struct navvy_run *run);
    int (*left_ms)(const struct navvy_run *run);
    void (*progress)(struct navvy_run *run, int percent);
    void (*fail)(struct navvy_run *run, const char *error);
    void (*delay)(struct navvy_run *run, int64_t delay_ms);
    void (*result)(struct navvy_run *run, const void *bytes, size_t len);
};

struct navvy_run {
    const struct navvy_calls *calls;
};

/* How a handler's run ended, for after(). Whether the job is tried again is decided later. */
struct navvy_end {
    uint32_t size;              /* of this struct, in the navvy that runs */
    enum navvy_outcome outcome; /* NAVVY_UNKNOWN: the handler did not say */
    const char *error;          /* NULL: none */
    int64_t delay_ms;           /* RETRY and SNOOZE: asked for; -1: not said */
    int64_t took_us;
    const void *result; /* DONE: what it returned; NULL: nothing */
    size_t result_len;
};

/* The symbol `navvy_plugin` of a plugin. A function that is not wanted is NULL. */
struct navvy_plugin {
    uint32_t abi;     /* NAVVY_ABI */
    uint32_t size;    /* sizeof(struct navvy_plugin) */
    const char *name; /* for the log */

    /*
     * Makes what the calls below share, into *state. `options`: handler.options, "" if there are
     * none and for a middleware. `queue`: whose jobs it will handle; NULL: it is a middleware.
     * Called once for each handler that is configured with it, at start or reload; the worker
     * waits for it. False: `error`, of error_size bytes, says why, and navvy does not go on.
     */
    bool (*init)(const char *options, const char *queue, void **state, char *error,
                 size_t error_size);
    void (*fini)(void *state);

    /* A handler has this. Runs one job, and must return soon after it should stop. */
    enum navvy_outcome (*handle)(void *state, const struct navvy_job *job, struct navvy_run *run);

    /* A middleware has one of these, or both: around every run of every handler, on its thread,
     * which does nothing else meanwhile. What they take, each job takes longer. */
    void (*before)(void *state, const struct navvy_job *job);
    void (*after)(void *state, const struct navvy_job *job, const struct navvy_end *end);
};

extern __attribute__((visibility("default"))) const struct navvy_plugin navvy_plugin;

/* --- for handlers and middleware, on any thread, until the call returns -------------------- */
/* The parentheses keep out macros of such names; <tgmath.h> and cmocka have some. */

/* A line in navvy's log, with the plugin's name, the queue and the claim id. */
static inline void navvy_log(const struct navvy_job *job, enum navvy_level level, const char *text)
{
    (job->log)(job, level, text);
}

/* When its time is up, Unix time in ms; 0: no limit. */
static inline int64_t navvy_deadline_ms(const struct navvy_job *job)
{
    return (job->deadline_ms)(job);
}

/* --- for handle(), on any thread, until it returns ----------------------------------------- */

/* Ask now and then; the first reason stays. */
static inline enum navvy_stop navvy_should_stop(const struct navvy_run *run)
{
    return (run->calls->should_stop)(run);
}

/* Readable when a stop is asked for that is not the timeout: poll() it, with navvy_left_ms() as the
 * limit, beside what you wait for. Neither read nor close it. */
static inline int navvy_stop_fd(const struct navvy_run *run)
{
    return (run->calls->stop_fd)(run);
}

/* ms until the job's time is up, for poll(): -1 there is no such time, 0 it is up. */
static inline int navvy_left_ms(const struct navvy_run *run)
{
    return (run->calls->left_ms)(run);
}

/* How far it is, 0 to 100. */
static inline void navvy_progress(struct navvy_run *run, int percent)
{
    (run->calls->progress)(run, percent);
}

/* --- for handle(), on its own thread ------------------------------------------------------- */

/* Why it failed, for RETRY and PERMANENT: copied, 1024 bytes at most. The last one counts. */
static inline void navvy_fail(struct navvy_run *run, const char *error)
{
    (run->calls->fail)(run, error);
}

/* RETRY: not sooner than in so many ms. SNOOZE: in so many ms. */
static inline void navvy_delay(struct navvy_run *run, int64_t delay_ms)
{
    (run->calls->delay)(run, delay_ms);
}

/* What a DONE job returns: any bytes, copied, handler.answer_max at most. The last one counts. */
static inline void navvy_result(struct navvy_run *run, const void *bytes, size_t len)
{
    (run->calls->result)(run, bytes, len);
}

#ifdef __cplusplus
}
#endif

#endif
