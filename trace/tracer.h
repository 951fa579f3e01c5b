/*
 * tracer: traces as the worker's loop knows them: which deliveries are looked at, and where their
 * story goes when they are over. It is there only if traces.endpoint is set; all but tracer_stats()
 * is the loop thread's.
 *
 *   loop: tracer_begin at the take ... trace_visit into a bounded ring --> sender thread --> OTLP
 *
 * A producer's traceparent decides whether its job is sampled; without one, traces.sample does, by
 * a trace id that is made of the claim id. A job that is not sampled costs a hash, nothing is
 * written or timed; and none ever waits.
 */
#ifndef TRACE_TRACER_H
#define TRACE_TRACER_H

#include "config/config.h"
#include "trace/trace_conf.h"
#include "trace/visit.h"

struct tracer;

struct tracer_stats {
    uint64_t sent, lost, dropped; /* visits: at the collector; not; the ring was full */
};

/* `instance` names this worker process. NULL: `error` says why. */
struct tracer *tracer_new(const struct config *config, const char *instance, const char *host,
                          char error[TRACE_ERROR_MAX]) MUST_CHECK;
/* Sends what there is, for limit_ms at most. NULL is fine. */
void tracer_free(struct tracer *tracer, int64_t limit_ms);

void tracer_set_sample(struct tracer *tracer, double percent);

/* A delivery begins. True: it is sampled, and `trace` is filled in; else nothing is written. */
bool tracer_begin(struct tracer *tracer, struct job_trace *trace, struct slice claim,
                  struct slice traceparent);

/* It is over: room for its story, to be filled in whole and then put. NULL: none, it is dropped. */
struct trace_visit *tracer_claim(struct tracer *tracer);
void tracer_put(struct tracer *tracer);

struct tracer_stats tracer_stats(const struct tracer *tracer);

#endif
