#include "admin/dlq_print.h"

#include <inttypes.h>
#include <time.h>

#include "admin/column.h"
#include "admin/command.h"

enum { COLUMN_ID = 44, COLUMN_REASON = 11, COLUMN_ERROR = 32, COLUMN_PAYLOAD = 48 };

const char *dlq_age_format(int64_t age_ms, char out[DLQ_AGE_MAX])
{
    int64_t s = age_ms / 1000;
    if (age_ms < 0)
        snprintf(out, DLQ_AGE_MAX, "-");
    else if (s < 60)
        snprintf(out, DLQ_AGE_MAX, "%" PRId64 "s", s);
    else if (s < 3600)
        snprintf(out, DLQ_AGE_MAX, "%" PRId64 "m", s / 60);
    else if (s < 48 * 3600)
        snprintf(out, DLQ_AGE_MAX, "%" PRId64 "h", s / 3600);
    else
        snprintf(out, DLQ_AGE_MAX, "%" PRId64 "d", s / 86400);
    return out;
}

const char *dlq_time_format(int64_t wall_ms, char out[DLQ_TIME_MAX])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    if (wall_ms <= 0 || gmtime_r(&seconds, &utc) == NULL ||
        strftime(out, DLQ_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf(out, DLQ_TIME_MAX, "-");
    return out;
}

void dlq_print_head(FILE *out)
{
    fprintf(out, "%-*s %5s %8s %-*s %-*s %s\n", COLUMN_ID, "ID", "AGE", "ATTEMPTS", COLUMN_REASON,
            "REASON", COLUMN_ERROR, "ERROR", "PAYLOAD");
}

void dlq_print_row(FILE *out, const struct dead_job *job, int64_t now_wall_ms)
{
    char age[DLQ_AGE_MAX];
    dlq_age_format(dead_job_age_ms(job, now_wall_ms), age);
    column_print(out, job->id, COLUMN_ID, false);
    fprintf(out, "%5s %8" PRIu32 " ", age, job->record.attempt);
    column_print(out, job->reason, COLUMN_REASON, true);
    column_print(out, job->record.error, COLUMN_ERROR, true);
    if (job->record.payload.len > 0)
        print_escaped_to(out, job->record.payload, COLUMN_PAYLOAD);
    fputc('\n', out);
}
