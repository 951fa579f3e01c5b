/*
 * dlq_walk: through a dead-letter queue of any length, some elements at a time, while others change
 * it.
 *
 * Positions are counted from the oldest end (LRANGE with negative indexes), because new ones come
 * at the other end. OLDEST_FIRST: what was passed and stays is `kept`; the next element is at
 * -(kept + 1). Whoever removes elements behind us shifts what is ahead, so each read takes one
 * element of the last one along, and if that is not the same as before, the walk steps back some
 * way and is `disturbed`: a second pass may find what the first one missed. What came after the
 * walk began is not visited. NEWEST_FIRST is for looking: what others remove may make it show an
 * element twice.
 *
 *   newest  [ ... | not yet read | kept ... ]  oldest
 *                                '-- anchor: the last element that was passed
 *
 * Borrows the client and the keys. An element is borrowed until the next dlq_walk_next().
 */
#ifndef ADMIN_DLQ_WALK_H
#define ADMIN_DLQ_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/pace.h"
#include "base/check.h"
#include "base/slice.h"
#include "redis/client.h"
#include "redis/keys.h"

enum dlq_order { DLQ_OLDEST_FIRST = 1, DLQ_NEWEST_FIRST };

struct dlq_walk {
    struct client *client;
    const struct queue_keys *keys;
    enum dlq_order order;
    struct pace pace;
    size_t total; /* elements when the walk began */
    size_t left;  /* elements still to visit */
    size_t kept;  /* OLDEST_FIRST: elements behind us, nearer to the oldest end */
    bool disturbed;

    uint64_t anchor; /* hash of the last element that was passed; 0: none */
    uint64_t end;    /* hash of the newest element when the walk began; 0: none */

    struct reply *reply;
    size_t count;   /* elements to visit: all of the reply, or all but the anchor at its end */
    size_t put_off; /* OLDEST_FIRST: newest of the reply that are not visited now */
    bool gone[PACE_ITEMS_MAX];
};

enum dlq_step { DLQ_STEP_SOME = 1, DLQ_STEP_END, DLQ_STEP_FAILED };

/* Asks for the length. False: printed why. */
bool dlq_walk_start(struct dlq_walk *walk, struct client *client, const struct queue_keys *keys,
                    enum dlq_order order) MUST_CHECK;

/* Passes over this many of the newest without reading them; NEWEST_FIRST, before the first step. */
void dlq_walk_skip(struct dlq_walk *walk, size_t count);

/* Read the next elements: walk->count of them. FAILED: printed why. */
enum dlq_step dlq_walk_next(struct dlq_walk *walk) MUST_CHECK;

/* OLDEST_FIRST: only the first `count` of them are visited now; the next step begins behind these.
 */
void dlq_walk_cut(struct dlq_walk *walk, size_t count);

/* The i-th of them, in the order of the walk. */
struct slice dlq_walk_at(const struct dlq_walk *walk, size_t i);

/* OLDEST_FIRST: its place in the list, 1 for the oldest, if nobody but us took any out since. */
size_t dlq_walk_place(const struct dlq_walk *walk, size_t i);

/* The i-th is not in the list any more; in the order of the walk. */
void dlq_walk_gone(struct dlq_walk *walk, size_t i);
bool dlq_walk_is_gone(const struct dlq_walk *walk, size_t i);
/* One was not at its place: others took some out since they were read. Behind the last read there
 * is none that would see it. */
void dlq_walk_missed(struct dlq_walk *walk);

/* Elements of `total` that the walk is through with. */
size_t dlq_walk_visited(const struct dlq_walk *walk);

/* From which end dlq_move and dlq_drop find what was just read sooner: "tail" or "head". */
const char *dlq_walk_side(const struct dlq_walk *walk);

/* OLDEST_FIRST, after END: go through what was kept once more, because others disturbed us. */
void dlq_walk_again(struct dlq_walk *walk);

void dlq_walk_end(struct dlq_walk *walk);

#endif
