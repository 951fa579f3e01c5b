/*
 * progress: how far a long command is, on stderr, at a terminal only, after half a second.
 */
#ifndef ADMIN_PROGRESS_H
#define ADMIN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool enabled; /* stderr is a terminal */
    bool shown;
    uint64_t total; /* of what `done` counts; 0: not known */
    int64_t started_ms, next_ms;
};

/* `total` in the unit of `done`, 0: not known. */
void progress_init(struct progress *progress, uint64_t total);

/* Cheap enough for every batch: draws ten times a second. `jobs` is what the line counts. */
void progress_show(struct progress *progress, uint64_t done, uint64_t jobs);

/* For one thing that is `percent` done: -1: not known. `what` is the line's text. */
void progress_show_percent(struct progress *progress, int percent, const char *what);

/* Removes the line, if there is one. */
void progress_fini(struct progress *progress);

#endif
