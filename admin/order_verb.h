/*
 * order_verb: what the verbs that order something of workers share: their words, what they print,
 * and the wait until all workers have done it.
 */
#ifndef ADMIN_ORDER_VERB_H
#define ADMIN_ORDER_VERB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/session.h"
#include "admin/view/orders.h"
#include "base/check.h"

struct order_words {
    struct common common;
    bool json, wait;
    int64_t wait_ms;
};

/* --wait[=TIME], --json, and common_argp's; a child whose input is a struct order_words. */
extern const struct argp order_argp;

/* What a verb has ordered so far. */
struct order_verb {
    const struct order_words *words;
    struct session *session;
    struct journal_entry sign;
    json_t *rows; /* with --json */
    int code;     /* the worst */
};

/* The configuration and a connection. COMMAND_OK, or the exit code; then there is nothing to end.
 */
int order_verb_begin(struct order_verb *verb, const struct order_words *words,
                     struct session *session) MUST_CHECK;

/*
 * Orders it of one queue, waits if that is wanted, and says what became of it: `done`, or `before`
 * if it was so already. `worker`: only that one is waited for; NULL: all.
 */
void order_verb_give(struct order_verb *verb, const char *queue, const struct order *order,
                     const char *worker, const char *done, const char *before);

/* Prints the rows, closes the session, and returns the exit code. */
int order_verb_end(struct order_verb *verb);

/* The verb that orders `word` of the worker `name`, wherever it works. */
int order_verb_worker(const struct order_words *words, const char *name, const char *word,
                      const char *done, const char *before);

#endif
