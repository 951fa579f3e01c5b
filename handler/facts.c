#include "handler/facts.h"

#include <string.h>

#include "base/clock.h"

static struct slice usable(struct slice text)
{
    if (text.ptr != NULL && memchr(text.ptr, 0, text.len) != NULL)
        return (struct slice){NULL, 0};
    return text;
}

/* Which trace the handler of a job that is not sampled is told. False: not its producer's. */
static bool unsampled(const struct job *job, struct trace_context *out)
{
    struct slice given = job->record.traceparent;
    bool has_parent = given.ptr != NULL && traceparent_parse(given, out);

    if (!has_parent)
        trace_of_claim(slice_of(job->claim), out);
    out->span = trace_span_id(out->trace_low, (uint64_t)job->record.deliveries + 1);
    out->sampled = false;
    return has_parent;
}

/* With traces on, what the handler does hangs below navvy's span, and a tracestate counts only
 * beside a traceparent that can be read. Else both go on as they came. */
static void add_trace(struct facts *facts, struct job *job)
{
    struct slice state = usable(job->record.tracestate);
    struct trace_context own = job->trace.own;
    bool has_parent = job->trace.parent != 0;

    if (!job->traces) {
        facts->traceparent = usable(job->record.traceparent);
        has_parent = true;
    } else {
        if (!job->traced)
            has_parent = unsampled(job, &own);
        facts->traceparent = slice_of(traceparent_format(&own, job->trace.text));
    }
    if (state.ptr != NULL && tracestate_fits(state) && has_parent)
        facts->tracestate = state;
}

struct facts facts_but_deadline(const struct task *task)
{
    struct job *job = task->job;
    const struct record *record = &job->record;
    struct facts facts = {
        .id = usable(record->id),
        .claim = slice_of(job->claim),
        .queue = slice_of(job->queue),
        .type = usable(record->type),
        .attempt = (int64_t)record->attempt + 1,
        .delivery = (int64_t)record->deliveries + 1,
        .payload = record->payload,
    };
    add_trace(&facts, job);
    if (facts.id.ptr == NULL)
        facts.id = facts.claim;
    return facts;
}

int64_t facts_deadline_wall_ms(const struct task *task)
{
    int64_t deadline_ms = task->stopper->deadline_ms;
    return deadline_ms != 0 ? clock_wall_ms() + deadline_ms - clock_mono_ms() : 0;
}

struct facts facts_of(const struct task *task)
{
    struct facts facts = facts_but_deadline(task);
    facts.deadline_wall_ms = facts_deadline_wall_ms(task);
    return facts;
}
