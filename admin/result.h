/*
 * result: what a job came to, or how far it is, as its worker writes it down in Redis; and the wait
 * for its end. It is there from the first news of a running job on, for the queue's result_ttl.
 */
#ifndef ADMIN_RESULT_H
#define ADMIN_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "redis/client.h"
#include "redis/keys.h"

/* As the scripts write them. The first ones are not the end. */
#define RESULT_STATES(X)                                                                           \
    X(RUNNING, "running")   /* for a second, or it said how far it is */                           \
    X(RETRYING, "retrying") /* failed, and will be tried again */                                  \
    X(SNOOZED, "snoozed")   /* its handler wants it later */                                       \
    X(DONE, "done")                                                                                \
    X(DEAD, "dead") /* in the DLQ */                                                               \
    X(DUPLICATE, "duplicate")                                                                      \
    X(EXPIRED, "expired")

#define RESULT_ENUM_STATE(id, name) RESULT_##id,
enum result_state { RESULT_UNKNOWN, RESULT_STATES(RESULT_ENUM_STATE) RESULT_STATE_COUNT };

struct result {
    enum result_state state;                   /* RESULT_UNKNOWN: there is none */
    struct slice claim, error, reason, bytes;  /* len 0: none; into `reply` */
    int64_t attempt, percent, updated_wall_ms; /* percent -1: not said */
    uint64_t stamp;                            /* another one: something was written since */
    struct reply *reply;
};

/* False: said why, nothing to free. */
bool result_fetch(struct client *client, struct slice key, struct result *out) MUST_CHECK;
void result_free(struct result *result);

const char *result_state_name(enum result_state state); /* "unknown" if there is none */
bool result_is_final(const struct result *result);
int result_code(const struct result *result); /* what the verb exits with */

enum result_wait { RESULT_OVER = 1, RESULT_TIMEOUT, RESULT_INTERRUPTED, RESULT_FAILED };

/*
 * Waits until the job is over, `timeout_ms` have passed (-1: no limit) or interrupt_signal().
 * A result with the stamp `before` is an earlier job's. `out` is what was seen last, yours, but
 * for RESULT_FAILED, which said why. Draws how far it is at a terminal.
 */
enum result_wait result_wait(struct client *client, struct slice key, uint64_t before,
                             int64_t timeout_ms, struct result *out) MUST_CHECK;

/*
 * What the job returned to stdout, bytes as they are (at a terminal: harmless); or what became of
 * it to stderr. Or one JSON object: id, queue, state, claim, attempt, percent, error, reason,
 * result, updated_at.
 */
void result_print(const char *queue, const char *id, const struct result *result);
void result_print_json(const char *queue, const char *id, const struct result *result);

#endif
