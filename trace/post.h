/*
 * post: one request to the collector at a time, on a kept connection, by libcurl. It ends by its
 * timeout whatever the other side does, and at once when it is told to stop; of the answer 64 KiB
 * are read at most.
 *
 * What an answer means stands in the OTLP specification: 429, 502, 503 and 504, and no answer at
 * all, may be tried again; everything else that is not 2xx is for good.
 */
#ifndef TRACE_POST_H
#define TRACE_POST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace_conf.h"

enum post_end {
    POST_TAKEN,   /* perhaps not all of it: `rejected` */
    POST_AGAIN,   /* may succeed later */
    POST_REFUSED, /* never will */
};

enum { POST_WHY_MAX = 256 };

struct post_answer {
    enum post_end end;
    int64_t retry_after_ms; /* POST_AGAIN: as the collector wants; -1: it did not say */
    int64_t rejected;       /* POST_TAKEN: spans that it did not want */
    char why[POST_WHY_MAX]; /* printable; "" if there is nothing to say */
};

struct post;

/* NULL: `error`. Once curl_global_init() was called. */
struct post *post_new(const struct config *config, char error[TRACE_ERROR_MAX]) MUST_CHECK;
void post_free(struct post *post); /* NULL is fine */

/* Until it is answered, limit_ms is over, or `*stop` is true after something came to stop_fd. */
void post_send(struct post *post, const char *text, size_t len, int64_t limit_ms, int stop_fd,
               const _Atomic bool *stop, struct post_answer *answer);

/* Retry-After of RFC 9110: seconds, or a date; ms from now, 0 at least, -1: it is neither. */
int64_t post_retry_after_ms(const char *value, int64_t now_wall_ms);

/* How long to wait before the next try: from 1 s up to 30 s, doubled with each of `tries` that
 * failed, spread over half of it by `random`; never less than the collector wants, which counts up
 * to two minutes. */
int64_t post_delay_ms(uint32_t tries, int64_t retry_after_ms, uint64_t random);

#endif
