/*
 * dead_letters: dead jobs for a test, as a worker would have left them. The books know them: they
 * count as taken.
 */
#ifndef SUPPORT_DEAD_LETTERS_H
#define SUPPORT_DEAD_LETTERS_H

#include "base/slice.h"
#include "tests/support/redis_server.h"

#define DEAD_LETTER_WORKER "web-1-4711-9f86d081884c7d65"

/* One, claim id DEAD_LETTER_WORKER:number, with this payload; failed `age_ms` ago. */
void dead_letter_push(struct redis_server *server, const char *queue, int number,
                      const char *reason, const char *error, struct slice payload, int64_t age_ms);

/*
 * Numbers 0 to count - 1, payload "job N", reason retries, permanent or poison by turns, error
 * "exit status N%5", N = count - 1 the newest.
 */
void dead_letters_fill(struct redis_server *server, const char *queue, int count);

/* Fails the test unless one of the queue's dead letters has `text` in it. */
#define assert_dead_letter(server, queue, text)                                                    \
    dead_letters_must_have(server, queue, text, __FILE__, __LINE__)
void dead_letters_must_have(struct redis_server *server, const char *queue, const char *text,
                            const char *file, int line);

#endif
