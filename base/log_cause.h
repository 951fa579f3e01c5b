/*
 * log_cause: which lines about causes that recur are written. A cause is a message of a queue with
 * its texts, digits aside, so that "connection 17 refused" and "connection 18 refused" are one. Of
 * each, `burst` lines are written in an interval; the others are counted, and the count goes out
 * with the next line of that cause, or is told by itself when none comes.
 *
 * The table is of fixed size: a new cause takes the place of the one that was silent longest. Not
 * safe for threads: the log has its lock. Time is an argument.
 */
#ifndef BASE_LOG_CAUSE_H
#define BASE_LOG_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

enum {
    LOG_CAUSES_MAX = 256,
    LOG_CAUSE_INTERVAL_MS = 1000,
    LOG_CAUSE_TEXT_MAX = 160, /* of its err, kept to be told */
};

struct log_cause {
    uint64_t key; /* 0: none */
    int64_t until_ms;
    int64_t written; /* in this interval */
    int64_t repeated;
    enum log_level level;
    const char *msg;
    const struct log_scope *scope; /* NULL: of no queue */
    char err[LOG_CAUSE_TEXT_MAX];
};

struct log_causes {
    uint64_t key[LOG_CAUSES_MAX]; /* of each, again: they are looked through; 0: free */
    struct log_cause cause[LOG_CAUSES_MAX];
};

/*
 * Shall this line be written? Then *repeated is how many were not since the last one. `evicted`
 * gets the cause that made room, if lines of it are still to be told; else its key is 0.
 */
bool log_cause_admit(struct log_causes *causes, const struct log_cause *wanted, int64_t burst,
                     int64_t now_ms, int64_t *repeated, struct log_cause *evicted);

/* What identifies it, from the fields of its line. */
struct log_cause log_cause_of(const struct log_scope *scope, enum log_level level, const char *msg,
                              const struct log_field *fields);

/* The next one that is silent, with lines to be told, from *position on; they count as told. False:
 * no more. */
bool log_cause_next_silent(struct log_causes *causes, size_t *position, int64_t now_ms,
                           struct log_cause *out);

#endif
