/*
 * answer: a line in which a program says what became of its job, or how far it is: one JSON object.
 *
 *   {"id":"...","outcome":"done","result":{"sent":3}}
 *   {"id":"...","outcome":"retry","error":"the printer is on fire","delay":"30s"}
 *   {"id":"...","progress":40}
 *
 * outcome: done, retry (error, delay: not sooner than that), permanent (error), snooze (delay:
 * later, costs no attempt). A delay is a duration like "30s", or a number of milliseconds. A result
 * is any value; a string stands for its bytes, anything else for its JSON text. Keys that are not
 * known are passed over. Child handlers write it to their stdout, exec handlers to file
 * descriptor 3.
 */
#ifndef HANDLER_ANSWER_H
#define HANDLER_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/slice.h"
#include "job/job.h"

enum { ANSWER_WHY_MAX = 256 };

enum answer_kind { ANSWER_OUTCOME, ANSWER_PROGRESS };

struct answer {
    enum answer_kind kind;
    struct slice id;          /* the claim id it is about; ptr NULL: not said */
    enum job_outcome outcome; /* ANSWER_OUTCOME */
    int64_t delay_ms;         /* -1: not said */
    struct slice error;       /* ptr NULL: not said */
    int percent;              /* ANSWER_PROGRESS, 0 to 100 */
    json_t *root;             /* what the slices point into */
};

/* False: `why` says what is wrong with the line, with its beginning; nothing to free. */
bool answer_parse(struct slice line, struct answer *out, char why[ANSWER_WHY_MAX]) MUST_CHECK;
void answer_free(struct answer *answer);

/* ANSWER_OUTCOME: makes it the job's result. */
void answer_settle(const struct answer *answer, struct job *job, uint64_t result_bytes_max);

#endif
