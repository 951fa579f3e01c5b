#include "admin/dlq_bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/dlq_canary.h"
#include "admin/dlq_print.h"
#include "admin/dlq_sweep.h"
#include "admin/dlq_task.h"
#include "admin/view/journal.h"
#include "base/clock.h"
#include "base/units.h"

enum { PREVIEW_ROWS = 5 };

struct bulk {
    const struct dlq_bulk_verb *verb;
    struct common common;
    struct dlq_select select;
    const char *queue;
    uint64_t limit;
    bool all, dry_run, yes;
    struct plan_rate rate;
    struct dlq_canary canary;

    bool *found; /* one for each of select.ids */
    int previewed;
};

enum { OPTION_RATE = 0x300 };

static const struct argp_option options[] = {
    {"all", 'a', NULL, 0, "All dead jobs of the queue", 1},
    {"limit", 'n', "N", 0, "At most so many, the oldest first", 1},
    {"dry-run", 'd', NULL, 0, "Count them and show the first few; change nothing", 1},
    {"yes", 'y', NULL, 0, "Do not ask; needed where nobody can be asked", 1},
    {"rate", OPTION_RATE, "N/s", 0, "At most so many a second; or N/m, N/h", 1},
    {0},
};

static error_t take_words(struct bulk *bulk, struct argp_state *state)
{
    bulk->queue = state->argv[state->next];
    bulk->select.ids = &state->argv[state->next + 1];
    bulk->select.id_count = (size_t)(state->argc - state->next - 1);
    if (bulk->verb->takes_all && bulk->select.id_count > 0)
        argp_error(state, "it takes one queue, whole; `navvy dlq drop` takes IDs");
    return 0;
}

static error_t check_words(const struct bulk *bulk, struct argp_state *state)
{
    bool given = dlq_select_given(&bulk->select);
    if (bulk->queue == NULL)
        argp_error(state, "which queue?");
    if (!given && !bulk->all && !bulk->verb->takes_all)
        argp_error(state, "which jobs? Give IDs, or a filter, or --all");
    if (given && bulk->all)
        argp_error(state, "--all and a choice of jobs exclude each other");
    return 0;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct bulk *bulk = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &bulk->common;
        if (!bulk->verb->takes_all) /* then there is no second child */
            state->child_inputs[1] = &bulk->select;
        if (bulk->verb->fate == DLQ_FATE_RETRY)
            state->child_inputs[2] = &bulk->canary;
        return 0;
    case OPTION_RATE:
        if (!plan_rate_read(arg, &bulk->rate))
            argp_error(state, "--rate %s: give a number and a time, such as 50/s or 600/m", arg);
        return 0;
    case 'a':
        bulk->all = true;
        return 0;
    case 'n':
        if (!units_parse_u64(slice_of(arg), &bulk->limit) || bulk->limit == 0)
            argp_error(state, "--limit %s: give a number from 1 on", arg);
        return 0;
    case 'd':
        bulk->dry_run = true;
        return 0;
    case 'y':
        bulk->yes = true;
        return 0;
    case ARGP_KEY_ARGS:
        return take_words(bulk, state);
    case ARGP_KEY_END:
        return check_words(bulk, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void on_meant(const struct dead_job *job, void *arg)
{
    struct bulk *bulk = arg;
    for (size_t i = 0; i < bulk->select.id_count; i++)
        if (slice_equal(slice_of(bulk->select.ids[i]), job->id))
            bulk->found[i] = true;
}

static void on_preview(const struct dead_job *job, void *arg)
{
    struct bulk *bulk = arg;
    on_meant(job, bulk);
    if (bulk->previewed++ >= PREVIEW_ROWS)
        return;
    if (bulk->previewed == 1)
        dlq_print_head(stdout);
    dlq_print_row(stdout, job, clock_wall_ms());
}

static struct dlq_sweep sweep_of(struct bulk *bulk, struct session *session)
{
    return (struct dlq_sweep){
        .session = session,
        .select = &bulk->select,
        .fate = bulk->verb->fate,
        .limit = bulk->limit > 0 ? bulk->limit : bulk->select.id_count,
        .on_job = on_meant,
        .arg = bulk,
    };
}

/* IDs that were named and are not there. */
static int report_missing(const struct bulk *bulk)
{
    int code = COMMAND_OK;
    for (size_t i = 0; i < bulk->select.id_count; i++)
        if (!bulk->found[i])
            code = command_fault(COMMAND_NOT_FOUND, "%s has no dead job %s", bulk->queue,
                                 bulk->select.ids[i]);
    return code;
}

static int report_unreadable(const struct bulk *bulk, const struct dlq_sweep *sweep)
{
    if (sweep->unreadable == 0)
        return COMMAND_OK;
    command_fault(COMMAND_OK,
                  "%" PRIu64 " were not written by navvy, cannot be retried, and stay; see "
                  "`navvy dlq list %s --reason unreadable`",
                  sweep->unreadable, bulk->queue);
    return bulk->select.id_count > 0 ? COMMAND_FAILED : COMMAND_OK;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static int preview(struct bulk *bulk, struct session *session)
{
    struct dlq_sweep sweep = sweep_of(bulk, session);
    sweep.look_only = true;
    sweep.on_job = on_preview;
    if (!dlq_sweep_run(&sweep))
        return COMMAND_FAILED;
    printf("%s: %" PRIu64 " dead job%s would be %s; nothing was changed\n", bulk->queue,
           sweep.moved, plural(sweep.moved), bulk->verb->past);
    report_unreadable(bulk, &sweep);
    return report_missing(bulk);
}

static struct task task_of(struct bulk *bulk)
{
    struct journal_entry sign = {0};
    struct task task = {
        .plan = {.fate = bulk->verb->fate,
                 .select = bulk->select,
                 .limit = bulk->limit,
                 .rate = bulk->rate,
                 .canary_jobs = bulk->canary.jobs,
                 .stop_percent = bulk->canary.stop_percent,
                 .canary_wait_ms =
                     bulk->canary.wait_ms > 0 ? bulk->canary.wait_ms : PLAN_CANARY_WAIT_MS},
    };
    journal_sign_cli(&sign);
    snprintf(task.queue, sizeof(task.queue), "%s", bulk->queue);
    snprintf(task.by, sizeof(task.by), "%s", sign.who);
    snprintf(task.where, sizeof(task.where), "%s", sign.where);
    return task;
}

/* What could not be retried was said by on_meant(). */
static int run_task(struct bulk *bulk, struct session *session)
{
    char why[PLAN_FAULT_MAX];
    struct task task = task_of(bulk);

    if (!plan_check(&task.plan, why))
        return command_fault(COMMAND_USAGE, "%s", why);
    int code = task_begin(session, &task);
    if (code != COMMAND_OK)
        return code;
    code = dlq_task_run(session, &task, on_meant, bulk);
    const struct dlq_sweep sweep = {.unreadable = (uint64_t)task.skipped};
    int unreadable = report_unreadable(bulk, &sweep);
    bool whole = task.state == TASK_DONE;
    task_free(&task);
    if (!whole)
        return code;
    int missing = report_missing(bulk);
    return missing != COMMAND_OK ? missing : unreadable;
}

/* Asks at a terminal, after counting. COMMAND_OK: go on. */
static int confirm(struct bulk *bulk, struct session *session)
{
    struct dlq_sweep sweep = sweep_of(bulk, session);
    sweep.look_only = true;
    if (!dlq_sweep_run(&sweep))
        return COMMAND_FAILED;
    fprintf(stderr, "%s %" PRIu64 " dead job%s of %s? [y/N] ", bulk->verb->name, sweep.moved,
            plural(sweep.moved), bulk->queue);
    char answer[8] = "";
    if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return COMMAND_OK;
    return command_fault(COMMAND_FAILED, "nothing was changed");
}

static int run(struct bulk *bulk)
{
    struct session session;
    bool asks = !bulk->yes && !bulk->dry_run && bulk->select.id_count == 0;

    if (asks && !isatty(STDIN_FILENO))
        return command_fault(COMMAND_USAGE,
                             "refused to %s many jobs unasked: add --yes, or --dry-run to see them",
                             bulk->verb->name);
    int code = session_open(&session, &bulk->common, bulk->queue);
    if (code != COMMAND_OK)
        return code;
    bulk->found = calloc(bulk->select.id_count + 1, sizeof(*bulk->found));
    if (bulk->found == NULL)
        code = command_fault(COMMAND_FAILED, "no memory for %zu IDs", bulk->select.id_count);
    if (code == COMMAND_OK && asks)
        code = confirm(bulk, &session);
    if (code == COMMAND_OK)
        code = bulk->dry_run ? preview(bulk, &session) : run_task(bulk, &session);
    free(bulk->found);
    session_close(&session);
    return code;
}

int dlq_bulk_run(const struct dlq_bulk_verb *verb, int argc, char **argv)
{
    static const struct argp_child all[] = {{&common_argp, 0, "Where", 3}, {0}};
    static const struct argp_child some[] = {
        {&common_argp, 0, "Where", 3}, {&dlq_select_argp, 0, "Which", 2}, {0}};
    static const struct argp_child retry[] = {{&common_argp, 0, "Where", 4},
                                              {&dlq_select_argp, 0, "Which", 3},
                                              {&dlq_canary_argp, 0, "Carefully", 2},
                                              {0}};
    const struct argp argp = {
        .options = verb->takes_all ? options + 1 : options,
        .parser = option,
        .args_doc = verb->takes_all ? "QUEUE" : "QUEUE [ID...]",
        .doc = verb->doc,
        .children = verb->takes_all                ? all
                    : verb->fate == DLQ_FATE_RETRY ? retry
                                                   : some,
    };
    struct bulk bulk = {.verb = verb};

    int code = command_parse(&argp, argc, argv, &bulk);
    return code == COMMAND_OK ? run(&bulk) : code;
}
