/*
 * story: one job: where it is and why, what happens next and when, and what one can do. For
 * `navvy explain` and the API.
 *
 *   story_find   looks for it             story_facts  asks for all that bears on it
 *   story_words  says it in sentences     story_json   as an object for programs
 */
#ifndef ADMIN_VIEW_STORY_H
#define ADMIN_VIEW_STORY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/session.h"
#include "admin/view/story_find.h"
#include "base/check.h"

enum { STORY_SHOWN_DEFAULT = 64 * 1024 };

struct story_ask {
    const char *queue;  /* session->keys are its */
    struct slice id;    /* 1 to STORY_ID_MAX bytes */
    const char *cursor; /* where a search stopped, or found it; NULL: from the beginning */
    int64_t budget_ms;  /* for the search; less than 0: until its end */
    size_t payload_max; /* bytes of the payload in the answer, STORY_PAYLOAD_MAX at most */
    void (*on_step)(int64_t looked, void *arg); /* now and then in the search; NULL: nobody cares */
    void *arg;
};

enum story_end {
    STORY_TOLD = 1,
    STORY_UNKNOWN,    /* no such job; `out` says what that may mean */
    STORY_SEARCHING,  /* the budget is used up; `out` has the cursor to go on with */
    STORY_BAD_CURSOR, /* nothing in `out` */
    STORY_FAILED,     /* printed why; nothing in `out` */
};

/*
 * {id, queue, at_ms, state, where, position, explain, next, commands, header, payload, ...}: see
 * docs/api.md; yours. State is waiting, held, retry, scheduled or dlq; done, duplicate, expired or
 * dead if its result is all there is; searching; unknown.
 */
enum story_end story_tell(struct session *session, const struct story_ask *ask,
                          json_t **out) MUST_CHECK;

#endif
