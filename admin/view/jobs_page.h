/*
 * jobs_page: a page of jobs while it is being filled; between jobs.c and jobs_held.c.
 */
#ifndef ADMIN_VIEW_JOBS_PAGE_H
#define ADMIN_VIEW_JOBS_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/view/jobs_cursor.h"
#include "admin/view/jobs_item.h"

struct page {
    struct session *session;
    const struct jobs_ask *ask;
    size_t limit;
    struct cursor from;
    json_t *items;
    int64_t total, now_wall_ms;
    char next[JOBS_CURSOR_MAX]; /* empty: this is the end */
    bool is_short;              /* full, or its bytes are enough: what is ahead is only counted */
    bool failed;                /* printed why */
};

/* False: page->failed. */
bool page_add(struct page *page, const struct browse_item *element, int64_t position,
              const char *worker) MUST_CHECK;

/* The jobs that workers hold: by name of the worker, then by tag. False: printed why. */
bool page_add_held(struct page *page) MUST_CHECK;

#endif
