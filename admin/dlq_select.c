#include "admin/dlq_select.h"

#include <string.h>

#include "admin/view/signature.h"
#include "base/units.h"
#include "dlq/verdict.h"

bool dlq_select_given(const struct dlq_select *select)
{
    return select->reason != NULL || select->error != NULL || select->signature != NULL ||
           select->type != NULL || select->match != NULL || select->older_ms > 0 ||
           select->younger_ms > 0 || select->id_count > 0;
}

static bool contains(struct slice bytes, const char *part)
{
    size_t len = strlen(part);
    return len == 0 || (bytes.len >= len && memmem(bytes.ptr, bytes.len, part, len) != NULL);
}

static bool is_listed(const struct dlq_select *select, struct slice id)
{
    for (size_t i = 0; i < select->id_count; i++)
        if (slice_equal(slice_of(select->ids[i]), id))
            return true;
    return select->id_count == 0;
}

static bool has_age(const struct dlq_select *select, int64_t age_ms)
{
    if (select->older_ms > 0 && age_ms <= select->older_ms)
        return false;
    return select->younger_ms == 0 || (age_ms >= 0 && age_ms < select->younger_ms);
}

bool dlq_select_takes(const struct dlq_select *select, const struct dead_job *job,
                      int64_t now_wall_ms)
{
    if (!is_listed(select, job->id) || !has_age(select, dead_job_age_ms(job, now_wall_ms)))
        return false;
    if (select->reason && !slice_equal(slice_of(select->reason), job->reason))
        return false;
    if (select->type && !slice_equal(slice_of(select->type), job->record.type))
        return false;
    if (select->error && !contains(job->record.error, select->error))
        return false;
    if (select->signature && !signature_is(job->record.error, slice_of(select->signature)))
        return false;
    return !select->match || contains(job->record.payload, select->match);
}

enum {
    OPTION_REASON = 0x200,
    OPTION_ERROR,
    OPTION_SIGNATURE,
    OPTION_TYPE,
    OPTION_MATCH,
    OPTION_OLDER,
    OPTION_YOUNGER,
};

static const struct argp_option options[] = {
    {"reason", OPTION_REASON, "REASON", 0,
     "Buried for this reason: retries, permanent, poison, malformed, unsupported, oversize; or "
     "unreadable, for what navvy did not write",
     0},
    {"error", OPTION_ERROR, "TEXT", 0, "TEXT occurs in the error", 0},
    {"signature", OPTION_SIGNATURE, "TEXT", 0,
     "The error is of the group TEXT, as `navvy dlq groups` prints it, or of that of the error "
     "TEXT",
     0},
    {"type", OPTION_TYPE, "TYPE", 0, "The job's type is TYPE", 0},
    {"match", OPTION_MATCH, "TEXT", 0, "TEXT occurs in the payload", 0},
    {"older", OPTION_OLDER, "DURATION", 0, "Failed longer ago than this: 90s, 10m, 24h, 7d", 0},
    {"younger", OPTION_YOUNGER, "DURATION", 0, "Failed less long ago than this", 0},
    {0}};

bool dlq_select_reason_exists(const char *reason)
{
    bool exists = strcmp(reason, DEAD_JOB_UNREADABLE) == 0;
    for (int i = DLQ_REASON_NONE + 1; i < DLQ_REASON_COUNT; i++)
        exists |= strcmp(reason, dlq_reason_name((enum dlq_reason)i)) == 0;
    return exists;
}

static const char *parse_reason(const char *text, struct argp_state *state)
{
    if (!dlq_select_reason_exists(text))
        argp_error(state, "--reason %s: there is no such reason; see --help", text);
    return text;
}

static int64_t parse_age(const char *option, const char *text, struct argp_state *state)
{
    int64_t ms = 0;
    if (!units_parse_duration_ms(slice_of(text), &ms) || ms == 0)
        argp_error(state, "--%s %s: give a number and a unit, such as 90s, 10m, 24h or 7d", option,
                   text);
    return ms;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct dlq_select *select = state->input;
    switch (key) {
    case OPTION_REASON:
        select->reason = parse_reason(arg, state);
        return 0;
    case OPTION_ERROR:
        select->error = arg;
        return 0;
    case OPTION_SIGNATURE:
        select->signature = arg;
        return 0;
    case OPTION_TYPE:
        select->type = arg;
        return 0;
    case OPTION_MATCH:
        select->match = arg;
        return 0;
    case OPTION_OLDER:
        select->older_ms = parse_age("older", arg, state);
        return 0;
    case OPTION_YOUNGER:
        select->younger_ms = parse_age("younger", arg, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp dlq_select_argp = {.options = options, .parser = parse_option};
