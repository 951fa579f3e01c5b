#include "handler/plugin_view.h"

#include <string.h>

#include "base/log.h"
#include "handler/facts.h"

static void on_log(const struct navvy_job *job, enum navvy_level level, const char *text)
{
    const struct plugin_view *view = (const struct plugin_view *)(const void *)job;
    static const enum log_level levels[] = {
        [NAVVY_ERROR] = LOG_ERROR,
        [NAVVY_WARN] = LOG_WARN,
        [NAVVY_INFO] = LOG_INFO,
        [NAVVY_DEBUG] = LOG_DEBUG,
    };
    size_t which = (size_t)level < sizeof levels / sizeof levels[0] ? (size_t)level : NAVVY_INFO;

    LOG_JOB(view->task->job, levels[which], "plugin", LOG_S("plugin", view->plugin),
            LOG_S("text", text));
}

static int64_t on_deadline_ms(const struct navvy_job *job)
{
    return facts_deadline_wall_ms(((const struct plugin_view *)(const void *)job)->task);
}

/* A copy in the next room of view->text; NULL if there is no such text. */
static const char *terminated(struct plugin_view *view, size_t *used, struct slice text)
{
    char *copy = view->text + *used;

    if (text.ptr == NULL)
        return NULL;
    CHECK(text.len < sizeof view->text - *used); /* they are all from one header */
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    *used += text.len + 1;
    return copy;
}

void plugin_view_init(struct plugin_view *view, const struct task *task, const char *plugin)
{
    struct facts facts = facts_but_deadline(task);
    const char *claim = task->job->claim;
    size_t used = 0;

    view->task = task;
    view->plugin = plugin;
    view->job = (struct navvy_job){
        .size = sizeof(struct navvy_job),
        .attempt = (uint32_t)facts.attempt,
        .delivery = (uint32_t)facts.delivery,
        .id = facts.id.ptr == claim ? claim : terminated(view, &used, facts.id),
        .claim = claim,
        .queue = task->job->queue,
        .type = terminated(view, &used, facts.type),
        .traceparent = facts.traceparent.ptr == task->job->trace.text
                           ? task->job->trace.text
                           : terminated(view, &used, facts.traceparent),
        .tracestate = terminated(view, &used, facts.tracestate),
        .payload = facts.payload.ptr,
        .payload_len = facts.payload.len,
        .deadline_ms = on_deadline_ms,
        .log = on_log,
    };
}
