/*
 * windows: where Redis keeps fingerprints with `idempotency.store: windows`. Pure.
 *
 * A SET with a TTL for each job costs Redis two dictionary entries of the database and a timer. So
 * here time is cut into windows, n = floor(ms since 1970 / length), each with one hash: 32 raw
 * bytes -> "<end in ms> <claim id>". An entry stands in the window that it ENDS in, so
 *   - at any time the entries that count are in this window and the next one, because a window is
 *     longer than the TTL: two look-ups, whatever the time is;
 *   - a window that is over holds nothing that counts, and goes as a whole, by UNLINK;
 *   - each entry has its own end, to the ms: the TTL means what it means with a key each.
 * What ends later than that (extended by a long wait before a retry) stands in one more hash,
 * `far`, which is looked at only if it is there. A window is an eighth longer than the TTL, so that
 * usual waits do not get there, and a clock of Redis that is set back by that much hides nothing.
 *
 * All are chosen by Redis's clock, inside the scripts. They are given the keys by somebody whose
 * clock is near it: this window by his clock, the one after it, because it may have begun
 * meanwhile, and the one after that, to write into.
 *
 * How long a window is must be the same for all workers, also while the TTL is changed: it stands
 * in the queue's meta, as "<length> <length before> <until>". Windows of the length before are
 * looked into until they are over, and before that it does not change again. Scripts refuse a
 * caller that believes otherwise.
 */
#ifndef IDEMPOTENCY_WINDOWS_H
#define IDEMPOTENCY_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"
#include "redis/keys.h"

enum {
    WINDOWS_TEXT_MAX = 64,
    WINDOW_LENGTH_MS_MIN = 1000,
    WINDOWS_AHEAD = 3, /* this one, and what a script may need of the next ones */
    WINDOWS_KEYS = 1 + 2 * WINDOWS_AHEAD,
};

/* The agreement. */
struct windows {
    int64_t length_ms;           /* 0: there is none yet */
    int64_t old_length_ms;       /* 0: there was no other */
    int64_t until_wall_ms;       /* when the last of that length is over */
    char text[WINDOWS_TEXT_MAX]; /* as it stands in Redis */
};

/* Where fingerprints may stand around some time. */
struct windows_keys {
    char name[WINDOWS_KEYS][KEY_MAX]; /* far, those of this length, those of the length before */
    size_t len[WINDOWS_KEYS];
    int64_t first, old_first; /* numbers */
};

/* An empty text is an agreement that there is none. False: it is nothing of ours. */
bool windows_parse(struct slice text, struct windows *out) MUST_CHECK;

/* How long windows should be for this TTL; 0 for 0, which wants none. */
int64_t windows_length_ms(int64_t ttl_ms);

/* Without a length before, the keys of it are `far`, too. */
void windows_keys(const struct windows *windows, const struct queue_keys *keys, int64_t now_wall_ms,
                  struct windows_keys *out);

/* When the first of the windows that count now is over. */
int64_t windows_next_ms(const struct windows *windows, int64_t now_wall_ms);

/* "<end in ms> <claim id>" in its parts. False: it is none. */
bool windows_entry(struct slice entry, int64_t *end_wall_ms, struct slice *claim) MUST_CHECK;

#endif
