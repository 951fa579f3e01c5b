#include "handler/middleware.h"

#include <stdlib.h>

#include "base/clock.h"
#include "handler/plugin_object.h"
#include "handler/plugin_view.h"

/* One skin of the onion. */
struct skin {
    const struct plugin_object *object;
    void *state;
};

/* Written by middleware_open() and middleware_close(), while no thread of the pool runs a job. */
static struct skin *skins;
static size_t skin_count;

/* --- around a job -------------------------------------------------------------------------- */

bool middleware_present(void)
{
    return skin_count > 0;
}

static enum navvy_outcome outcome_shown(enum job_outcome outcome)
{
    static const enum navvy_outcome shown[JOB_OUTCOME_COUNT] = {
        [JOB_UNKNOWN] = NAVVY_UNKNOWN, [JOB_DONE] = NAVVY_DONE,
        [JOB_RETRY] = NAVVY_RETRY,     [JOB_PERMANENT] = NAVVY_PERMANENT,
        [JOB_SNOOZE] = NAVVY_SNOOZE,   [JOB_STOPPED] = NAVVY_STOPPED,
    };
    return shown[outcome];
}

static void tell_before(struct plugin_view *view)
{
    for (size_t i = 0; i < skin_count; i++) {
        view->plugin = skins[i].object->face.name;
        if (skins[i].object->face.before != NULL)
            skins[i].object->face.before(skins[i].state, &view->job);
    }
}

static void tell_after(struct plugin_view *view, const struct navvy_end *end)
{
    for (size_t i = skin_count; i-- > 0;) {
        view->plugin = skins[i].object->face.name;
        if (skins[i].object->face.after != NULL)
            skins[i].object->face.after(skins[i].state, &view->job, end);
    }
}

void middleware_run(const struct task *task, void (*run)(const struct task *task))
{
    const struct job_result *result = &task->job->result;
    struct plugin_view view;

    plugin_view_init(&view, task, "");
    tell_before(&view);
    int64_t began_ns = clock_mono_ns();
    run(task);
    int64_t took_us = (clock_mono_ns() - began_ns) / 1000;
    const struct navvy_end end = {
        .size = sizeof(struct navvy_end),
        .outcome = outcome_shown(result->outcome),
        .error = result->error,
        .delay_ms = result->delay_ms,
        .took_us = took_us,
        .result = result->bytes,
        .result_len = result->len,
    };
    tell_after(&view, &end);
}

/* --- its life ------------------------------------------------------------------------------ */

static const struct plugin_object *load(const char *path, struct buf *errors)
{
    char error[HANDLER_ERROR_MAX];
    const struct plugin_object *object = plugin_object_load(path, error);

    if (object == NULL) {
        buf_printf(errors, "middleware: %s\n", error);
    } else if (object->face.before == NULL && object->face.after == NULL) {
        buf_printf(errors,
                   "middleware: %s: has neither before() nor after(), so it is no "
                   "middleware\n",
                   path);
        object = NULL;
    }
    return object;
}

/* Into the next place of `skins`. */
static bool open_one(const char *path, struct buf *errors)
{
    char error[HANDLER_ERROR_MAX];
    struct skin *skin = &skins[skin_count];

    skin->object = load(path, errors);
    if (skin->object == NULL)
        return false;
    if (!plugin_object_init(skin->object, NULL, NULL, &skin->state, error)) {
        buf_printf(errors, "middleware: %s\n", error);
        return false;
    }
    skin_count++;
    return true;
}

static size_t count(const struct config *config)
{
    size_t n = 0;
    while (config->middleware != NULL && config->middleware[n] != NULL)
        n++;
    return n;
}

bool middleware_open(const struct config *config, struct buf *errors)
{
    size_t wanted = count(config);
    bool fine = true;

    for (size_t i = 0; i < skin_count; i++)
        plugin_object_look(skins[i].object);
    if (wanted == 0 || skins != NULL)
        return true;
    skins = calloc(wanted, sizeof(*skins));
    if (skins == NULL) {
        buf_append_str(errors, "middleware: no memory\n");
        return false;
    }
    for (size_t i = 0; i < wanted; i++)
        fine = open_one(config->middleware[i], errors) && fine;
    if (!fine)
        middleware_close();
    return fine;
}

bool middleware_check(const struct config *config, struct buf *errors)
{
    bool fine = true;

    for (size_t i = 0; i < count(config); i++)
        fine = load(config->middleware[i], errors) != NULL && fine;
    return fine;
}

void middleware_close(void)
{
    while (skin_count > 0) {
        const struct skin *skin = &skins[--skin_count];
        if (skin->object->face.fini != NULL)
            skin->object->face.fini(skin->state);
    }
    free(skins);
    skins = NULL;
}
