/*
 * books: the figures of a queue at one instant, and whether they can be true.
 *
 * I1: taken = held + ready + retry + dlq + done + duplicate + purged + expired.
 * I2: no job is in two containers. A job is known by its claim id: what its header says, or, for
 * what came straight from a producer, `W:tag` of where it is held.
 *
 * All of it, listing included, is read by one script, so it may be asked at any moment of a test.
 */
#ifndef SUPPORT_BOOKS_H
#define SUPPORT_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/redis_server.h"

/* Counters as they are named in the meta hash. */
#define BOOKS_COUNTERS(X)                                                                          \
    X(taken) X(done) X(duplicate) X(dead) X(retried) X(released) X(recovered) X(expired) X(purged)

struct books {
    int64_t queue, stage, ready, held, retry, scheduled, dlq; /* containers */
    int64_t alive, dying;                                     /* workers */
#define BOOKS_FIELD(name) int64_t name;
    BOOKS_COUNTERS(BOOKS_FIELD)
#undef BOOKS_FIELD
    int64_t elements; /* in all containers, as the listing has it */
    int64_t twice;    /* jobs found in a second container */
};

struct books books_read(struct redis_server *server, const char *queue);

int64_t books_waiting(const struct books *books); /* Q + stage + ready */
bool books_balance(const struct books *books);    /* I1 and I2 */
void books_print(const struct books *books);      /* to stderr */

/* Fails the test with all figures if they do not balance; returns them. */
#define assert_books_balance(server, queue) books_must_balance(server, queue, __FILE__, __LINE__)
struct books books_must_balance(struct redis_server *server, const char *queue, const char *file,
                                int line);

#endif
