/*
 * exec_said: what a program says while it runs, as its bytes come: the end of its stderr, its
 * answers, and its stdout where that is to be the result. However much it is, what is kept has a
 * bound; the rest is read and forgotten, so that nobody who writes has to wait.
 */
#ifndef HANDLER_EXEC_SAID_H
#define HANDLER_EXEC_SAID_H

#include "base/buf.h"
#include "handler/answer.h"
#include "handler/handler.h"
#include "handler/stderr_log.h"

enum { SAID_WHY_MAX = ANSWER_WHY_MAX + 64 };

struct said {
    struct job *job;
    uint64_t answer_bytes_max;
    struct stderr_log errors;
    struct buf line; /* an answer whose end has not come */
    bool answered;
    struct answer answer;   /* if answered */
    char why[SAID_WHY_MAX]; /* what is wrong with what it answered; "": nothing so far */
    struct buf output;
    size_t output_bytes; /* that it wrote; more than `output` holds if that was too much */
};

void said_init(struct said *said, const struct task *task);
void said_free(struct said *said);

/* Each line goes to the log (debug), too. */
void said_errors(struct said *said, const char *bytes, size_t len);
/* Progress goes to the job at once. */
void said_answers(struct said *said, const char *bytes, size_t len);
void said_output(struct said *said, const char *bytes, size_t len);

/* Nothing more will come: an answer needs no line feed at its end. */
void said_end(struct said *said);

#endif
