/*
 * tracing: the story of sampled jobs, for their spans. job_advance() tells what happens to a job,
 * and when it is gone its story goes to the tracer. Of jobs that are not sampled nothing is kept.
 */
#include <unistd.h>

#include "base/clock.h"
#include "consumer/worker.h"
#include "dlq/verdict.h"

enum { TRACING_END_MS = 2000 }; /* for the last spans to be sent, at the end */

bool tracing_start(struct worker *worker, char error[TRACE_ERROR_MAX])
{
    char instance[WORKER_ID_MAX];

    if (worker->config->traces_endpoint == NULL)
        return true;
    worker_id_format(instance, worker->host, (int)getpid(), worker->incarnation);
    worker->tracer = tracer_new(worker->config, instance, worker->host, error);
    return worker->tracer != NULL;
}

void tracing_end(struct worker *worker)
{
    tracer_free(worker->tracer, TRACING_END_MS);
    worker->tracer = NULL;
}

void tracing_follow(struct worker *worker)
{
    if (worker->tracer != NULL)
        tracer_set_sample(worker->tracer, worker->config->traces_sample_percent);
}

void tracing_take(struct job *job)
{
    job->traces = true;
    job->traced = tracer_begin(job_queue(job)->worker->tracer, &job->trace, job_claim(job),
                               job->record.traceparent);
}

/* --- what became of it --------------------------------------------------------------------- */

static bool has_failed(const struct job *job)
{
    enum job_outcome outcome = job->result.outcome;
    return job->end == JOB_END_RESULT && outcome != JOB_DONE && outcome != JOB_SNOOZE &&
           outcome != JOB_STOPPED;
}

static bool is_buried(const struct job *job)
{
    if (!has_failed(job))
        return false;
    return job->result.outcome == JOB_PERMANENT ||
           (uint64_t)job->record.attempt + 1 >= verdict_attempts_max(job->conf, &job->record);
}

/* Its stopper knew; nobody wrote it down. */
static bool ran_out_of_time(const struct job *job)
{
    return job->timeout_ms > 0 && job->finished_ms - job->started_ms >= job->timeout_ms;
}

static const char *error_type_of(const struct job *job)
{
    if (!has_failed(job))
        return NULL;
    if (job->result.outcome == JOB_PERMANENT)
        return "permanent";
    return ran_out_of_time(job) ? "timeout" : "failed";
}

static void tell_dead(struct trace_visit *visit, enum dlq_reason reason, const char *error_type)
{
    visit->outcome = "dead";
    visit->reason = dlq_reason_name(reason);
    visit->error_type = error_type != NULL ? error_type : visit->reason;
}

static void tell_result(struct trace_visit *visit, const struct job *job)
{
    static const char *const outcomes[JOB_OUTCOME_COUNT] = {
        [JOB_UNKNOWN] = "retry",  [JOB_DONE] = "done",      [JOB_RETRY] = "retry",
        [JOB_PERMANENT] = "dead", [JOB_SNOOZE] = "snoozed", [JOB_STOPPED] = "released",
    };

    visit->outcome = outcomes[job->result.outcome];
    visit->error_type = error_type_of(job);
    if (is_buried(job))
        tell_dead(visit, job->result.outcome == JOB_PERMANENT ? DLQ_PERMANENT : DLQ_RETRIES,
                  visit->error_type);
    trace_visit_text(visit->error, sizeof visit->error, slice_of(job->result.error));
}

static void tell_end(struct trace_visit *visit, const struct job *job)
{
    switch (job->end) {
    case JOB_END_RESULT:
        tell_result(visit, job);
        if (job_is_cancelled(job) && job->result.outcome != JOB_DONE)
            tell_dead(visit, DLQ_CANCELLED, NULL);
        return;
    case JOB_END_CANCELLED:
        tell_dead(visit, DLQ_CANCELLED, NULL);
        return;
    case JOB_END_DUPLICATE:
        visit->outcome = "duplicate";
        return;
    case JOB_END_EXPIRED:
        visit->outcome = "expired";
        return;
    case JOB_END_MALFORMED:
        tell_dead(visit, DLQ_MALFORMED, NULL);
        return;
    case JOB_END_UNSUPPORTED:
        tell_dead(visit, DLQ_UNSUPPORTED, NULL);
        return;
    case JOB_END_OVERSIZE:
        tell_dead(visit, DLQ_OVERSIZE, NULL);
        return;
    case JOB_END_NO_HANDLER:
        tell_dead(visit, DLQ_NO_HANDLER, NULL);
        return;
    case JOB_END_RELEASED:
    case JOB_END_COUNT:
        visit->outcome = "released";
        return;
    }
}

/* Since when it has waited in Redis, as far as its header says. */
static int64_t waits_since_ms(const struct record *record)
{
    if (record->failed_at_wall_ms > record->enqueued_at_wall_ms)
        return record->failed_at_wall_ms;
    return record->enqueued_at_wall_ms;
}

/* --- its story ----------------------------------------------------------------------------- */

static void tell(struct trace_visit *visit, const struct job *job, bool lost, int64_t now_ns)
{
    const struct record *record = &job->record;

    visit->trace = job->trace;
    visit->gone_ns = now_ns;
    visit->waits_since_ms = waits_since_ms(record);
    visit->reason = visit->error_type = NULL;
    visit->attempt = (int64_t)record->attempt + 1;
    visit->delivery = (int64_t)record->deliveries + 1;
    visit->payload_bytes = record->payload.len;
    visit->error[0] = 0;
    trace_visit_text(visit->queue, sizeof visit->queue, slice_of(job->queue));
    trace_visit_text(visit->worker, sizeof visit->worker, slice_of(job_queue(job)->id));
    trace_visit_text(visit->claim, sizeof visit->claim, job_claim(job));
    trace_visit_text(visit->id, sizeof visit->id, record->id);
    trace_visit_text(visit->type, sizeof visit->type, record->type);
    if (lost)
        visit->outcome = visit->error_type = "lost";
    else
        tell_end(visit, job);
}

static void record_visit(struct job *job, enum job_state from, enum job_event event, int64_t now_ns)
{
    struct tracer *tracer = job_queue(job)->worker->tracer;
    struct trace_visit *visit = tracer_claim(tracer);

    if (visit == NULL)
        return;
    tell(visit, job, from == JOB_STATE_LOST || event != JOB_EV_SETTLED, now_ns);
    tracer_put(tracer);
}

static void set_once(int64_t *at_ns, int64_t now_ns)
{
    if (*at_ns == 0)
        *at_ns = now_ns;
}

void tracing_note(struct job *job, enum job_state from, enum job_event event)
{
    int64_t now_ns = clock_mono_ns();

    if (lifecycle_next(from, event) == JOB_STATE_GONE)
        record_visit(job, from, event, now_ns);
    else if (event == JOB_EV_CLAIM)
        set_once(&job->trace.claim_ns, now_ns);
    else if (event == JOB_EV_DISPATCH || event == JOB_EV_DECIDE)
        set_once(&job->trace.claimed_ns, now_ns);
    else if (event == JOB_EV_SEND)
        set_once(&job->trace.settle_ns, now_ns);
}
