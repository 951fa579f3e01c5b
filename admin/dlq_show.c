/*
 * dlq show: everything that is known about one dead job.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "admin/command.h"
#include "admin/dlq_find.h"
#include "admin/dlq_print.h"
#include "admin/dlq_verbs.h"
#include "base/clock.h"
#include "base/units.h"

static const char doc[] =
    "Show everything about one dead job: why, when, how often, its header and its whole payload."
    "\vExamples:\n"
    "  navvy dlq show email web1-4711-9f86d081884c7d65:17\n"
    "  navvy dlq show email ID --raw > payload.bin\n"
    "  navvy dlq show email ID --json | jq .payload\n\n"
    "In JSON a payload that is not UTF-8 is payload_base64. Exit code 3: there is no such job.\n";

static const struct argp_option options[] = {
    {"raw", 'R', NULL, 0, "Print the bytes of the payload and nothing else", 0},
    {"json", 'j', NULL, 0, "Print one JSON object", 0},
    {0},
};

struct show {
    struct common common;
    const char *queue, *id;
    bool raw, json;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct show *show = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &show->common;
        return 0;
    case 'R':
        show->raw = true;
        return 0;
    case 'j':
        show->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one job at a time");
        *(state->arg_num == 0 ? &show->queue : &show->id) = arg;
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2)
            argp_error(state, "which queue, and which job? `navvy dlq list QUEUE` shows the IDs");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Fields that are absent or 0 are left out. */
static void print_bytes(const char *name, struct slice bytes)
{
    if (bytes.ptr == NULL)
        return;
    printf("%-13s ", name);
    print_escaped(bytes, 0);
    putchar('\n');
}

static void print_number(const char *name, uint32_t number)
{
    if (number > 0)
        printf("%-13s %" PRIu32 "\n", name, number);
}

static void print_time(const char *name, int64_t wall_ms)
{
    char text[DLQ_TIME_MAX], age[DLQ_AGE_MAX];
    int64_t age_ms = clock_wall_ms() - wall_ms;
    if (wall_ms <= 0)
        return;
    printf("%-13s %s", name, dlq_time_format(wall_ms, text));
    if (age_ms >= 0)
        printf(" (%s ago)", dlq_age_format(age_ms, age));
    putchar('\n');
}

static void print_text(const char *queue, const struct dead_job *job)
{
    const struct record *record = &job->record;
    char timeout[UNITS_TEXT_MAX];

    print_bytes("id", job->id);
    print_bytes("queue", slice_of(queue));
    print_bytes("reason", job->reason);
    print_bytes("error", record->error);
    print_number("attempts", record->attempt);
    print_number("deliveries", record->deliveries);
    print_number("recoveries", record->recoveries);
    print_number("crashes", record->crashes);
    print_time("failed_at", record->failed_at_wall_ms);
    print_bytes("producer_id", record->id);
    print_bytes("type", record->type);
    print_bytes("key", record->key);
    print_bytes("traceparent", record->traceparent);
    print_number("max_attempts", record->max_attempts);
    if (record->timeout_ms > 0)
        printf("%-13s %s\n", "timeout", units_format_duration(record->timeout_ms, timeout));
    print_time("enqueued_at", record->enqueued_at_wall_ms);
    print_time("expires_at", record->expires_at_wall_ms);
    if (record->header.len > 0)
        print_bytes("header", record->header);
    printf("%-13s %zu bytes\n\n", "payload", record->payload.len);
    if (record->payload.len > 0)
        print_escaped(record->payload, 0);
    putchar('\n');
}

static int print_json(const char *queue, const struct dead_job *job)
{
    const struct record *record = &job->record;
    json_t *object = dead_job_json(job);
    bool whole =
        object != NULL && json_set_bytes(object, "queue", slice_of(queue)) &&
        json_set_bytes(object, "traceparent", record->traceparent) &&
        json_set_bytes(object, "header", record->header) &&
        json_object_set_new(object, "recoveries", json_integer(record->recoveries)) == 0 &&
        json_object_set_new(object, "crashes", json_integer(record->crashes)) == 0 &&
        json_object_set_new(object, "max_attempts", json_integer(record->max_attempts)) == 0 &&
        json_object_set_new(object, "timeout_ms", json_integer(record->timeout_ms)) == 0 &&
        json_object_set_new(object, "enqueued_at_ms", json_integer(record->enqueued_at_wall_ms)) ==
            0 &&
        json_object_set_new(object, "expires_at_ms", json_integer(record->expires_at_wall_ms)) == 0;
    if (whole) {
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
    }
    json_decref(object);
    return whole ? COMMAND_OK : command_fault(COMMAND_FAILED, "no memory");
}

static int print_job(const struct show *show, const struct dead_job *job)
{
    if (show->json)
        return print_json(show->queue, job);
    if (show->raw)
        fwrite(job->record.payload.ptr, 1, job->record.payload.len, stdout);
    else
        print_text(show->queue, job);
    return COMMAND_OK;
}

int dlq_show(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, "QUEUE ID", doc, children, NULL, NULL};
    struct show show = {0};
    struct session session;
    struct buf bytes = {0};
    struct dead_job job;

    int code = command_parse(&argp, argc, argv, &show);
    if (code == COMMAND_OK)
        code = session_open(&session, &show.common, show.queue);
    if (code != COMMAND_OK)
        return code;
    code = dlq_find(&session, show.queue, show.id, &bytes, &job);
    if (code == COMMAND_OK)
        code = print_job(&show, &job);
    buf_free(&bytes);
    session_close(&session);
    return code;
}
