#include "admin/dlq_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

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

/* Columns that some printed UTF-8 takes: its bytes but for those that continue a character. */
static size_t columns_of(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

/* Escaped, cut to `width`, filled up with spaces. An id is never cut: it is there to be copied. */
static void print_column(FILE *out, struct slice bytes, size_t width, bool cut)
{
    char *text = NULL;
    size_t len = 0;
    FILE *cell = open_memstream(&text, &len);
    if (cell == NULL)
        return;
    if (bytes.len > 0)
        print_escaped_to(cell, bytes, cut ? width : 0);
    else
        fputs("-", cell);
    if (fclose(cell) == 0) {
        size_t used = columns_of(text, len);
        fprintf(out, "%s%*s ", text, used < width ? (int)(width - used) : 0, "");
    }
    free(text);
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
    print_column(out, job->id, COLUMN_ID, false);
    fprintf(out, "%5s %8" PRIu32 " ", age, job->record.attempt);
    print_column(out, job->reason, COLUMN_REASON, true);
    print_column(out, job->record.error, COLUMN_ERROR, true);
    if (job->record.payload.len > 0)
        print_escaped_to(out, job->record.payload, COLUMN_PAYLOAD);
    fputc('\n', out);
}
