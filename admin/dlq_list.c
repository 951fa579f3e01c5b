/*
 * dlq list: newest first, as far as asked; reads only as much of the list as it shows, unless a
 * filter makes it look further.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "admin/command.h"
#include "admin/dlq_print.h"
#include "admin/dlq_select.h"
#include "admin/dlq_verbs.h"
#include "admin/dlq_walk.h"
#include "admin/session.h"
#include "base/clock.h"
#include "base/units.h"

enum { LIST_LIMIT_DEFAULT = 50 };

static const char doc[] =
    "Show the dead jobs of QUEUE, newest first."
    "\vThe ID is what `navvy dlq show`, `retry` and `drop` take. An element that navvy did not "
    "write has the reason unreadable. Filters can be combined; all of them must hold.\n\n"
    "Examples:\n"
    "  navvy dlq list email\n"
    "  navvy dlq list email --reason permanent --younger 1h\n"
    "  navvy dlq list email --match bob --json | jq -r '.[].id'\n";

static const struct argp_option options[] = {
    {"limit", 'n', "N", 0, "At most so many; default 50", 1},
    {"offset", 'o', "N", 0, "Leave out the first so many", 1},
    {"json", 'j', NULL, 0, "Print a JSON array", 1},
    {0},
};

struct list {
    struct common common;
    struct dlq_select select;
    const char *queue;
    uint64_t limit, offset;
    bool json;

    uint64_t skipped, shown;
    bool more; /* there was one more than was to be shown */
    json_t *rows;
    int64_t now_wall_ms;
};

static uint64_t parse_count(const char *text, struct argp_state *state)
{
    uint64_t number = 0;
    if (!units_parse_u64(slice_of(text), &number))
        argp_error(state, "%s is not a number", text);
    return number;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct list *list = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &list->select;
        state->child_inputs[1] = &list->common;
        return 0;
    case 'n':
        list->limit = parse_count(arg, state);
        return 0;
    case 'o':
        list->offset = parse_count(arg, state);
        return 0;
    case 'j':
        list->json = true;
        return 0;
    default:
        return common_queue(key, arg, state, &list->queue);
    }
}

/* False: enough. */
static bool show_job(struct list *list, const struct dead_job *job)
{
    if (!dlq_select_takes(&list->select, job, list->now_wall_ms))
        return true;
    if (list->skipped < list->offset) {
        list->skipped++;
        return true;
    }
    list->more = list->shown == list->limit;
    if (list->more)
        return false;
    if (list->rows == NULL && list->shown == 0)
        dlq_print_head(stdout);
    list->shown++;
    if (list->rows == NULL)
        dlq_print_row(stdout, job, list->now_wall_ms);
    else
        json_array_append_new(list->rows, dead_job_json(job));
    return true;
}

static bool walk_through(struct list *list, struct dlq_walk *walk)
{
    if (!dlq_select_given(&list->select)) {
        dlq_walk_skip(walk, list->offset);
        list->skipped = list->offset;
    }
    enum dlq_step step;
    while ((step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < walk->count; i++) {
            struct dead_job job;
            dead_job_read(&job, dlq_walk_at(walk, i));
            if (!show_job(list, &job))
                return true;
        }
    }
    return step == DLQ_STEP_END;
}

static void print_end(const struct list *list, size_t total)
{
    if (list->rows != NULL) {
        json_dumpf(list->rows, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (list->shown == 0) {
        fprintf(stderr, "navvy: %s of %zu dead jobs in %s\n", total > 0 ? "none" : "there are none",
                total, list->queue);
    }
    if (list->more)
        fprintf(stderr, "navvy: there are more (%zu in all); --offset %" PRIu64 " shows the next\n",
                total, list->offset + list->shown);
}

static int run(struct list *list)
{
    struct session session;
    struct dlq_walk walk;

    int code = session_open(&session, &list->common, list->queue);
    if (code != COMMAND_OK)
        return code;
    list->now_wall_ms = clock_wall_ms();
    list->rows = list->json ? json_array() : NULL;
    code = COMMAND_FAILED;
    if (dlq_walk_start(&walk, session.client, &session.keys, DLQ_NEWEST_FIRST)) {
        if (walk_through(list, &walk)) {
            print_end(list, walk.total);
            code = COMMAND_OK;
        }
        dlq_walk_end(&walk);
    }
    json_decref(list->rows);
    session_close(&session);
    return code;
}

int dlq_list(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&dlq_select_argp, 0, "Which", 2}, {&common_argp, 0, "Where", 3}, {0}};
    static const struct argp argp = {options, option, "QUEUE", doc, children, NULL, NULL};
    struct list list = {.limit = LIST_LIMIT_DEFAULT};

    int code = command_parse(&argp, argc, argv, &list);
    return code == COMMAND_OK ? run(&list) : code;
}
