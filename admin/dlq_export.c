/*
 * dlq export: oldest first, one JSON object a line. `record` is the element's own bytes in base64,
 * which is all that an import reads; the rest is for people and jq. If others take jobs out
 * meanwhile, a job may be written twice; an import takes it once.
 */
#include <inttypes.h>
#include <stdio.h>

#include "admin/command.h"
#include "admin/dlq_line.h"
#include "admin/dlq_select.h"
#include "admin/dlq_verbs.h"
#include "admin/dlq_walk.h"
#include "admin/progress.h"
#include "admin/session.h"
#include "base/clock.h"
#include "base/units.h"

static const char doc[] =
    "Write the dead jobs of QUEUE to stdout, oldest first, one JSON object a line."
    "\vThe jobs stay where they are. `record` holds the bytes of the job, whatever they are, for "
    "`navvy dlq import`; the other fields are for reading.\n\n"
    "Examples:\n"
    "  navvy dlq export email > email.dead\n"
    "  navvy dlq export email --reason permanent | jq -r .payload\n";

static const struct argp_option options[] = {
    {"limit", 'n', "N", 0, "At most so many", 1},
    {0},
};

struct export
{
    struct common common;
    struct dlq_select select;
    const char *queue;
    uint64_t limit; /* 0: all */
    uint64_t written;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct export *export = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &export->select;
        state->child_inputs[1] = &export->common;
        return 0;
    case 'n':
        if (!units_parse_u64(slice_of(arg), &export->limit) || export->limit == 0)
            argp_error(state, "--limit %s: give a number from 1 on", arg);
        return 0;
    default:
        return common_queue(key, arg, state, &export->queue);
    }
}

static bool write_job(struct export *export, const struct dead_job *job)
{
    export->written++;
    return dlq_line_write(stdout, export->queue, job);
}

static bool is_full(const struct export *export)
{
    return export->limit > 0 && export->written >= export->limit;
}

static bool write_jobs(struct export *export, struct dlq_walk *walk)
{
    struct progress progress;
    int64_t now_wall_ms = clock_wall_ms();
    enum dlq_step step = DLQ_STEP_END;
    bool written = true;

    progress_init(&progress, walk->total);
    while (written && !is_full(export) && (step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < walk->count && written && !is_full(export); i++) {
            struct dead_job job;
            dead_job_read(&job, dlq_walk_at(walk, i));
            if (dlq_select_takes(&export->select, &job, now_wall_ms))
                written = write_job(export, &job);
        }
        progress_show(&progress, dlq_walk_visited(walk), export->written);
    }
    progress_fini(&progress);
    return written && step != DLQ_STEP_FAILED;
}

int dlq_export(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&dlq_select_argp, 0, "Which", 2}, {&common_argp, 0, "Where", 3}, {0}};
    static const struct argp argp = {options, option, "QUEUE", doc, children, NULL, NULL};
    struct export export = {0};
    struct session session;
    struct dlq_walk walk;

    int code = command_parse(&argp, argc, argv, &export);
    if (code == COMMAND_OK)
        code = session_open(&session, &export.common, export.queue);
    if (code != COMMAND_OK)
        return code;
    code = COMMAND_FAILED;
    if (dlq_walk_start(&walk, session.client, &session.keys, DLQ_OLDEST_FIRST)) {
        if (write_jobs(&export, &walk))
            code = COMMAND_OK;
        dlq_walk_end(&walk);
        fprintf(stderr, "navvy: %" PRIu64 " dead jobs of %s exported\n", export.written,
                export.queue);
    }
    session_close(&session);
    return code;
}
