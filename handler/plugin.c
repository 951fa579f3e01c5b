#include "handler/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handler/plugin_object.h"
#include "handler/plugin_view.h"

/* A plugin at work for one configured handler. */
struct plugin {
    const struct plugin_object *object;
    void *state;
};

/* One job in its hands. */
struct run {
    struct navvy_run run; /* first: what the plugin is given, and gives back to the calls */
    const struct task *task;
    int64_t delay_ms;
    bool has_result; /* job->result.bytes, or why they were not kept */
    char error[RECORD_ERROR_MAX + 1];
};

/* --- what a handler may ask of us ---------------------------------------------------------- */

static const struct run *run_of(const struct navvy_run *run)
{
    return (const struct run *)(const void *)run;
}

static struct run *run_to_change(struct navvy_run *run)
{
    return (struct run *)(void *)run;
}

static enum navvy_stop on_should_stop(const struct navvy_run *run)
{
    static const enum navvy_stop reasons[JOB_STOP_COUNT] = {
        [JOB_STOP_NONE] = NAVVY_STOP_NONE,           [JOB_STOP_TIMEOUT] = NAVVY_STOP_TIMEOUT,
        [JOB_STOP_SHUTDOWN] = NAVVY_STOP_SHUTDOWN,   [JOB_STOP_LOST] = NAVVY_STOP_LOST,
        [JOB_STOP_CANCELLED] = NAVVY_STOP_CANCELLED,
    };
    return reasons[stopper_reason(run_of(run)->task->stopper)];
}

static int on_stop_fd(const struct navvy_run *run)
{
    return run_of(run)->task->stopper->wake_fd;
}

static int on_left_ms(const struct navvy_run *run)
{
    return stopper_poll_ms(run_of(run)->task->stopper);
}

static void on_progress(struct navvy_run *run, int percent)
{
    atomic_store(&run_of(run)->task->job->percent, percent < 0 ? 0 : percent > 100 ? 100 : percent);
}

static void on_fail(struct navvy_run *run, const char *error)
{
    struct run *mine = run_to_change(run);
    (void)snprintf(mine->error, sizeof mine->error, "%.*s", RECORD_ERROR_MAX,
                   error != NULL ? error : "");
}

static void on_delay(struct navvy_run *run, int64_t delay_ms)
{
    run_to_change(run)->delay_ms = delay_ms < 0 ? -1 : delay_ms;
}

static void on_result(struct navvy_run *run, const void *bytes, size_t len)
{
    const struct task *task = run_of(run)->task;
    job_done(task->job, (struct slice){bytes, len}, task->conf->answer_bytes_max);
    run_to_change(run)->has_result = true;
}

static const struct navvy_calls calls = {
    .size = sizeof(struct navvy_calls),
    .should_stop = on_should_stop,
    .stop_fd = on_stop_fd,
    .left_ms = on_left_ms,
    .progress = on_progress,
    .fail = on_fail,
    .delay = on_delay,
    .result = on_result,
};

/* --- what it made of the job --------------------------------------------------------------- */

static void settle_stopped(const struct task *task)
{
    enum job_stop why = stopper_reason(task->stopper);

    if (why == JOB_STOP_NONE)
        job_fail(task->job, JOB_RETRY, "the plugin says that it was stopped, and nobody asked it");
    else
        handler_stopped(task->job, why);
}

static void settle_failed(const struct run *run, enum job_outcome outcome)
{
    struct job *job = run->task->job;

    job->result.delay_ms = run->delay_ms;
    if (outcome == JOB_SNOOZE && run->error[0] == 0)
        job->result.outcome = JOB_SNOOZE;
    else
        job_fail(job, outcome, "%s",
                 run->error[0] != 0 ? run->error : "the handler gave no error text");
}

static void settle(const struct run *run, enum navvy_outcome outcome)
{
    struct job *job = run->task->job;

    if (outcome == NAVVY_DONE && run->has_result)
        return; /* on_result() has said it all */
    job_result_clear(job);
    switch (outcome) {
    case NAVVY_DONE:
        job->result.outcome = JOB_DONE;
        return;
    case NAVVY_RETRY:
        settle_failed(run, JOB_RETRY);
        return;
    case NAVVY_PERMANENT:
        settle_failed(run, JOB_PERMANENT);
        return;
    case NAVVY_SNOOZE:
        settle_failed(run, JOB_SNOOZE);
        return;
    case NAVVY_STOPPED:
        settle_stopped(run->task);
        return;
    case NAVVY_UNKNOWN:
        break;
    }
    job_fail(job, JOB_RETRY, "the plugin returned %d, which is no outcome", (int)outcome);
}

void plugin_run(const struct task *task)
{
    const struct plugin *plugin = task->shared;
    struct plugin_view view;
    struct run run; /* what is not set below is written before it is read */

    plugin_view_init(&view, task, plugin->object->face.name);
    run.run.calls = &calls;
    run.task = task;
    run.delay_ms = -1;
    run.has_result = false;
    run.error[0] = 0;
    settle(&run, plugin->object->face.handle(plugin->state, &view.job, &run.run));
}

/* --- its life ------------------------------------------------------------------------------ */

static const struct plugin_object *load(const struct handler_conf *conf,
                                        char error[HANDLER_ERROR_MAX])
{
    const struct plugin_object *object = plugin_object_load(conf->plugin, error);

    if (object == NULL || object->face.handle != NULL)
        return object;
    (void)snprintf(error, HANDLER_ERROR_MAX, "%s: has no handle(), so it is no handler%s",
                   conf->plugin,
                   object->face.before != NULL || object->face.after != NULL
                       ? "; it is a middleware, and belongs in the list of that name"
                       : "");
    return NULL;
}

bool plugin_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    return load(conf, error) != NULL;
}

void *plugin_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    const struct plugin_object *object = load(conf, error);
    void *state;

    if (object == NULL || !plugin_object_init(object, conf->plugin_options, queue, &state, error))
        return NULL;
    struct plugin *plugin = malloc(sizeof(*plugin));
    if (plugin != NULL) {
        *plugin = (struct plugin){object, state};
        return plugin;
    }
    strcpy(error, "no memory");
    if (object->face.fini != NULL)
        object->face.fini(state);
    return NULL;
}

void plugin_keep(void *shared)
{
    plugin_object_look(((const struct plugin *)shared)->object);
}

bool plugin_close(void *shared, bool now)
{
    struct plugin *plugin = shared;

    (void)now; /* fini() takes as long as it takes */
    if (plugin->object->face.fini != NULL)
        plugin->object->face.fini(plugin->state);
    free(plugin);
    return true;
}
