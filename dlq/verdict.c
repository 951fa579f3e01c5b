#include "dlq/verdict.h"

#include "dlq/backoff.h"

#define DLQ_REASON_NAME(id, name) [DLQ_##id] = name,

const char *dlq_reason_name(enum dlq_reason reason)
{
    static const char *const names[] = {[DLQ_REASON_NONE] = "", DLQ_REASONS(DLQ_REASON_NAME)};
    CHECK(reason < DLQ_REASON_COUNT);
    return names[reason];
}

/* A header may claim any number: it stays at the largest then. */
static void count_up(uint32_t *count)
{
    *count += *count < UINT32_MAX;
}

/* What every delivery leaves in the header: who the job is, and one delivery more. */
static struct record_stamp stamp_delivery(const struct record *record, struct slice claim)
{
    struct record_stamp stamp = record_stamp_of(record);
    stamp.claim = claim;
    count_up(&stamp.deliveries);
    stamp.reason = (struct slice){0};
    return stamp;
}

static struct verdict bury(struct record_stamp stamp, enum dlq_reason reason, int64_t now_wall_ms)
{
    stamp.reason = slice_of(dlq_reason_name(reason));
    stamp.failed_at_wall_ms = now_wall_ms;
    stamp.canary = (struct slice){0};
    return (struct verdict){.to = VERDICT_DLQ, .reason = reason, .stamp = stamp};
}

uint32_t verdict_attempts_max(const struct queue_conf *queue, const struct record *record)
{
    return record->max_attempts > 0 ? record->max_attempts : queue->retry.max_attempts;
}

static struct verdict after_failure(const struct queue_conf *queue, const struct job *job,
                                    struct record_stamp stamp, int64_t now_wall_ms, uint64_t random)
{
    const struct job_result *result = &job->result;

    count_up(&stamp.attempt);
    stamp.failed_at_wall_ms = now_wall_ms;
    stamp.error = slice_of(result->error != NULL ? result->error : "failed without a word");
    stamp.canary = (struct slice){0}; /* that was it */
    if (result->outcome == JOB_PERMANENT)
        return bury(stamp, DLQ_PERMANENT, now_wall_ms);
    if (stamp.attempt >= verdict_attempts_max(queue, &job->record))
        return bury(stamp, DLQ_RETRIES, now_wall_ms);
    int64_t delay_ms = result->delay_ms >= 0
                           ? backoff_asked_ms(&queue->retry, result->delay_ms, random)
                           : backoff_delay_ms(&queue->retry, stamp.attempt, random);
    return (struct verdict){.to = VERDICT_RETRY, .delay_ms = delay_ms, .stamp = stamp};
}

struct verdict verdict_after_run(const struct queue_conf *queue, const struct job *job,
                                 int64_t now_wall_ms, uint64_t random)
{
    struct record_stamp stamp = stamp_delivery(&job->record, slice_of(job->claim));
    int64_t asked_ms = job->result.delay_ms > 0 ? job->result.delay_ms : 0;

    stamp.recoveries = stamp.crashes = 0; /* here is a verdict */
    if (job->result.outcome != JOB_DONE && atomic_load(&job->stop) == JOB_STOP_CANCELLED) {
        stamp.error =
            slice_of(job->result.error != NULL ? job->result.error : "cancelled while it ran");
        return bury(stamp, DLQ_CANCELLED, now_wall_ms);
    }
    switch (job->result.outcome) {
    case JOB_DONE:
        return (struct verdict){.to = VERDICT_DONE, .stamp = stamp};
    case JOB_SNOOZE:
        return (struct verdict){.to = VERDICT_RETRY,
                                .delay_ms = backoff_asked_ms(&queue->retry, asked_ms, random),
                                .stamp = stamp};
    case JOB_STOPPED: /* nobody's fault */
        stamp.recoveries = job->record.recoveries;
        stamp.crashes = job->record.crashes;
        return (struct verdict){.to = VERDICT_READY, .stamp = stamp};
    case JOB_UNKNOWN:
    case JOB_RETRY:
    case JOB_PERMANENT:
    case JOB_OUTCOME_COUNT:
        break;
    }
    return after_failure(queue, job, stamp, now_wall_ms, random);
}

struct verdict verdict_after_death(const struct record *record, struct slice claim,
                                   const char *crash, int64_t now_wall_ms)
{
    struct record_stamp stamp = stamp_delivery(record, claim);

    count_up(&stamp.recoveries);
    if (crash != NULL) {
        count_up(&stamp.crashes);
        stamp.failed_at_wall_ms = now_wall_ms;
        stamp.error = slice_of(crash);
    }
    if (stamp.crashes < VERDICT_CRASHES_MAX && stamp.recoveries < VERDICT_RECOVERIES_MAX)
        return (struct verdict){.to = VERDICT_READY, .stamp = stamp};
    if (stamp.error.ptr == NULL)
        stamp.error = slice_of("its worker died each time, and it never ended");
    return bury(stamp, DLQ_POISON, now_wall_ms);
}

struct verdict verdict_bury(const struct record *record, struct slice claim, enum dlq_reason reason,
                            const char *why, int64_t now_wall_ms)
{
    struct record_stamp stamp = stamp_delivery(record, claim);
    stamp.error = slice_of(why);
    return bury(stamp, reason, now_wall_ms);
}

/* Its producer's element stands whole behind a header of ours, so that is what goes back. */
bool verdict_is_wrapped(struct slice reason)
{
    return slice_equal(reason, slice_of(dlq_reason_name(DLQ_MALFORMED))) ||
           slice_equal(reason, slice_of(dlq_reason_name(DLQ_UNSUPPORTED))) ||
           slice_equal(reason, slice_of(dlq_reason_name(DLQ_OVERSIZE)));
}

bool verdict_requeue(struct slice dead, struct slice canary, struct buf *out)
{
    char scratch[RECORD_HEADER_MAX];
    struct record record;

    if (record_parse(dead.ptr, dead.len, scratch, &record) != RECORD_OK || record.claim.len == 0)
        return false;
    if (verdict_is_wrapped(record.reason)) {
        buf_append_slice(out, record.payload);
        return true;
    }
    struct record_stamp stamp = {
        .claim = record.claim,
        .deliveries = record.deliveries,
        .force = true,
        .canary = canary,
    };
    record_render(out, &record, &stamp);
    return true;
}
