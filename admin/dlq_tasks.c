/*
 * dlq tasks, cancel, resume: the bulk tasks of a queue, whoever runs them and wherever.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "admin/dlq_print.h"
#include "admin/dlq_task.h"
#include "admin/dlq_verbs.h"
#include "admin/view/journal.h"
#include "base/clock.h"

static const char doc[] =
    "Show what is retried or dropped in QUEUE now, and was of late; newest first."
    "\vA task that is orphaned was run by a process that died; `navvy dlq resume QUEUE TASK` goes "
    "on with it.\n\n"
    "Examples:\n"
    "  navvy dlq tasks email\n"
    "  navvy dlq tasks email --json | jq '.[] | select(.state == \"running\")'\n";

static const char cancel_doc[] =
    "Stop a task of QUEUE, wherever it runs. When this has answered, it moves no more jobs."
    "\vWhat it has moved stays moved. `navvy dlq tasks QUEUE` shows the tasks.\n";

static const char resume_doc[] =
    "Go on with a task of QUEUE that was stopped or cancelled, that failed, or whose process died."
    "\vNo job is moved twice: what it sent back and what died again is not meant any more. A task "
    "that its canary stopped goes on without one.\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print a JSON array", 1},
    {0},
};

struct ask {
    struct common common;
    const char *queue;
    bool json;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct ask *ask = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &ask->common;
        return 0;
    case 'j':
        ask->json = true;
        return 0;
    default:
        return common_queue(key, arg, state, &ask->queue);
    }
}

static int64_t number_of(const json_t *row, const char *name)
{
    return json_integer_value(json_object_get(row, name));
}

static void print_text(const json_t *row, const char *name, int width)
{
    const char *text = json_string_value(json_object_get(row, name));
    printf("%-*s ", width, text != NULL ? text : "-");
}

static void print_row(const json_t *row)
{
    char age[DLQ_AGE_MAX];
    int64_t age_ms = clock_wall_ms() - number_of(row, "started_ms");

    print_text(row, "id", TASK_ID_MAX - 1);
    print_text(row, "state", 9);
    print_text(row, "action", 6);
    printf("%5s ", dlq_age_format(age_ms > 0 ? age_ms : 0, age));
    print_text(row, "by", 8);
    const char *words = json_string_value(json_object_get(row, "words"));
    if (words != NULL && words[0] != '\0')
        print_escaped(slice_of(words), 0);
    else
        fputs("has just begun", stdout);
    putchar('\n');
}

static void print_rows(const struct ask *ask, const json_t *rows)
{
    size_t i;
    json_t *row;

    if (json_array_size(rows) == 0) {
        fprintf(stderr, "navvy: no tasks of %s\n", ask->queue);
        return;
    }
    printf("%-*s %-9s %-6s %5s %-8s %s\n", TASK_ID_MAX - 1, "TASK", "STATE", "ACTION", "AGE", "BY",
           "WHAT");
    json_array_foreach(rows, i, row) print_row(row);
}

int dlq_tasks(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 3}, {0}};
    static const struct argp argp = {options, option, "QUEUE", doc, children, NULL, NULL};
    struct ask ask = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &ask);
    if (code == COMMAND_OK)
        code = session_open(&session, &ask.common, ask.queue);
    if (code != COMMAND_OK)
        return code;
    json_t *rows = task_list(&session, ask.queue);
    if (rows != NULL && ask.json) {
        json_dumpf(rows, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (rows != NULL) {
        print_rows(&ask, rows);
    }
    code = rows != NULL ? COMMAND_OK : COMMAND_FAILED;
    json_decref(rows);
    session_close(&session);
    return code;
}

static void sign(struct task *task)
{
    struct journal_entry entry = {0};
    journal_sign_cli(&entry);
    snprintf(task->by, sizeof(task->by), "%s", entry.who);
    snprintf(task->where, sizeof(task->where), "%s", entry.where);
}

int dlq_cancel(int argc, char **argv)
{
    struct session session;
    struct task task;

    int code = dlq_task_open(cancel_doc, argc, argv, &session, &task);
    if (code != COMMAND_OK)
        return code;
    sign(&task);
    code = task_cancel(&session, &task, task.by);
    if (code == COMMAND_OK)
        printf("%s: task %s %s\n", task.queue, task.id, task.words);
    task_free(&task);
    session_close(&session);
    return code;
}

int dlq_resume(int argc, char **argv)
{
    struct session session;
    struct task task;

    int code = dlq_task_open(resume_doc, argc, argv, &session, &task);
    if (code != COMMAND_OK)
        return code;
    sign(&task);
    code = task_take(&session, &task);
    if (code == COMMAND_OK) {
        task_journal(&session, &task, "resumed");
        code = dlq_task_run(&session, &task, NULL, NULL);
    }
    task_free(&task);
    session_close(&session);
    return code;
}
