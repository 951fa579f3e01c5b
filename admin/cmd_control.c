/*
 * control: what is ordered of workers now, how many of them have done it, and who ordered what.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "admin/command.h"
#include "admin/dlq_print.h"
#include "admin/queue_list.h"
#include "admin/session.h"
#include "admin/view/fleet.h"
#include "admin/view/journal.h"
#include "base/units.h"

static const char doc[] =
    "Show what was ordered of the workers of each queue, and how many have done it."
    "\vApplied: how many of the workers that are alive have done all that was ordered so far. "
    "--journal shows who ordered what, and when, newest first, bulk actions on dead jobs "
    "included.\n\n"
    "Examples:\n"
    "  navvy control\n"
    "  navvy control email --journal\n";

static const struct argp_option options[] = {
    {"journal", 'J', NULL, 0, "Show who ordered what", 0},
    {"limit", 'l', "N", 0, "So many lines of the journal of each queue (default 20)", 0},
    {"json", 'j', NULL, 0, "Print a JSON array", 0},
    {"all", 'a', NULL, 0, "Also of queues that are not in the configuration", 0},
    {0},
};

struct control {
    struct common common;
    const char *queue; /* NULL: all */
    bool journal, json, all;
    uint64_t limit;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct control *control = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &control->common;
        return 0;
    case 'J':
        control->journal = true;
        return 0;
    case 'j':
        control->json = true;
        return 0;
    case 'a':
        control->all = true;
        return 0;
    case 'l':
        if (!units_parse_u64(slice_of(arg), &control->limit) || control->limit == 0 ||
            control->limit > JOURNAL_LINES_MAX)
            argp_error(state, "--limit: \"%s\" is not a number from 1 to %d", arg,
                       JOURNAL_LINES_MAX);
        return 0;
    case ARGP_KEY_ARG:
        if (control->queue != NULL)
            argp_error(state, "one queue at a time, or none for all of them");
        control->queue = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- what is ordered ------------------------------------------------------------------------- */

static const char *level_of(const struct fleet_queue *queue)
{
    return queue->log_level[0] != 0 ? queue->log_level : NULL;
}

static json_t *row_json(const struct fleet_queue *queue)
{
    json_t *row = json_pack("{s:s, s:I, s:I, s:I, s:b, s:s?}", "queue", queue->name, "version",
                            (json_int_t)queue->control_version, "workers",
                            (json_int_t)queue->worker_count, "applied", (json_int_t)queue->applied,
                            "paused", queue->paused, "log_level", level_of(queue));
    (void)json_object_set_new(row, "concurrency",
                              queue->concurrency > 0 ? json_integer(queue->concurrency)
                                                     : json_null());
    return row;
}

static void print_row(const struct fleet_queue *queue)
{
    char concurrency[24] = "default", heard[48];

    if (queue->concurrency > 0)
        (void)snprintf(concurrency, sizeof concurrency, "%" PRId64, queue->concurrency);
    (void)snprintf(heard, sizeof heard, "%zu/%zu", queue->applied, queue->worker_count);
    printf("%-24s %8" PRId64 " %9s %-7s %-12s %s\n", queue->name, queue->control_version, heard,
           queue->paused ? "paused" : "runs", concurrency,
           level_of(queue) != NULL ? level_of(queue) : "default");
}

static bool show_orders(const struct control *control, struct session *session,
                        const struct queue_list *list)
{
    struct fleet fleet;
    json_t *rows = control->json ? json_array() : NULL;
    bool whole = true;

    if (!fleet_read(session->client, session->config, list, FLEET_WORKERS, &fleet))
        return false;
    if (rows == NULL)
        printf("%-24s %8s %9s %-7s %-12s %s\n", "QUEUE", "VERSION", "APPLIED", "STATE",
               "CONCURRENCY", "LOG-LEVEL");
    for (size_t i = 0; i < fleet.queue_count; i++) {
        const struct fleet_queue *queue = &fleet.queue[i];
        if (queue->fault[0] != 0)
            whole = command_fault(false, "%s: %s", queue->name, queue->fault);
        else if (rows != NULL)
            (void)json_array_append_new(rows, row_json(queue));
        else
            print_row(queue);
    }
    if (rows != NULL) {
        json_dumpf(rows, stdout, JSON_COMPACT);
        putchar('\n');
    }
    json_decref(rows);
    fleet_free(&fleet);
    return whole;
}

/* --- who ordered it -------------------------------------------------------------------------- */

static void print_text(const json_t *line, const char *key, const char *before)
{
    const json_t *text = json_object_get(line, key);
    struct slice bytes = {json_string_value(text), json_string_length(text)};

    if (bytes.len == 0)
        return;
    fputs(before, stdout);
    print_escaped(bytes, 0);
}

static void print_line(const json_t *line)
{
    char when[DLQ_TIME_MAX];

    (void)dlq_time_format(json_integer_value(json_object_get(line, "at_ms")), when);
    fputs(when, stdout);
    print_text(line, "queue", "  ");
    print_text(line, "what", "  ");
    print_text(line, "words", " ");
    print_text(line, "filter", " ");
    const json_t *count = json_object_get(line, "count");
    if (json_is_integer(count))
        printf(" (%" JSON_INTEGER_FORMAT " jobs)", json_integer_value(count));
    print_text(line, "who", "  by ");
    print_text(line, "where", ", ");
    putchar('\n');
}

static bool show_journal(const struct control *control, struct session *session,
                         const struct queue_list *list)
{
    json_t *lines = journal_read_all(session->client, list, (int64_t)control->limit);
    const json_t *line;
    size_t i;

    if (lines == NULL)
        return false;
    if (control->json) {
        json_dumpf(lines, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        json_array_foreach(lines, i, line) print_line(line);
    }
    json_decref(lines);
    return true;
}

int cmd_control(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, "[QUEUE]", doc, children, NULL, NULL};
    struct control control = {.limit = 20};
    struct queue_list list = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &control);
    if (code == COMMAND_OK)
        code = session_open(&session, &control.common, control.queue);
    if (code != COMMAND_OK)
        return code;
    bool listed = control.queue
                      ? queue_list_add(&list, control.queue)
                      : queue_list_read(&list, session.config, session.client, control.all);
    bool shown = listed && (control.journal ? show_journal(&control, &session, &list)
                                            : show_orders(&control, &session, &list));
    queue_list_free(&list);
    session_close(&session);
    return shown ? COMMAND_OK : COMMAND_FAILED;
}
