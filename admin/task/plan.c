#include "admin/task/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/dead_job.h"
#include "base/buf.h"

/* The texts of select, once for reading, writing and people. */
static const struct plan_text {
    const char *name, *base64;
    size_t offset;
} texts[PLAN_TEXTS] = {
#define PLAN_TEXT(name)                                                                            \
    {                                                                                              \
#name, #name "_base64", offsetof(struct dlq_select, name)                                  \
    }
    PLAN_TEXT(reason), PLAN_TEXT(error), PLAN_TEXT(signature), PLAN_TEXT(type), PLAN_TEXT(match),
};

static const char *text_at(const struct dlq_select *select, size_t i)
{
    return *(const char *const *)((const char *)select + texts[i].offset);
}

const char *plan_action(const struct task_plan *plan)
{
    return plan->fate == DLQ_FATE_RETRY ? "retry" : "drop";
}

const char *plan_past(const struct task_plan *plan)
{
    return plan->fate == DLQ_FATE_RETRY ? "retried" : "dropped";
}

PRINTF_LIKE(2, 3) static bool refuse(char why[PLAN_FAULT_MAX], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, PLAN_FAULT_MAX, fmt, args);
    va_end(args);
    return false;
}

bool plan_check(const struct task_plan *plan, char why[PLAN_FAULT_MAX])
{
    const struct dlq_select *select = &plan->select;

    if (plan->fate != DLQ_FATE_RETRY && plan->fate != DLQ_FATE_DROP)
        return refuse(why, "action: retry or drop");
    if (select->reason != NULL && !dlq_select_reason_exists(select->reason))
        return refuse(why, "reason: there is no such reason");
    for (size_t i = 0; i < PLAN_TEXTS; i++)
        if (text_at(select, i) != NULL && strlen(text_at(select, i)) > PLAN_TEXT_MAX)
            return refuse(why, "%s: longer than %d bytes", texts[i].name, PLAN_TEXT_MAX);
    if (select->id_count > PLAN_IDS_MAX)
        return refuse(why, "ids: at most %d", PLAN_IDS_MAX);
    if (plan->canary_jobs > PLAN_CANARY_MAX)
        return refuse(why, "canary: at most %d jobs", PLAN_CANARY_MAX);
    if (plan->canary_jobs > 0 && plan->fate != DLQ_FATE_RETRY)
        return refuse(why, "canary: only a retry can have one");
    if (plan->stop_percent > 100)
        return refuse(why, "stop_if_fail_percent: 0 to 100");
    return true;
}

static bool set_canary(json_t *object, const struct task_plan *plan)
{
    if (plan->canary_jobs == 0)
        return true;
    json_t *canary =
        json_pack("{s:I, s:I, s:I}", "jobs", (json_int_t)plan->canary_jobs, "stop_if_fail_percent",
                  (json_int_t)plan->stop_percent, "wait_ms", (json_int_t)plan->canary_wait_ms);
    return json_object_set_new(object, "canary", canary) == 0;
}

static bool set_positive(json_t *object, const char *name, int64_t number)
{
    return number <= 0 || json_object_set_new(object, name, json_integer(number)) == 0;
}

static bool set_ids(json_t *object, const struct dlq_select *select)
{
    if (select->id_count == 0)
        return true;
    json_t *ids = json_array();
    bool whole = true;
    for (size_t i = 0; whole && i < select->id_count; i++)
        whole = json_array_append_new(ids, json_string(select->ids[i])) == 0;
    return json_object_set_new(object, "ids", ids) == 0 && whole;
}

static json_t *select_json(const struct dlq_select *select)
{
    json_t *object = json_object();
    bool whole = object != NULL;
    for (size_t i = 0; whole && i < PLAN_TEXTS; i++)
        whole = text_at(select, i) == NULL ||
                json_set_bytes(object, texts[i].name, slice_of(text_at(select, i)));
    whole = whole && set_positive(object, "older_ms", select->older_ms) &&
            set_positive(object, "younger_ms", select->younger_ms) && set_ids(object, select);
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

json_t *plan_json(const struct task_plan *plan)
{
    char rate[PLAN_RATE_MAX];
    json_t *object = json_object();
    bool whole = object != NULL &&
                 json_object_set_new(object, "action", json_string(plan_action(plan))) == 0 &&
                 json_object_set_new(object, "select", select_json(&plan->select)) == 0 &&
                 set_positive(object, "limit", (int64_t)plan->limit) &&
                 (plan->rate.jobs == 0 ||
                  json_object_set_new(object, "rate",
                                      json_string(plan_rate_text(&plan->rate, rate))) == 0) &&
                 set_canary(object, plan);
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

void plan_filter_text(const struct task_plan *plan, struct buf *out)
{
    const struct dlq_select *select = &plan->select;
    size_t start = out->len;

    for (size_t i = 0; i < PLAN_TEXTS; i++)
        if (text_at(select, i) != NULL)
            buf_printf(out, " %s=\"%s\"", texts[i].name, text_at(select, i));
    if (select->older_ms > 0)
        buf_printf(out, " older=%" PRId64 "ms", select->older_ms);
    if (select->younger_ms > 0)
        buf_printf(out, " younger=%" PRId64 "ms", select->younger_ms);
    for (size_t i = 0; i < select->id_count && i < 3; i++)
        buf_printf(out, " id=%s", select->ids[i]);
    if (select->id_count > 3)
        buf_printf(out, " and %zu more", select->id_count - 3);
    if (out->len == start)
        buf_append_str(out, " all");
    if (plan->limit > 0)
        buf_printf(out, " limit=%" PRIu64, plan->limit);
    if (out->failed)
        return;
    memmove(out->data + start, out->data + start + 1, out->len - start); /* the first blank */
    out->len--;
}

void plan_free(struct task_plan *plan)
{
    json_decref(plan->json);
    for (size_t i = 0; i < PLAN_TEXTS; i++)
        free(plan->decoded[i]);
    free(plan->ids);
    *plan = (struct task_plan){0};
}
