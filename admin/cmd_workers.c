/*
 * workers: who works, on what, how much each holds, and how long its lease still is, by the clock
 * of Redis.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "admin/queue_list.h"
#include "admin/session.h"
#include "admin/worker_table.h"

static const char doc[] =
    "Show the worker processes of the fleet, or those of one queue."
    "\vState: alive; expired: its lease is over, and other workers will take its jobs back soon; "
    "recovering: its jobs are being given back just now. A worker renews its lease every third of "
    "it, so one that is far below two thirds has not been heard of.\n\n"
    "Examples:\n"
    "  navvy workers\n"
    "  navvy workers email --json | jq '.[] | select(.state != \"alive\")'\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print a JSON array", 0},
    {"all", 'a', NULL, 0, "Also of queues that are not in the configuration", 0},
    {0},
};

struct workers {
    struct common common;
    const char *queue; /* NULL: all */
    bool json, all;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct workers *workers = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &workers->common;
        return 0;
    case 'j':
        workers->json = true;
        return 0;
    case 'a':
        workers->all = true;
        return 0;
    case ARGP_KEY_ARG:
        if (workers->queue != NULL)
            argp_error(state, "one queue at a time, or none for all of them");
        workers->queue = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool read_queue(struct client *client, const char *queue, struct worker_table *table)
{
    struct queue_keys keys;
    struct snapshot snapshot;

    if (!common_keys(queue, &keys) || !snapshot_read(client, &keys, &snapshot))
        return false;
    int64_t now_ms = answer_now_ms(client);
    bool added = now_ms >= 0 && worker_table_add(table, queue, &snapshot, now_ms);
    snapshot_free(&snapshot);
    return added;
}

static const char *queue_after(const struct worker_row *row, const char *name)
{
    const char *next = name ? name + strlen(name) + 1 : row->queues.data;
    return next < row->queues.data + row->queues.len ? next : NULL;
}

static void print_text(const struct worker_table *table)
{
    printf("%-44s %-10s %10s %7s %s\n", "WORKER", "STATE", "LEASE", "HELD", "QUEUES");
    for (size_t i = 0; i < table->count; i++) {
        const struct worker_row *row = table->row[i];
        print_escaped(slice_of(row->id), 0);
        printf("%*s %-10s %8" PRId64 "ms %7" PRId64, 44 - (int)strlen(row->id), "",
               worker_state_name(row->state), row->lease_ms, row->held);
        for (const char *name = queue_after(row, NULL); name; name = queue_after(row, name))
            printf(" %s", name);
        putchar('\n');
    }
}

static json_t *row_json(const struct worker_row *row)
{
    json_t *queues = json_array();
    for (const char *name = queue_after(row, NULL); name; name = queue_after(row, name))
        json_array_append_new(queues, json_string(name));
    return json_pack("{s:s, s:s%, s:I, s:s, s:I, s:I, s:o}", "worker", row->id, "host",
                     row->host.ptr, row->host.len, "pid", (json_int_t)row->pid, "state",
                     worker_state_name(row->state), "lease_ms", (json_int_t)row->lease_ms, "held",
                     (json_int_t)row->held, "queues", queues);
}

static void print_json(const struct worker_table *table)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < table->count; i++)
        json_array_append_new(rows, row_json(table->row[i]));
    json_dumpf(rows, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(rows);
}

static bool show(const struct workers *workers, struct session *session,
                 const struct queue_list *list)
{
    struct worker_table table = {0};
    bool whole = true;
    for (size_t i = 0; i < list->count; i++)
        whole = read_queue(session->client, list->name[i], &table) && whole;
    if (workers->json)
        print_json(&table);
    else if (table.count > 0)
        print_text(&table);
    else
        fputs("navvy: no workers\n", stderr);
    worker_table_free(&table);
    return whole;
}

int cmd_workers(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, "[QUEUE]", doc, children, NULL, NULL};
    struct workers workers = {0};
    struct queue_list list = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &workers);
    if (code == COMMAND_OK)
        code = session_open(&session, &workers.common, NULL);
    if (code != COMMAND_OK)
        return code;
    bool listed = workers.queue
                      ? queue_list_add(&list, workers.queue)
                      : queue_list_read(&list, session.config, session.client, workers.all);
    if (!listed || !show(&workers, &session, &list))
        code = COMMAND_FAILED;
    queue_list_free(&list);
    session_close(&session);
    return code;
}
