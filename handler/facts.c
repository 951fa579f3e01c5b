#include "handler/facts.h"

#include <string.h>

#include "base/clock.h"

static struct slice usable(struct slice text)
{
    if (text.ptr != NULL && memchr(text.ptr, 0, text.len) != NULL)
        return (struct slice){NULL, 0};
    return text;
}

struct facts facts_of(const struct task *task)
{
    const struct job *job = task->job;
    const struct record *record = &job->record;
    int64_t deadline_ms = task->stopper->deadline_ms;
    struct facts facts = {
        .id = usable(record->id),
        .claim = slice_of(job->claim),
        .queue = slice_of(job->queue),
        .type = usable(record->type),
        .traceparent = usable(record->traceparent),
        .attempt = (int64_t)record->attempt + 1,
        .delivery = (int64_t)record->deliveries + 1,
        .payload = record->payload,
    };
    if (facts.id.ptr == NULL)
        facts.id = facts.claim;
    if (deadline_ms != 0)
        facts.deadline_wall_ms = clock_wall_ms() + deadline_ms - clock_mono_ms();
    return facts;
}
