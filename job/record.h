/*
 * record: the one header line that may stand in front of a payload.
 *
 *   navvy/1 claim=web1-4711-9f..:17 attempt=2 deliveries=3 error="exit status 1"\n{"to":"bob"}
 *
 * `navvy/1 ` + logfmt pairs (bare or "quoted" values, separated by one or more spaces) + LF +
 * payload. The line is at most RECORD_HEADER_MAX bytes, LF included. Keys are [a-z0-9_.-]{1,64},
 * each at most once. A bare value has no space, quote, backslash, '=' or control byte, and may be
 * empty; a quoted one escapes \" \\ \n \r \t and \xHH. Unknown keys are kept. An element without
 * `navvy/` in front is all payload. `navvy/` + digits + ' ' of another version is
 * RECORD_UNSUPPORTED.
 *
 * The parser never reads past `len`, never loops, never allocates, and accepts any bytes. Pure.
 */
#ifndef JOB_RECORD_H
#define JOB_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum {
    RECORD_PRODUCER_MAX = 4096, /* bytes of a producer's header line, LF included */
    RECORD_OWN_MAX = 512,       /* what navvy's own pairs may add to it */
    RECORD_HEADER_MAX = RECORD_PRODUCER_MAX + RECORD_OWN_MAX,
    RECORD_PAIRS_MAX = 64,   /* of the producer; navvy's own come on top */
    RECORD_ERROR_MAX = 1024, /* bytes of error text that are kept */
};

enum record_fault {
    RECORD_OK,
    RECORD_MALFORMED,   /* bad header: `why` says what, for the DLQ's error text */
    RECORD_UNSUPPORTED, /* a version that this program does not know */
};

/* What a header says; a missing number is 0, a missing text has ptr NULL. */
struct record {
    /* navvy's own */
    struct slice claim;  /* the claim id of the job's first delivery: its identity; a bare word */
    uint32_t attempt;    /* failures so far that were charged to the job */
    uint32_t deliveries; /* deliveries so far; this one is deliveries + 1 */
    uint32_t recoveries; /* deliveries since the last verdict or requeue that ended without one */
    uint32_t crashes;    /* recoveries that found it running */
    int64_t failed_at_wall_ms;
    bool force;          /* requeued by a person: runs even if another holds the fingerprint */
    struct slice reason; /* why it is in the DLQ: retries, permanent, poison, malformed, ... */
    struct slice canary; /* the bulk task that waits for how its next delivery ends */
    struct slice error;  /* the last failure, unescaped */
    /* the producer's */
    struct slice id, type, key, traceparent, tracestate;
    uint32_t max_attempts; /* 0: the queue's */
    int64_t timeout_ms;    /* 0: the queue's; written as a duration or as plain milliseconds */
    int64_t enqueued_at_wall_ms;
    int64_t expires_at_wall_ms; /* 0: never */

    struct slice header;  /* the line without LF; len 0: there is none */
    struct slice payload; /* exactly as pushed */
    const char *why;      /* RECORD_MALFORMED only: static text */
};

/*
 * Parse an element. Slices point into `bytes`, or, for quoted values with escapes, into `scratch`,
 * which holds RECORD_HEADER_MAX bytes and may be NULL only if there is no header (then a header is
 * RECORD_MALFORMED). On a fault `payload` is the whole element and everything else is absent.
 */
enum record_fault record_parse(const char *bytes, size_t len, char *scratch,
                               struct record *out) MUST_CHECK;

/* Does it start with the magic of any version? Then a scratch is wanted. */
bool record_has_magic(const char *bytes, size_t len);

/* navvy's own fields, written anew; the producer's are carried over from the old header, in order.
 */
struct record_stamp {
    struct slice claim;
    uint32_t attempt, deliveries, recoveries, crashes;
    int64_t failed_at_wall_ms; /* 0: left out, as are all zeros and absent texts */
    bool force;
    struct slice canary;
    struct slice reason,
        error; /* error is cut to RECORD_ERROR_MAX, and further if the header would not fit */
};

/* navvy's own fields as they are now, to change some and render. */
struct record_stamp record_stamp_of(const struct record *record);

/*
 * Append header and payload of `record` with its own fields replaced by `stamp`. `stamp` has
 * a claim id. The result always parses back to the same; if the producer's pairs leave no room, the
 * error text is cut, then dropped.
 */
void record_render(struct buf *out, const struct record *record, const struct record_stamp *stamp);

/* A producer's header (navvy enqueue): zero and absent fields are left out. Nothing is appended if
 * all are. */
void record_render_producer(struct buf *out, const struct record *record);

#endif
