/*
 * story: visits as a worker would have told them, for tests.
 */
#ifndef TESTS_UNIT_TRACE_STORY_H
#define TESTS_UNIT_TRACE_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/visit.h"

/* Done at once, with everything that a header can say. */
static inline struct trace_visit story_done(void)
{
    struct trace_visit visit = {
        .trace = {.own = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0x1111111111111111, true},
                  .parent = 0x00f067aa0ba902b7,
                  .taken_ns = 2000000000,
                  .claim_ns = 2001000000,
                  .claimed_ns = 2002000000,
                  .began_ns = 2003000000,
                  .ended_ns = 2004000000,
                  .settle_ns = 2005000000},
        .gone_ns = 2006000000,
        .waits_since_ms = 1001000,
        .outcome = "done",
        .attempt = 1,
        .delivery = 1,
        .payload_bytes = 5,
        .queue = "email",
        .worker = "web1-4711-00000000000000ff",
        .claim = "web1-4711-00000000000000ff:17",
        .id = "order-7",
        .type = "mail",
    };
    return visit;
}

/* Failed, without a producer's context, header or fingerprint. */
static inline struct trace_visit story_dead(void)
{
    struct trace_visit visit = {
        .trace = {.own = {0x0123456789abcdef, 0xfedcba9876543210, 0x2222222222222222, true},
                  .taken_ns = 3000000000,
                  .claimed_ns = 3000000001,
                  .began_ns = 3000000002,
                  .ended_ns = 3000000003,
                  .settle_ns = 3000000004},
        .gone_ns = 3000000005,
        .outcome = "dead",
        .error_type = "failed",
        .reason = "retries",
        .attempt = 10,
        .delivery = 11,
        .payload_bytes = 0,
        .queue = "email",
        .worker = "web1-4711-00000000000000ff",
        .claim = "web1-4711-00000000000000ff:18",
        .error = "exit status 75: \"no\"\n\xff",
    };
    return visit;
}

#endif
