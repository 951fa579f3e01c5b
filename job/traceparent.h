/*
 * traceparent: where a job stands in a distributed trace: W3C Trace Context,
 * https://www.w3.org/TR/trace-context/, `00-<trace id>-<span id>-<flags>`. Pure.
 */
#ifndef JOB_TRACEPARENT_H
#define JOB_TRACEPARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"

enum {
    TRACEPARENT_LEN = 55,
    TRACESTATE_MAX = 512, /* bytes that are handed on; longer ones are left out as a whole */
};

struct trace_context {
    uint64_t trace_high, trace_low; /* the trace id's halves; not both 0 */
    uint64_t span;                  /* not 0 */
    bool sampled;
};

/* Strict: lower case, lengths, no zero ids, not version ff. A later version than 00 may have more
 * behind its flags. False: `out` is as it was; the trace begins anew then, says the standard. */
bool traceparent_parse(struct slice text, struct trace_context *out) MUST_CHECK;

/* Version 00. Returns `out`. */
const char *traceparent_format(const struct trace_context *context, char out[TRACEPARENT_LEN + 1]);

/* May a tracestate be handed on as it is? Printable ASCII and tabs, 1 to TRACESTATE_MAX bytes;
 * what stands in it is nobody's business here. */
bool tracestate_fits(struct slice text);

/* The trace of a job that its producer put into none: the same for each of its deliveries, on
 * whatever worker, because it is made of the claim id. */
void trace_of_claim(struct slice claim, struct trace_context *out);

/* Its second half alone, by which it is sampled: less work for a job that is not. */
uint64_t trace_low_of_claim(struct slice claim);

/* A span id: never 0, never twice for the same `seed` and another `number`. */
uint64_t trace_span_id(uint64_t seed, uint64_t number);

/* Of all traces, is this one among the `ratio` (0 to 1) that are looked at? By its id alone, so all
 * deliveries and all workers agree; as the TraceIdRatioBased sampler of the SDKs decides. */
bool trace_is_sampled(uint64_t trace_low, double ratio);

#endif
