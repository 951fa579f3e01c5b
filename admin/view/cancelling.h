/*
 * cancelling: which job is meant, and can it be cancelled? For `navvy cancel` and the API.
 */
#ifndef ADMIN_VIEW_CANCELLING_H
#define ADMIN_VIEW_CANCELLING_H

#include "admin/session.h"
#include "base/check.h"
#include "job/claim_id.h"

enum { CANCELLING_WORDS_MAX = 256, CANCELLING_SEARCH_MS = 1000 };

enum cancelling_end {
    CANCELLING_HELD = 1, /* a worker has it */
    CANCELLING_COMES,    /* it is between two runs: it will be cancelled when it is taken soon */
    CANCELLING_UNSURE,   /* there was no time to look at all jobs; `id` may be its claim id */
    CANCELLING_OVER,     /* it does not run, and will not: `words` say where it is */
    CANCELLING_UNKNOWN,  /* no such job */
    CANCELLING_FAILED,   /* printed why */
};

struct cancelling {
    char claim[CLAIM_ID_MAX];         /* HELD, COMES, UNSURE */
    char words[CANCELLING_WORDS_MAX]; /* where it is, a sentence; "" */
};

/* `id`: the claim id, or the one that the producer gave. session->keys are the queue's. */
enum cancelling_end cancelling_look(struct session *session, const char *queue, const char *id,
                                    struct cancelling *out) MUST_CHECK;

#endif
