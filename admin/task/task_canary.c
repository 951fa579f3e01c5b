/*
 * task_canary: some jobs of a task are sent ahead, and what becomes of them decides about the rest.
 *
 * Which ones is written down before the first of them moves, so that who goes on with the task
 * knows whom to wait for, and sends only those that are still there. Each carries the task's id in
 * its header until its delivery ends; the worker that settles it tells (consumer/canary.c).
 */
#include <poll.h>
#include <stdlib.h>

#include "admin/answer.h"
#include "admin/task/runner.h"
#include "admin/task/task_words.h"
#include "base/clock.h"
#include "dlq/verdict.h"

enum { CANARY_PAUSE_MS = 50 };

/* ---- which ---- */

struct pick {
    struct runner *runner;
    json_t *claims;
};

/* One that goes back exactly as it was pushed has no name under which it could be heard of. */
static void on_candidate(const struct dead_job *job, void *arg)
{
    struct pick *pick = arg;
    const struct task_plan *plan = &pick->runner->task->plan;

    if (json_array_size(pick->claims) < plan->canary_jobs && job->readable &&
        !verdict_is_wrapped(job->reason))
        json_array_append_new(pick->claims, json_stringn(job->id.ptr, job->id.len));
}

static bool on_pick_step(size_t looked, size_t length, void *arg)
{
    struct pick *pick = arg;
    struct runner *runner = pick->runner;

    runner->task->looked = (int64_t)looked;
    runner->task->length = (int64_t)length;
    return json_array_size(pick->claims) < runner->task->plan.canary_jobs && runner_turn(runner);
}

static bool write_claims(struct runner *runner, const json_t *claims)
{
    char *text = json_dumps(claims, JSON_COMPACT);
    if (text == NULL) {
        runner->broken = true;
        return command_fault(false, "no memory");
    }
    bool written = runner_report(runner, "canary", text);
    free(text);
    return written;
}

/* Until there are enough, the oldest first. */
static bool pick_canaries(struct runner *runner)
{
    struct task *task = runner->task;
    struct pick pick = {runner, json_array()};
    const struct dlq_sweep_task hold = {
        .key = runner->hold.key, .owner = task->owner, .on_step = on_pick_step};
    struct dlq_sweep sweep = {
        .session = runner->session,
        .select = &task->plan.select,
        .fate = task->plan.fate,
        .look_only = true,
        .now_wall_ms = task->started_ms,
        .failed_until_wall_ms = task->started_ms,
        .task = &hold,
        .on_job = on_candidate,
        .arg = &pick,
    };
    runner->broken |= !dlq_sweep_run(&sweep);
    task->canary = pick.claims;
    task->canaries.asked = (int64_t)json_array_size(pick.claims);
    return !runner->broken && !runner->stopped && !runner->lost &&
           write_claims(runner, pick.claims);
}

/* ---- send ---- */

/* A worker must not meet a script that Redis does not know: what it has to say would be lost. */
static void load_script(struct runner *runner)
{
    const struct slice argv[] = {runner->hold.key, slice_of(""), slice_of("")};
    struct reply *reply = client_script(runner->session->client, SCRIPT_CANARY, 1, 3, argv);
    client_reply_free(reply);
}

static bool send_ids(struct runner *runner, char **ids, size_t count)
{
    const struct dlq_select select = {.ids = ids, .id_count = count};

    for (size_t i = 0; i < count; i++)
        ids[i] = (char *)(uintptr_t)json_string_value(json_array_get(runner->task->canary, i));
    runner->hold.canary = slice_of(runner->task->id);
    bool sent = runner_pass(runner, false, &select, count);
    runner->hold.canary = (struct slice){0};
    return sent;
}

/* All that are still there; `first`: and waits only for those. */
static bool send_canaries(struct runner *runner, bool first)
{
    struct task *task = runner->task;
    size_t count = json_array_size(task->canary);
    char **ids = calloc(count + 1, sizeof(*ids));

    if (ids == NULL) {
        runner->broken = true;
        return command_fault(false, "no memory");
    }
    runner->claims = json_array();
    load_script(runner);
    bool sent = send_ids(runner, ids, count);
    free(ids);
    if (sent && first && json_array_size(runner->claims) < count) {
        json_decref(task->canary); /* others were faster with some */
        task->canary = json_incref(runner->claims);
        task->canaries.asked = (int64_t)json_array_size(task->canary);
        sent = write_claims(runner, task->canary);
    }
    json_decref(runner->claims);
    runner->claims = NULL;
    return sent;
}

/* ---- wait ---- */

static bool read_news(struct runner *runner)
{
    struct task now;
    struct task *task = runner->task;

    if (task_load(runner->session, task->queue, task->id, &now) != COMMAND_OK) {
        runner->broken = true;
        return false;
    }
    task->canaries = now.canaries;
    task_free(&now);
    return true;
}

static bool too_many_failed(const struct task *task)
{
    int64_t failed = task->canaries.failed, percent = (int64_t)task->plan.stop_percent;
    return failed > 0 && failed * 100 >= percent * task->canaries.asked;
}

static enum runner_next give_up(struct runner *runner, void (*words)(struct task *task))
{
    runner->task->state = TASK_STOPPED;
    runner->task->phase = TASK_PHASE_MOVE; /* who resumes it has decided */
    words(runner->task);
    return RUNNER_END;
}

static enum runner_next await_canaries(struct runner *runner)
{
    struct task *task = runner->task;
    const int64_t until_ms = clock_mono_ms() + task->plan.canary_wait_ms;

    while (read_news(runner)) {
        if (too_many_failed(task))
            return give_up(runner, task_words_canary_failed);
        if (task->canaries.ended >= task->canaries.asked)
            return RUNNER_GO_ON;
        if (clock_mono_ms() >= until_ms)
            return give_up(runner, task_words_canary_late);
        if (!runner_turn(runner))
            return RUNNER_END;
        poll(NULL, 0, CANARY_PAUSE_MS);
    }
    return RUNNER_END;
}

enum runner_next runner_canary(struct runner *runner)
{
    bool first = runner->task->canary == NULL;

    if (first && !pick_canaries(runner))
        return RUNNER_END;
    if (!send_canaries(runner, first))
        return RUNNER_END;
    return await_canaries(runner);
}
