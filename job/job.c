#include "job/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_OUTCOME_NAME(id, name) [JOB_##id] = name,

const char *job_outcome_name(enum job_outcome outcome)
{
    static const char *const names[] = {JOB_OUTCOMES(JOB_OUTCOME_NAME)};
    CHECK(outcome < JOB_OUTCOME_COUNT);
    return names[outcome];
}

void job_fail(struct job *job, enum job_outcome outcome, const char *fmt, ...)
{
    char text[RECORD_ERROR_MAX + 1];
    va_list args;

    va_start(args, fmt);
    int len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    free(job->result.error);
    job->result.error = len > 0 ? strdup(text) : NULL;
    job->result.outcome = outcome;
}

void job_done(struct job *job, struct slice bytes, uint64_t bytes_max)
{
    job_result_clear(job);
    if (bytes.ptr != NULL && bytes.len > bytes_max) {
        job_fail(job, JOB_DONE,
                 "its result of %zu bytes is over answer_max, %" PRIu64 ", and was not kept",
                 bytes.len, bytes_max);
        return;
    }
    job->result.outcome = JOB_DONE;
    if (bytes.ptr == NULL)
        return;
    job->result.bytes = malloc(bytes.len + 1);
    if (job->result.bytes == NULL) {
        job_fail(job, JOB_DONE, "no memory for its result");
        return;
    }
    memcpy(job->result.bytes, bytes.ptr, bytes.len);
    job->result.len = bytes.len;
}

void job_result_clear(struct job *job)
{
    free(job->result.error);
    free(job->result.bytes);
    job->result = (struct job_result){.outcome = JOB_UNKNOWN, .delay_ms = -1};
}
