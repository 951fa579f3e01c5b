#include "job/job.h"

#include <stdio.h>
#include <stdlib.h>

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
