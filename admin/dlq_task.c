#include "admin/dlq_task.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/interrupt.h"
#include "admin/progress.h"

struct following {
    struct progress progress;
    void (*on_job)(const struct dead_job *job, void *arg);
    void *arg;
};

static bool stops(void *arg)
{
    (void)arg;
    return interrupt_signal() != 0;
}

static void on_progress(const struct task *task, void *arg)
{
    struct following *following = arg;

    if (task->phase == TASK_PHASE_CANARY && task->canaries.asked > 0) {
        progress_show_percent(&following->progress,
                              (int)(task->canaries.ended * 100 / task->canaries.asked),
                              "canaries have ended");
        return;
    }
    following->progress.total = (uint64_t)(task->length > 0 ? task->length : 1);
    progress_show(&following->progress, (uint64_t)task->looked, (uint64_t)task->moved);
}

static void on_job(const struct dead_job *job, void *arg)
{
    struct following *following = arg;
    if (following->on_job != NULL)
        following->on_job(job, following->arg);
}

/* What somebody who looks on would want to know before it is over. */
static void announce(const struct task *task)
{
    bool long_one = task->plan.rate.jobs > 0 || task->plan.canary_jobs > 0;
    if (long_one || isatty(STDERR_FILENO))
        fprintf(stderr, "navvy: task %s; `navvy dlq cancel %s %s` stops it from anywhere\n",
                task->id, task->queue, task->id);
}

static int say_how_to_go_on(const struct task *task)
{
    return command_fault(COMMAND_FAILED, "`navvy dlq resume %s %s` goes on with it", task->queue,
                         task->id);
}

/* The words may hold what a handler said. */
static void print_words(const struct task *task)
{
    fputs("navvy: ", stderr);
    print_escaped_to(stderr, slice_of(task->words), 0);
    fputc('\n', stderr);
}

static int report(const struct task *task, enum task_end end)
{
    printf("%s: %" PRId64 " dead job%s %s\n", task->queue, task->moved, task->moved == 1 ? "" : "s",
           plan_past(&task->plan));
    if (end == TASK_BROKEN) {
        command_fault(COMMAND_FAILED, "it ended early; what was %s is not %s twice",
                      plan_past(&task->plan), plan_past(&task->plan));
        return say_how_to_go_on(task);
    }
    if (task->state == TASK_DONE && task->canaries.asked == 0)
        return COMMAND_OK;
    print_words(task);
    if (task->state == TASK_DONE)
        return COMMAND_OK;
    if (end == TASK_NOT_OURS && task->state == TASK_RUNNING)
        return command_fault(COMMAND_FAILED, "another process goes on with it now");
    return say_how_to_go_on(task);
}

int dlq_task_run(struct session *session, struct task *task,
                 void (*each)(const struct dead_job *job, void *arg), void *arg)
{
    struct following following = {.on_job = each, .arg = arg};
    const struct task_hooks hooks = {stops, on_progress, on_job, &following};

    interrupt_catch();
    announce(task);
    progress_init(&following.progress, 0);
    enum task_end end = task_run(session, task, &hooks);
    progress_fini(&following.progress);
    return report(task, end);
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct dlq_task_words *words = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one task at a time");
        *(state->arg_num == 0 ? &words->queue : &words->id) = arg;
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2)
            argp_error(state, "which queue, and which task? `navvy dlq tasks QUEUE` shows them");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int dlq_task_open(const char *doc, int argc, char **argv, struct session *session,
                  struct task *task)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    const struct argp argp = {NULL, option, "QUEUE TASK", doc, children, NULL, NULL};
    struct dlq_task_words words = {0};

    int code = command_parse(&argp, argc, argv, &words);
    if (code == COMMAND_OK)
        code = session_open(session, &words.common, words.queue);
    if (code != COMMAND_OK)
        return code;
    code = task_load(session, words.queue, words.id, task);
    if (code != COMMAND_OK)
        session_close(session);
    return code;
}
