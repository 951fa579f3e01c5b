/*
 * runs: the ledger that the handlers of chaos wrote, read back: one entry for each time that a
 * handler began.
 */
#ifndef CHAOS_RUNS_H
#define CHAOS_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUN_UNENDED = -1 };

struct run {
    const char *launch, *queue, *claim, *payload;
    long delivery, attempt;
    int64_t began_wall_ms;
    int64_t ended_wall_ms; /* 0: it was killed */
    int status;            /* exit status, or RUN_UNENDED */
};

struct runs {
    struct run *run; /* by queue and claim, then by delivery */
    size_t count;
    size_t bad_lines; /* that no handler wrote */
    char *text;
};

bool run_is_same_job(const struct run *a, const struct run *b);

struct runs runs_read(const char *path);
void runs_free(struct runs *runs);

#endif
