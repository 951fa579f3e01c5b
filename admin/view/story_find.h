/*
 * story_find: where in a queue is the job with this id? The id is a claim id, or the one that the
 * producer gave, or that of an unreadable dead letter.
 *
 * There is no index, so this looks at everything, some hundred jobs in a call: what is held first,
 * then what comes back, is due, is dead, waits; then once more where a job may have moved to
 * meanwhile. Each list is walked against the direction in which others move jobs in it, and sorted
 * sets with an overlap, so that a job which stays in one place is found however busy the queue is.
 * Whoever has no time asks for some steps and goes on later with story_find_cursor().
 */
#ifndef ADMIN_VIEW_STORY_FIND_H
#define ADMIN_VIEW_STORY_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/session.h"
#include "admin/view/browse.h"
#include "base/buf.h"
#include "base/check.h"

enum {
    STORY_ID_MAX = 512,
    STORY_CURSOR_MAX = 64,
    STORY_PAYLOAD_MAX = 256 * 1024, /* of a larger one only the beginning leaves Redis */
};

/* Where it was found. */
struct story_place {
    enum queue_key key; /* KEY_COUNT: held */
    char worker[WORKER_ID_MAX];
    uint64_t tag;  /* held: under which it is */
    int64_t index; /* from the left; a rank */
    int64_t size;  /* of that list or set */
    int64_t due_wall_ms;
    struct buf bytes; /* the element, or its beginning */
    int64_t len;      /* of the element */
};

struct story_find {
    struct session *session;
    struct slice id, needle; /* the longest part of it that stands in a header as it is */
    size_t step;
    int64_t offset;
    int64_t looked; /* at so many jobs; some twice */
};

enum story_found { STORY_FOUND = 1, STORY_MORE, STORY_NOWHERE, STORY_FIND_FAILED };

/* `id` is borrowed. `cursor`: NULL, or where a search for the same id stopped. False: it is none.
 */
bool story_find_start(struct story_find *find, struct session *session, struct slice id,
                      const char *cursor) MUST_CHECK;

/* One call of Redis, or some where the job may be held. FOUND: `place` is filled, its bytes yours.
 * FAILED: printed why. */
enum story_found story_find_step(struct story_find *find, struct story_place *place) MUST_CHECK;

void story_find_cursor(const struct story_find *find, char out[STORY_CURSOR_MAX]);

#endif
