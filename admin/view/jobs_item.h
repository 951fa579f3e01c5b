/*
 * jobs_item: one job of a page as JSON. Pure.
 */
#ifndef ADMIN_VIEW_JOBS_ITEM_H
#define ADMIN_VIEW_JOBS_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/view/browse.h"
#include "admin/view/jobs.h"

struct jobs_item {
    enum jobs_state state;
    int64_t position;   /* waiting: so many are taken before it; dlq: so many are newer */
    const char *worker; /* held: by whom; else NULL */
    size_t preview;
    const struct browse_item *element;
};

json_t *jobs_item_json(const struct jobs_item *item); /* NULL: no memory */

/*
 * At most `max` bytes of a payload's beginning; ptr is not NULL. Where something is cut off, a
 * character that would be a part of itself is left out, so that text stays text.
 */
struct slice preview_of(struct slice payload, size_t max, bool is_whole);

/* Milliseconds since 1970 of a score, as near as an integer comes. */
int64_t score_ms(struct slice score);

#endif
