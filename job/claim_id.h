/*
 * claim_id: who a job is. W, the incarnation of a worker, is `host-pid-random64` in hex; a tag is
 * that incarnation's own counter; a claim id is `W:tag`, unique for ever. Pure.
 */
#ifndef JOB_CLAIM_ID_H
#define JOB_CLAIM_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"

enum {
    WORKER_ID_MAX = 96,                /* with terminator; the host part is cut to fit */
    CLAIM_ID_MAX = WORKER_ID_MAX + 21, /* with ':' and 20 digits */
};

/* Bytes of `host` other than letters, digits, '.' and '_' become '_', so that an id is one bare
 * word. */
void worker_id_format(char out[WORKER_ID_MAX], const char *host, int pid, uint64_t random);

/* Returns the length, without terminator. */
size_t claim_id_format(char out[CLAIM_ID_MAX], const char *worker, uint64_t tag);

#endif
