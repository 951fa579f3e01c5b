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
#include "admin/dlq_print.h"
#include "admin/queue_list.h"
#include "admin/session.h"
#include "admin/worker_table.h"

static const char doc[] =
    "Show the worker processes of the fleet, or those of one queue."
    "\vState: alive; expired: its lease is over, and other workers will take its jobs back soon; "
    "recovering: its jobs are being given back just now. A worker renews its lease every third of "
    "it, so one that is far below two thirds has not been heard of. Running: jobs in handlers, of "
    "so many threads. Applied: in how many of its queues it has done all that was ordered; one "
    "that "
    "lags behind is busy elsewhere, cut off, or may not read its orders.\n\n"
    "Examples:\n"
    "  navvy workers\n"
    "  navvy workers --running\n"
    "  navvy workers email --json | jq '.[] | select(.state != \"alive\")'\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print a JSON array", 0},
    {"all", 'a', NULL, 0, "Also of queues that are not in the configuration", 0},
    {"running", 'r', NULL, 0, "Show the jobs that run as well, the oldest first", 0},
    {0},
};

struct workers {
    struct common common;
    const char *queue; /* NULL: all */
    bool json, all, running;
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
    case 'r':
        workers->running = true;
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

/* What each worker says of itself, and how far orders are. */
static bool read_status(struct client *client, const char *queue, const struct queue_keys *keys,
                        struct worker_table *table)
{
    const struct slice hash = {keys->name[KEY_STATUS], keys->len[KEY_STATUS]};
    const struct slice control = {keys->name[KEY_CONTROL], keys->len[KEY_CONTROL]};
    int64_t version = answer_int(client, client_callf(client, "HGET %b version", &control));
    struct reply *reply = version >= 0 ? client_callf(client, "HGETALL %b", &hash) : NULL;
    bool told = true;

    if (version < 0 || !answer_ok(client, reply))
        return false;
    for (size_t i = 0; told && i + 1 < reply_count(reply); i += 2) {
        struct slice line = reply_text(reply_at(reply, i + 1));
        json_t *status = json_loadb(line.ptr, line.len, 0, NULL);
        told = worker_table_tell(table, queue, reply_text(reply_at(reply, i)), status, version);
        json_decref(status);
    }
    client_reply_free(reply);
    return told;
}

static bool read_queue(struct client *client, const char *queue, struct worker_table *table)
{
    struct queue_keys keys;
    struct snapshot snapshot;

    if (!common_keys(queue, &keys) || !snapshot_read(client, &keys, &snapshot))
        return false;
    int64_t now_ms = answer_now_ms(client);
    bool added = now_ms >= 0 && worker_table_add(table, queue, &snapshot, now_ms) &&
                 read_status(client, queue, &keys, table);
    snapshot_free(&snapshot);
    return added;
}

static const char *queue_after(const struct worker_row *row, const char *name)
{
    const char *next = name ? name + strlen(name) + 1 : row->queues.data;
    return next < row->queues.data + row->queues.len ? next : NULL;
}

static void print_self(const struct worker_row *row)
{
    char running[32] = "-", applied[32] = "-";

    if (row->known) {
        (void)snprintf(running, sizeof running, "%" PRId64 "/%" PRId64, row->pool_running,
                       row->pool_capacity);
        (void)snprintf(applied, sizeof applied, "%" PRId64 "/%" PRId64, row->obeyed, row->ordered);
    }
    printf(" %9s %7s %-9s", running, applied, row->known ? row->version : "-");
}

static void print_job(const json_t *job, int64_t now_ms)
{
    const char *const keys[] = {"queue", "claim", "type"};
    char age[DLQ_AGE_MAX];

    printf("    %5s",
           dlq_age_format(now_ms - json_integer_value(json_object_get(job, "since_ms")), age));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const json_t *text = json_object_get(job, keys[i]);
        putchar(' ');
        print_escaped((struct slice){json_string_value(text), json_string_length(text)}, 0);
    }
    putchar('\n');
}

static void print_text(const struct worker_table *table, bool running, int64_t now_ms)
{
    const json_t *job;
    size_t at;

    printf("%-44s %-10s %10s %7s %9s %7s %-9s %s\n", "WORKER", "STATE", "LEASE", "HELD", "RUNNING",
           "APPLIED", "VERSION", "QUEUES");
    for (size_t i = 0; i < table->count; i++) {
        const struct worker_row *row = table->row[i];
        print_escaped(slice_of(row->id), 0);
        printf("%*s %-10s %8" PRId64 "ms %7" PRId64, 44 - (int)strlen(row->id), "",
               row->quiet && row->state == WORKER_ALIVE ? "quiet" : worker_state_name(row->state),
               row->lease_ms, row->held);
        print_self(row);
        for (const char *name = queue_after(row, NULL); name; name = queue_after(row, name))
            printf(" %s", name);
        putchar('\n');
        json_array_foreach(running ? row->running : NULL, at, job) print_job(job, now_ms);
    }
}

static json_t *row_json(const struct worker_row *row)
{
    json_t *queues = json_array();
    for (const char *name = queue_after(row, NULL); name; name = queue_after(row, name))
        json_array_append_new(queues, json_string(name));
    json_t *object = json_pack("{s:s, s:s%, s:I, s:s, s:I, s:I, s:o}", "worker", row->id, "host",
                               row->host.ptr, row->host.len, "pid", (json_int_t)row->pid, "state",
                               worker_state_name(row->state), "lease_ms", (json_int_t)row->lease_ms,
                               "held", (json_int_t)row->held, "queues", queues);
    if (row->known)
        (void)json_object_update_new(
            object,
            json_pack("{s:s, s:b, s:I, s:{s:I, s:I}, s:b, s:O?}", "version", row->version, "quiet",
                      row->quiet, "started_ms", (json_int_t)row->started_wall_ms, "pool", "running",
                      (json_int_t)row->pool_running, "capacity", (json_int_t)row->pool_capacity,
                      "applied", row->obeyed == row->ordered, "running", row->running));
    return object;
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
        print_text(&table, workers->running, answer_now_ms(session->client));
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
