/*
 * plan_read: a plan from JSON that anybody may have written.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/base64.h"
#include "admin/task/plan.h"
#include "base/buf.h"

#define NUMBER_MAX INT64_C(3155760000000) /* a hundred years of ms */

struct reading {
    struct task_plan *plan;
    char *why;
};

PRINTF_LIKE(2, 3) static bool refuse(struct reading *reading, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(reading->why, PLAN_FAULT_MAX, fmt, args);
    va_end(args);
    return false;
}

static bool is_among(const char *name, const char *const names[])
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* No key that we do not know; `besides` may be NULL. */
static bool knows_all(struct reading *reading, const char *what, json_t *object,
                      const char *const names[], const char *const besides[])
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return refuse(reading, "%s: an object is wanted", what);
    json_object_foreach(object, name, value)
    {
        if (!is_among(name, names) && (besides == NULL || !is_among(name, besides)))
            return refuse(reading, "%s has no key %.64s", what, name);
    }
    return true;
}

/* A missing one and null stay as they are. */
static bool read_number(struct reading *reading, json_t *object, const char *name, int64_t min,
                        int64_t max, int64_t *out)
{
    json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return refuse(reading, "%s: a whole number from %lld to %lld is wanted", name,
                      (long long)min, (long long)max);
    *out = json_integer_value(value);
    return true;
}

static bool read_count(struct reading *reading, json_t *object, const char *name, int64_t min,
                       int64_t max, uint64_t *out)
{
    int64_t number = (int64_t)*out;
    if (!read_number(reading, object, name, min, max, &number))
        return false;
    *out = (uint64_t)number;
    return true;
}

static bool decode(struct reading *reading, const char *name, json_t *value, char **out)
{
    struct buf bytes = {0};
    bool good =
        base64_decode(&bytes, (struct slice){json_string_value(value), json_string_length(value)});
    if (good && bytes.len > 0 && memchr(bytes.data, '\0', bytes.len) == NULL && !bytes.failed) {
        *out = bytes.data;
        return true;
    }
    buf_free(&bytes);
    return refuse(reading, "%s: base64 of some bytes other than NUL is wanted", name);
}

/* Whole, too: a NUL would end it early. */
static bool is_plain_text(const json_t *value)
{
    return json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value);
}

static bool read_text(struct reading *reading, json_t *select, const char *name, const char **out,
                      char **decoded)
{
    char base64[32];
    snprintf(base64, sizeof(base64), "%s_base64", name);
    json_t *plain = json_object_get(select, name), *coded = json_object_get(select, base64);

    if (plain != NULL && !json_is_null(plain)) {
        if (!is_plain_text(plain) || coded != NULL)
            return refuse(reading, "%s: one text is wanted", name);
        *out = json_string_value(plain);
        return true;
    }
    if (coded == NULL || json_is_null(coded))
        return true;
    if (!json_is_string(coded) || !decode(reading, base64, coded, decoded))
        return refuse(reading, "%s: base64 of some bytes other than NUL is wanted", base64);
    *out = *decoded;
    return true;
}

static bool read_ids(struct reading *reading, json_t *select)
{
    struct task_plan *plan = reading->plan;
    json_t *ids = json_object_get(select, "ids");
    if (ids == NULL || json_is_null(ids))
        return true;
    size_t count = json_array_size(ids);
    if (!json_is_array(ids) || count == 0 || count > PLAN_IDS_MAX)
        return refuse(reading, "ids: an array of 1 to %d ids is wanted", PLAN_IDS_MAX);
    plan->ids = calloc(count, sizeof(*plan->ids));
    if (plan->ids == NULL)
        return refuse(reading, "no memory");
    for (size_t i = 0; i < count; i++) {
        json_t *id = json_array_get(ids, i);
        if (!is_plain_text(id) || json_string_length(id) == 0)
            return refuse(reading, "ids: texts are wanted");
        plan->ids[i] = (char *)(uintptr_t)json_string_value(id);
    }
    plan->select.ids = plan->ids;
    plan->select.id_count = count;
    return true;
}

static bool read_select(struct reading *reading, json_t *select)
{
    static const char *const names[] = {
        "reason",   "error", "error_base64", "signature",   "signature_base64",
        "type",     "match", "match_base64", "type_base64", "reason_base64",
        "older_ms", "ids",   "younger_ms",   NULL};
    struct task_plan *plan = reading->plan;
    struct dlq_select *to = &plan->select;

    if (select == NULL)
        return refuse(reading, "select is missing: which jobs? {} means all");
    return knows_all(reading, "select", select, names, NULL) &&
           read_text(reading, select, "reason", &to->reason, &plan->decoded[0]) &&
           read_text(reading, select, "error", &to->error, &plan->decoded[1]) &&
           read_text(reading, select, "signature", &to->signature, &plan->decoded[2]) &&
           read_text(reading, select, "type", &to->type, &plan->decoded[3]) &&
           read_text(reading, select, "match", &to->match, &plan->decoded[4]) &&
           read_number(reading, select, "older_ms", 1, NUMBER_MAX, &to->older_ms) &&
           read_number(reading, select, "younger_ms", 1, NUMBER_MAX, &to->younger_ms) &&
           read_ids(reading, select);
}

static bool read_canary(struct reading *reading, json_t *canary)
{
    static const char *const names[] = {"jobs", "stop_if_fail_percent", "wait_ms", NULL};
    struct task_plan *plan = reading->plan;

    if (canary == NULL || json_is_null(canary))
        return true;
    return knows_all(reading, "canary", canary, names, NULL) &&
           read_count(reading, canary, "jobs", 1, PLAN_CANARY_MAX, &plan->canary_jobs) &&
           read_count(reading, canary, "stop_if_fail_percent", 0, 100, &plan->stop_percent) &&
           read_number(reading, canary, "wait_ms", 1000, 86400000, &plan->canary_wait_ms) &&
           (plan->canary_jobs > 0 || refuse(reading, "canary: jobs is missing"));
}

/* "50/s", or a number: so many a second. */
static bool read_rate(struct reading *reading, json_t *rate)
{
    struct task_plan *plan = reading->plan;
    if (rate == NULL || json_is_null(rate))
        return true;
    if (json_is_integer(rate) && json_integer_value(rate) > 0 &&
        json_integer_value(rate) <= 1000000) {
        plan->rate = (struct plan_rate){(uint64_t)json_integer_value(rate), 1000};
        return true;
    }
    if (json_is_string(rate) && plan_rate_read(json_string_value(rate), &plan->rate))
        return true;
    return refuse(reading, "rate: 50/s, 600/m or 10000/h is wanted, or a number a second");
}

static bool read_action(struct reading *reading, json_t *action)
{
    const char *name = json_string_value(action);
    if (name != NULL && strcmp(name, "retry") == 0)
        reading->plan->fate = DLQ_FATE_RETRY;
    else if (name != NULL && strcmp(name, "drop") == 0)
        reading->plan->fate = DLQ_FATE_DROP;
    else
        return refuse(reading, "action: retry or drop");
    return true;
}

bool plan_read(struct task_plan *plan, json_t *object, const char *const besides[],
               char why[PLAN_FAULT_MAX])
{
    static const char *const names[] = {"action", "select", "limit", "rate", "canary", NULL};
    struct reading reading = {plan, why};

    *plan = (struct task_plan){.canary_wait_ms = PLAN_CANARY_WAIT_MS};
    if (knows_all(&reading, "a task", object, names, besides) &&
        read_action(&reading, json_object_get(object, "action")) &&
        read_select(&reading, json_object_get(object, "select")) &&
        read_count(&reading, object, "limit", 1, INT64_MAX, &plan->limit) &&
        read_rate(&reading, json_object_get(object, "rate")) &&
        read_canary(&reading, json_object_get(object, "canary")) && plan_check(plan, why)) {
        plan->json = json_incref(object);
        return true;
    }
    plan_free(plan);
    return false;
}
