#include "admin/task/task_run.h"

#include <poll.h>

#include "admin/task/runner.h"
#include "admin/task/task_words.h"
#include "base/clock.h"

bool runner_report(struct runner *runner, const char *field, const char *text)
{
    struct task *task = runner->task;
    struct task_change change = {0};
    enum task_state was;

    task_words_running(task);
    task_change_text(&change, "words", task->words);
    task_change_int(&change, "looked", task->looked);
    task_change_int(&change, "length", task->length);
    task_change_int(&change, "skipped", task->skipped);
    if (task->total >= 0)
        task_change_int(&change, "total", task->total);
    if (field != NULL)
        task_change_text(&change, field, text);
    runner->next_report_ms = clock_mono_ms() + RUNNER_REPORT_MS;
    enum task_step step = task_step(runner->session, task, "mine", TASK_LEASE_MS, &change, &was);
    runner->broken |= step == TASK_STEP_FAILED;
    runner->lost |= step == TASK_STEP_REFUSED;
    return step == TASK_STEP_OK;
}

bool runner_turn(struct runner *runner)
{
    if (runner->hooks->on_progress != NULL)
        runner->hooks->on_progress(runner->task, runner->hooks->arg);
    runner->stopped |= runner->hooks->stops != NULL && runner->hooks->stops(runner->hooks->arg);
    if (runner->stopped)
        return false;
    return clock_mono_ms() < runner->next_report_ms || runner_report(runner, NULL, NULL);
}

static void count_moved(struct runner *runner)
{
    struct task *task = runner->task;
    if (!runner->sweep.look_only)
        task->moved = runner->moved_before + (int64_t)runner->sweep.moved;
    task->skipped = runner->skipped_before + (int64_t)runner->sweep.unreadable;
}

static bool on_step(size_t looked, size_t length, void *arg)
{
    struct runner *runner = arg;
    runner->task->looked = (int64_t)looked;
    runner->task->length = (int64_t)length;
    count_moved(runner);
    return runner_turn(runner);
}

/* Waits until the rate allows one more. */
static size_t allowance(void *arg)
{
    struct runner *runner = arg;
    size_t open;

    gate_passed(&runner->gate, (size_t)(runner->sweep.moved - runner->let_through));
    runner->let_through = runner->sweep.moved;
    while ((open = gate_open(&runner->gate, clock_mono_ms())) == 0) {
        if (!runner_turn(runner))
            return 0;
        poll(NULL, 0, RUNNER_PAUSE_MS);
    }
    return open;
}

static void on_job(const struct dead_job *job, void *arg)
{
    struct runner *runner = arg;
    if (runner->claims != NULL && job->readable)
        json_array_append_new(runner->claims, json_stringn(job->id.ptr, job->id.len));
    if (!runner->sweep.look_only && runner->hooks->on_job != NULL)
        runner->hooks->on_job(job, runner->hooks->arg);
}

bool runner_pass(struct runner *runner, bool look_only, const struct dlq_select *select,
                 uint64_t limit)
{
    runner->moved_before = runner->task->moved;
    runner->skipped_before = runner->task->skipped;
    runner->let_through = 0;
    runner->sweep = (struct dlq_sweep){
        .session = runner->session,
        .select = select,
        .fate = runner->task->plan.fate,
        .limit = limit,
        .look_only = look_only,
        .now_wall_ms = runner->task->started_ms,
        .failed_until_wall_ms = runner->task->started_ms,
        .task = &runner->hold,
        .on_job = on_job,
        .arg = runner,
    };
    bool whole = dlq_sweep_run(&runner->sweep);
    count_moved(runner);
    if (look_only)
        runner->task->skipped = runner->skipped_before; /* those are met again */
    runner->lost |= runner->sweep.lost;
    runner->broken |= !whole && !runner->lost;
    return whole && !runner->sweep.stopped;
}

/* Where everything is meant, the length of the list tells. */
static bool count_meant(struct runner *runner)
{
    struct task *task = runner->task;
    const struct dlq_select *select = &task->plan.select;

    if (task->total >= 0)
        return true;
    if (select->id_count > 0) {
        task->total = (int64_t)select->id_count;
        return true;
    }
    if (!runner_pass(runner, true, select, task->plan.limit))
        return false;
    task->total = (int64_t)runner->sweep.moved;
    return true;
}

static uint64_t limit_left(const struct task *task)
{
    uint64_t limit = task->plan.limit;
    if (limit == 0)
        limit = task->plan.select.id_count; /* then there is no need to look further */
    return limit > 0 ? limit - (uint64_t)task->moved : 0;
}

static bool is_enough(const struct task *task)
{
    uint64_t limit = task->plan.limit > 0 ? task->plan.limit : task->plan.select.id_count;
    return limit > 0 && (uint64_t)task->moved >= limit;
}

/* False: it ended before its end. */
static bool run_phases(struct runner *runner)
{
    struct task *task = runner->task;

    if (task->phase == TASK_PHASE_COUNT) {
        if (!count_meant(runner))
            return false;
        task->phase = task->plan.canary_jobs > 0 ? TASK_PHASE_CANARY : TASK_PHASE_MOVE;
        if (!runner_report(runner, "phase", task->plan.canary_jobs > 0 ? "canary" : "move"))
            return false;
    }
    if (task->phase == TASK_PHASE_CANARY) {
        if (runner_canary(runner) == RUNNER_END)
            return false;
        task->phase = TASK_PHASE_MOVE;
        if (!runner_report(runner, "phase", "move"))
            return false;
    }
    return is_enough(task) || runner_pass(runner, false, &task->plan.select, limit_left(task));
}

/* What has become of one that is not ours any more. */
static enum task_end find_out(struct runner *runner)
{
    struct task now, *task = runner->task;
    if (task_load(runner->session, task->queue, task->id, &now) != COMMAND_OK)
        return TASK_BROKEN;
    task->state = now.state;
    task->moved = now.moved;
    memcpy(task->words, now.words, sizeof(task->words));
    task_free(&now);
    return TASK_NOT_OURS;
}

static enum task_end finish(struct runner *runner)
{
    struct task *task = runner->task;

    if (runner->broken)
        return TASK_BROKEN;
    if (runner->lost)
        return find_out(runner);
    if (runner->stopped && task->state == TASK_RUNNING) {
        task->state = TASK_STOPPED;
        task_words_stopped(task);
    } else if (task->state == TASK_RUNNING) {
        task->state = TASK_DONE;
        task_words_done(task);
    }
    enum task_step step = task_end(runner->session, task);
    if (step == TASK_STEP_REFUSED)
        return find_out(runner);
    return step == TASK_STEP_OK ? TASK_OVER : TASK_BROKEN;
}

enum task_end task_run(struct session *session, struct task *task, const struct task_hooks *hooks)
{
    struct runner runner = {
        .session = session,
        .task = task,
        .hooks = hooks,
        .gate = {.rate = task->plan.rate},
        .next_report_ms = clock_mono_ms() + RUNNER_REPORT_MS,
    };
    size_t len = queue_key_task(&session->keys, task->id, runner.key);
    runner.hold = (struct dlq_sweep_task){
        .key = {runner.key, len},
        .owner = task->owner,
        .allowance = allowance,
        .on_step = on_step,
    };
    if (!run_phases(&runner) && task->state == TASK_RUNNING && !runner.lost && !runner.broken)
        runner.stopped = true;
    json_decref(runner.claims);
    return finish(&runner);
}
