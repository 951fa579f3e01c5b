/*
 * jobs_cursor: where the next page of jobs begins, as a word that fits into an address: letters,
 * digits and `. _ -`. Opaque to those who carry it. Pure.
 *
 *   w50             waiting: 50 were shown          d949          dlq: 949 older ones are left
 *   r1763.5_2       retry, and s scheduled: of what is due at that score 2 were shown
 *   h17_web1-4711-9f86d081884c7d65                  held: up to tag 17 of that worker
 */
#ifndef ADMIN_VIEW_JOBS_CURSOR_H
#define ADMIN_VIEW_JOBS_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/view/jobs.h"
#include "job/claim_id.h"

enum { CURSOR_SCORE_MAX = 40 };

struct cursor {
    bool given;                   /* false: from the beginning; all else is 0 */
    int64_t passed;               /* places; dlq: left; of that score; held: the tag */
    char score[CURSOR_SCORE_MAX]; /* retry, scheduled: a number, as Redis writes it */
    char worker[WORKER_ID_MAX];   /* held */
};

/* NULL and "" are the beginning. False: not a cursor of that state. */
bool cursor_read(const char *text, enum jobs_state state, struct cursor *out) MUST_CHECK;

void cursor_place(char out[JOBS_CURSOR_MAX], enum jobs_state state, int64_t passed);
void cursor_score(char out[JOBS_CURSOR_MAX], enum jobs_state state, const char *score,
                  int64_t passed);
void cursor_held(char out[JOBS_CURSOR_MAX], const char *worker, int64_t tag);

#endif
