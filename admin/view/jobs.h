/*
 * jobs: the jobs of a queue in one state, a page at a time, for `navvy jobs` and the API. The first
 * page of a million is as quick as that of ten: nothing is walked over, and of large payloads only
 * the beginning leaves Redis.
 *
 *   waiting    next in line first: ready, then stage, then the list itself; a cursor is a place in
 *              that line, so jobs that were taken meanwhile make the next page pass over as many
 *   held       by worker, and in the order in which it took them
 *   retry,     what is due first first; a cursor is a due time, so nothing is shown twice or missed
 *   scheduled
 *   dlq        newest first; a cursor counts from the oldest, so new ones change nothing
 */
#ifndef ADMIN_VIEW_JOBS_H
#define ADMIN_VIEW_JOBS_H

#include <jansson.h>
#include <stddef.h>

#include "admin/session.h"
#include "base/check.h"

#define JOBS_STATES(X)                                                                             \
    X(WAITING, "waiting")                                                                          \
    X(HELD, "held")                                                                                \
    X(RETRY, "retry")                                                                              \
    X(SCHEDULED, "scheduled")                                                                      \
    X(DLQ, "dlq")

#define JOBS_ENUM_STATE(id, name) JOBS_##id,
enum jobs_state { JOBS_NONE, JOBS_STATES(JOBS_ENUM_STATE) JOBS_STATE_COUNT };

enum jobs_state jobs_state_of(const char *name); /* JOBS_NONE: there is none of that name */
const char *jobs_state_name(enum jobs_state state);

enum {
    JOBS_LIMIT_DEFAULT = 50,
    JOBS_LIMIT_MAX = 500,
    JOBS_PREVIEW_DEFAULT = 200,
    JOBS_PREVIEW_MAX = 64 * 1024,
    JOBS_CURSOR_MAX = 160,
};

struct jobs_ask {
    enum jobs_state state;
    const char *cursor; /* `next` of the page before; NULL or empty: from the beginning */
    size_t limit;       /* 1 to JOBS_LIMIT_MAX */
    size_t preview;     /* bytes of each payload, JOBS_PREVIEW_MAX at most */
};

enum jobs_end { JOBS_PAGE = 1, JOBS_BAD_CURSOR, JOBS_FAILED };

/*
 * {state, at_ms, total, items, next}; yours. An item has id, position, producer_id, type, key,
 * attempt, deliveries, due_ms, enqueued_at_ms, failed_at_ms, error, reason, worker, size (of the
 * payload) and preview; what is not there is null, what is not UTF-8 has _base64 behind its name.
 * `next` is null at the end. A page may have fewer items than asked for if they are large.
 * JOBS_FAILED: printed why.
 */
enum jobs_end jobs_page(struct session *session, const struct jobs_ask *ask,
                        json_t **out) MUST_CHECK;

#endif
