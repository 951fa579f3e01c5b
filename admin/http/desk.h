/*
 * desk: where requests that need Redis are answered, one after the other, by a few threads with a
 * connection each. The loop puts errands in and gets them back when they are done; a bounded queue
 * between, so that a slow Redis makes askers wait or go (503), and the loop never.
 *
 * An errand has one owner at any instant: the loop, the queue, a desk thread, the finished list.
 */
#ifndef ADMIN_HTTP_DESK_H
#define ADMIN_HTTP_DESK_H

#include <stdbool.h>

#include "admin/http/errand.h"

enum {
    DESK_THREADS = 2,
    DESK_WAITING_MAX = 64,    /* errands in the queue; more are refused */
    DESK_WAIT_MS_MAX = 10000, /* who has waited for longer is refused, too */
};

struct desk;

/* Takes `config` and starts the threads; NULL: no memory or threads. The loop's thread, as are all
 * below. */
struct desk *desk_new(struct config *config) MUST_CHECK;

/* Takes the errand; false: the queue is full, it is still the caller's. */
bool desk_put(struct desk *desk, struct errand *errand) MUST_CHECK;

/* Readable when something is finished. */
int desk_fd(const struct desk *desk);
/* All that is finished, as a list, the caller's; NULL: nothing. */
struct errand *desk_finished(struct desk *desk);

/* Takes `config`, for errands that begin after this; the one before is freed when nobody works with
 * it any more. False: no memory, and it is freed. */
bool desk_config(struct desk *desk, struct config *config) MUST_CHECK;

/* What was not begun is dropped, what runs may end within limit_ms. False: a thread is still at
 * work, and what it needs must stay. */
bool desk_free(struct desk *desk, int64_t limit_ms) MUST_CHECK;

#endif
