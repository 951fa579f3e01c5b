/*
 * api_dlq: why jobs died, and retry or drop of many: counted first, then begun as a task.
 */
#include <stdio.h>
#include <string.h>

#include "admin/api/api_task.h"
#include "admin/api/routes.h"
#include "admin/dlq_sweep.h"
#include "admin/task/crew.h"
#include "admin/task/group_scan.h"
#include "admin/task/task_run.h"
#include "base/clock.h"

enum {
    DRY_RUN_EXAMPLES = 5,
    DRY_RUN_MS = 3000, /* then it says how far it came: others want the desk, too */
    EXAMPLE_BYTES_MAX = 200,
};

void api_dlq_groups(struct session *session, const struct api_request *request,
                    struct api_answer *answer)
{
    if (!api_queue(session, request, answer) || !api_queue_exists(session, request, answer))
        return;
    api_task_touch(request->param[0]);
    answer->json = group_scan_json(session->config, request->param[0]);
    if (answer->json == NULL)
        api_fail(answer, 503, "try again", "too many queues are being read, or there is no memory");
}

/* ---- count them, change nothing ---- */

struct dry_run {
    json_t *examples;
    int64_t until_ms;
    size_t looked, length;
};

/* Small: the page shows a few words of each. */
static json_t *example_of(const struct dead_job *job)
{
    struct record record = job->record;
    json_t *example = json_object();

    if (record.payload.len > EXAMPLE_BYTES_MAX)
        record.payload.len = EXAMPLE_BYTES_MAX;
    bool whole =
        example != NULL && json_set_bytes(example, "id", job->id) &&
        json_set_bytes(example, "reason", job->reason) &&
        json_set_bytes(example, "error", record.error) &&
        json_set_bytes(example, "type", record.type) &&
        json_set_bytes(example, "preview", record.payload) &&
        json_object_set_new(example, "failed_at_ms", json_integer(record.failed_at_wall_ms)) == 0;
    if (whole)
        return example;
    json_decref(example);
    return NULL;
}

static void on_example(const struct dead_job *job, void *arg)
{
    struct dry_run *dry_run = arg;
    if (json_array_size(dry_run->examples) < DRY_RUN_EXAMPLES)
        json_array_append_new(dry_run->examples, example_of(job));
}

static bool on_step(size_t looked, size_t length, void *arg)
{
    struct dry_run *dry_run = arg;
    dry_run->looked = looked;
    dry_run->length = length;
    return clock_mono_ms() < dry_run->until_ms;
}

static void count_only(struct session *session, const struct task_plan *plan,
                       struct api_answer *answer)
{
    struct dry_run dry_run = {json_array(), clock_mono_ms() + DRY_RUN_MS, 0, 0};
    const struct dlq_sweep_task hold = {.owner = "", .on_step = on_step};
    struct dlq_sweep sweep = {
        .session = session,
        .select = &plan->select,
        .fate = plan->fate,
        .limit = plan->limit > 0 ? plan->limit : plan->select.id_count,
        .look_only = true,
        .task = &hold,
        .on_job = on_example,
        .arg = &dry_run,
    };
    if (!dlq_sweep_run(&sweep)) {
        api_command(answer, session, COMMAND_FAILED);
        json_decref(dry_run.examples);
        return;
    }
    answer->json = json_pack("{s:I,s:I,s:b,s:I,s:I,s:o}", "count", (json_int_t)sweep.moved,
                             "unreadable", (json_int_t)sweep.unreadable, "complete",
                             (int)!sweep.stopped, "looked", (json_int_t)dry_run.looked, "length",
                             (json_int_t)dry_run.length, "examples", dry_run.examples);
}

/* ---- begin it ---- */

/* A few that were named are done while the asker waits. */
static bool is_small(const struct task_plan *plan)
{
    return plan->select.id_count > 0 && plan->canary_jobs == 0 && plan->rate.jobs == 0;
}

static void run_here(struct session *session, struct task *task, struct api_answer *answer)
{
    static const struct task_hooks hooks = {0};

    if (task_run(session, task, &hooks) == TASK_BROKEN)
        api_command(answer, session, COMMAND_FAILED);
    else
        answer->json = task_json(task);
}

static void begin(struct session *session, const struct api_request *request, struct task *task,
                  struct api_answer *answer)
{
    bool small = is_small(&task->plan);

    if (!small && !crew_enter()) {
        api_task_busy(answer);
        return;
    }
    int code = task_begin(session, task);
    if (code == COMMAND_OK && small) {
        run_here(session, task, answer);
    } else if (code == COMMAND_OK) {
        task_journal(session, task, "began");
        api_task_hand_over(session, answer, task);
    } else {
        if (!small)
            crew_leave();
        api_command(answer, session, code);
    }
    api_task_touch(request->param[0]);
}

void api_dlq_task(struct session *session, const struct api_request *request,
                  struct api_answer *answer)
{
    static const char *const besides[] = {"dry_run", NULL};
    char why[PLAN_FAULT_MAX];
    struct task task = {0};
    json_t *dry_run = json_object_get(request->body, "dry_run");

    if (!api_queue(session, request, answer) || !api_queue_exists(session, request, answer))
        return;
    if (dry_run != NULL && !json_is_boolean(dry_run)) {
        api_fail(answer, 400, NULL, "dry_run must be true or false");
        return;
    }
    if (!plan_read(&task.plan, request->body, besides, why)) {
        api_fail(answer, 400, "docs/api.md has an example", "%s", why);
        return;
    }
    snprintf(task.queue, sizeof(task.queue), "%s", request->param[0]);
    api_task_sign(request, &task);
    if (json_is_true(dry_run))
        count_only(session, &task.plan, answer);
    else
        begin(session, request, &task, answer);
    task_free(&task);
}
