#include "handler/answer.h"

#include <stdlib.h>

#include "base/units.h"
#include "handler/line_fault.h"

/* ptr NULL: there is no such text. */
static struct slice text_of(const json_t *root, const char *key)
{
    const json_t *value = json_object_get(root, key);
    if (!json_is_string(value))
        return (struct slice){NULL, 0};
    return (struct slice){json_string_value(value), json_string_length(value)};
}

static bool read_outcome(struct slice name, enum job_outcome *out)
{
    static const enum job_outcome allowed[] = {JOB_DONE, JOB_RETRY, JOB_PERMANENT, JOB_SNOOZE};

    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (slice_equal(name, slice_of(job_outcome_name(allowed[i])))) {
            *out = allowed[i];
            return true;
        }
    }
    return false;
}

/* "30s", or milliseconds; -1 if it is not there. False: neither. */
static bool read_delay(const json_t *root, int64_t *out_ms)
{
    const json_t *value = json_object_get(root, "delay");

    *out_ms = -1;
    if (value == NULL || json_is_null(value))
        return true;
    if (json_is_string(value))
        return units_parse_duration_ms(text_of(root, "delay"), out_ms);
    if (!json_is_number(value) || json_number_value(value) < 0 || json_number_value(value) > 1e15)
        return false;
    *out_ms = (int64_t)json_number_value(value);
    return true;
}

static const char *read_answer(struct answer *out)
{
    const json_t *outcome = json_object_get(out->root, "outcome");
    const json_t *progress = json_object_get(out->root, "progress");

    out->id = text_of(out->root, "id");
    out->error = text_of(out->root, "error");
    if (outcome == NULL && json_is_number(progress)) {
        double percent = json_number_value(progress);
        out->kind = ANSWER_PROGRESS;
        out->percent = percent < 0 ? 0 : percent > 100 ? 100 : (int)percent;
        return NULL;
    }
    out->kind = ANSWER_OUTCOME;
    if (!read_outcome(text_of(out->root, "outcome"), &out->outcome))
        return "an answer whose outcome is none of done, retry, permanent, snooze";
    if (!read_delay(out->root, &out->delay_ms))
        return "an answer whose delay is neither a duration like \"30s\" nor milliseconds";
    return NULL;
}

bool answer_parse(struct slice line, struct answer *out, char why[ANSWER_WHY_MAX])
{
    *out = (struct answer){.delay_ms = -1};
    out->root = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(out->root)) {
        answer_free(out);
        return line_fault("no answer", line, why, ANSWER_WHY_MAX);
    }
    const char *what = read_answer(out);
    if (what == NULL)
        return true;
    answer_free(out);
    return line_fault(what, line, why, ANSWER_WHY_MAX);
}

void answer_free(struct answer *answer)
{
    json_decref(answer->root);
    answer->root = NULL;
}

static void settle_done(const struct answer *answer, struct job *job, uint64_t bytes_max)
{
    const json_t *value = json_object_get(answer->root, "result");

    if (value == NULL || json_is_null(value)) {
        job_done(job, (struct slice){NULL, 0}, bytes_max);
    } else if (json_is_string(value)) {
        job_done(job, text_of(answer->root, "result"), bytes_max);
    } else {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        job_done(job, slice_of(text), bytes_max);
        free(text);
    }
}

void answer_settle(const struct answer *answer, struct job *job, uint64_t result_bytes_max)
{
    if (answer->outcome == JOB_DONE) {
        settle_done(answer, job, result_bytes_max);
        return;
    }
    job->result.delay_ms = answer->delay_ms;
    if (answer->error.ptr != NULL && answer->error.len > 0)
        job_fail(job, answer->outcome, "%.*s", (int)answer->error.len, answer->error.ptr);
    else if (answer->outcome == JOB_SNOOZE)
        job->result.outcome = JOB_SNOOZE;
    else
        job_fail(job, answer->outcome, "the handler gave no error text");
}
