/*
 * queues: one row per queue, each from one snapshot. Costs as much as there are queues and workers,
 * however many jobs there are.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "admin/command.h"
#include "admin/queue_list.h"
#include "admin/session.h"
#include "admin/snapshot.h"

static const char doc[] =
    "Show the queues: how much waits, runs, failed and was done."
    "\vShows the queues of the configuration; without one, or with --all, also those that Redis "
    "knows of, which means a look at the name of every key there.\n\n"
    "waiting: not taken yet, or coming back. held: with a worker. retry: failed, to be tried "
    "again. scheduled: for later. dlq: dead, see `navvy dlq list`. done, duplicate: since the "
    "queue began.\n\n"
    "Examples:\n"
    "  navvy queues\n"
    "  navvy queues --all --json | jq '.[] | select(.dlq > 0) | .queue'\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print a JSON array", 0},
    {"all", 'a', NULL, 0, "Also queues that are not in the configuration", 0},
    {0},
};

struct queues {
    struct common common;
    bool json, all;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct queues *queues = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &queues->common;
        return 0;
    case 'j':
        queues->json = true;
        return 0;
    case 'a':
        queues->all = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: this verb takes no queue; see `navvy audit QUEUE`", arg);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static json_t *row_json(const char *queue, const struct snapshot *s)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:I}",       //
                     "queue", queue, "waiting", (json_int_t)snapshot_waiting(s), //
                     "held", (json_int_t)s->held, "retry", (json_int_t)s->retry, //
                     "scheduled", (json_int_t)s->scheduled,                      //
                     "dlq", (json_int_t)s->dlq, "done", (json_int_t)s->done,     //
                     "duplicate", (json_int_t)s->duplicate, "paused", s->paused, //
                     "workers", (json_int_t)s->alive);
}

static void print_head(void)
{
    printf("%-24s %10s %7s %7s %9s %7s %10s %9s %7s\n", "QUEUE", "WAITING", "HELD", "RETRY",
           "SCHEDULED", "DLQ", "DONE", "DUPLICATE", "WORKERS");
}

static void print_row(const char *queue, const struct snapshot *s)
{
    printf("%-24s %10" PRId64 " %7" PRId64 " %7" PRId64 " %9" PRId64 " %7" PRId64 " %10" PRId64
           " %9" PRId64 " %7" PRId64 "%s\n",
           queue, snapshot_waiting(s), s->held, s->retry, s->scheduled, s->dlq, s->done,
           s->duplicate, s->alive, s->paused ? "  paused" : "");
}

/* `rows`: NULL for text. */
static bool show_queue(struct client *client, const char *queue, json_t *rows)
{
    struct queue_keys keys;
    struct snapshot snapshot;

    if (!common_keys(queue, &keys) || !snapshot_read(client, &keys, &snapshot))
        return false;
    bool shown = true;
    if (rows != NULL)
        shown = json_array_append_new(rows, row_json(queue, &snapshot)) == 0;
    else
        print_row(queue, &snapshot);
    snapshot_free(&snapshot);
    return shown;
}

/* A queue that cannot be read is reported; the others are shown all the same. */
static bool show(const struct queues *queues, struct session *session, struct queue_list *list)
{
    json_t *rows = queues->json ? json_array() : NULL;
    bool whole = true;

    if (!queues->json && list->count > 0)
        print_head();
    for (size_t i = 0; i < list->count; i++)
        whole = show_queue(session->client, list->name[i], rows) && whole;
    if (rows != NULL) {
        json_dumpf(rows, stdout, JSON_COMPACT);
        putchar('\n');
    }
    if (list->count == 0)
        fputs("navvy: there are no queues yet; the first take of a worker makes one\n", stderr);
    json_decref(rows);
    return whole;
}

int cmd_queues(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};
    struct queues queues = {0};
    struct queue_list list = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &queues);
    if (code == COMMAND_OK)
        code = session_open(&session, &queues.common, NULL);
    if (code != COMMAND_OK)
        return code;
    if (!queue_list_read(&list, session.config, session.client, queues.all) ||
        !show(&queues, &session, &list))
        code = COMMAND_FAILED;
    queue_list_free(&list);
    session_close(&session);
    return code;
}
