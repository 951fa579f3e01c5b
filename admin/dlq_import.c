/*
 * dlq import: lines of an export go back to the DLQ, at its newest end. What is there already is
 * skipped, so an import that broke off can be run again.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/answer.h"
#include "admin/base64.h"
#include "admin/command.h"
#include "admin/dlq_known.h"
#include "admin/dlq_verbs.h"
#include "admin/lines.h"
#include "admin/pace.h"
#include "admin/progress.h"
#include "admin/session.h"
#include "base/clock.h"

/* The largest payload (64 MiB) twice, once in base64 and once as JSON text, and the rest. */
enum { IMPORT_LINE_MAX = 512 << 20, IMPORT_WORDS_MAX = 3 + PACE_ITEMS_MAX };

static const char doc[] =
    "Put dead jobs that `navvy dlq export` wrote back into the dead-letter queue of QUEUE, from "
    "stdin."
    "\vOnly `record` of each line is read. What is there already is skipped. A line that is no "
    "export is reported with its number and skipped; then the exit code is 1.\n\n"
    "Examples:\n"
    "  navvy dlq import email < email.dead\n"
    "  navvy dlq export email --reason poison | navvy dlq import email-poison\n";

struct import {
    struct common common;
    const char *queue;

    struct session session;
    struct dlq_known known;
    struct pace pace;
    struct buf bytes; /* records that are not sent yet, one after the other */
    size_t end[PACE_ITEMS_MAX];
    size_t count;
    uint64_t read, added, bad;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct import *import = state->input;
    if (key != ARGP_KEY_INIT)
        return common_queue(key, arg, state, &import->queue);
    state->child_inputs[0] = &import->common;
    return 0;
}

/* Keys, the newest that we know, records; returns how many words. */
static size_t put_words(const struct import *import, struct slice argv[IMPORT_WORDS_MAX])
{
    const struct buf *newest = &import->known.newest;
    size_t argc = 0, from = 0;

    argv[argc++] = session_key(&import->session, KEY_DLQ);
    argv[argc++] = session_key(&import->session, KEY_META);
    argv[argc++] = newest->len > 0 ? (struct slice){newest->data, newest->len} : slice_of("");
    for (size_t i = 0; i < import->count; i++) {
        argv[argc++] = (struct slice){import->bytes.data + from, import->end[i] - from};
        from = import->end[i];
    }
    return argc;
}

static bool send_records(struct import *import)
{
    struct slice argv[IMPORT_WORDS_MAX];
    if (import->count == 0)
        return true;
    size_t argc = put_words(import, argv);
    int64_t began_ns = clock_mono_ns();
    struct client *client = import->session.client;
    struct reply *reply = client_script(client, SCRIPT_DLQ_ADD, 2, argc, argv);
    if (!answer_ok(client, reply))
        return false;
    pace_note(&import->pace, (clock_mono_ns() - began_ns) / 1000, import->count, import->bytes.len);
    import->added += (uint64_t)reply_int(reply_at(reply, 0));
    bool others_came = reply_int(reply_at(reply, 1)) == 1;
    client_reply_free(reply);
    dlq_known_pushed(&import->known, argv[argc - 1]);
    import->count = 0;
    buf_reset(&import->bytes);
    return !others_came || dlq_known_read(&import->known, &import->session);
}

/* Is what was decoded behind `before` not in the list yet? The script looks again if it must. */
static bool is_new(struct import *import, size_t before)
{
    struct slice record = {import->bytes.data + before, import->bytes.len - before};
    return dlq_known_add(&import->known, record) != HASH_KNOWN;
}

/* NULL, or what is wrong with the line; its record is appended to those to send. */
static const char *read_line(struct import *import, struct slice line)
{
    json_error_t error;
    const char *fault = NULL;
    size_t before = import->bytes.len;
    json_t *object = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, &error);
    json_t *record = json_object_get(object, "record");

    if (object == NULL)
        fault = "is not JSON";
    else if (!json_is_string(record))
        fault = "has no record";
    else if (!base64_decode(&import->bytes,
                            (struct slice){json_string_value(record), json_string_length(record)}))
        fault = "has a record that is not base64";
    else if (import->bytes.failed)
        fault = "is larger than the memory";
    else if (import->bytes.len == before)
        fault = "has an empty record";
    if (fault != NULL || !is_new(import, before))
        import->bytes.len = before;
    else
        import->end[import->count++] = import->bytes.len;
    json_decref(object);
    return fault;
}

static bool is_blank(struct slice line)
{
    while (line.len > 0 && strchr(" \t\r", line.ptr[line.len - 1]) != NULL)
        line.len--;
    return line.len == 0;
}

static bool take_line(struct import *import, struct slice line, uint64_t number)
{
    if (is_blank(line))
        return true;
    import->read++;
    const char *fault = read_line(import, line);
    if (fault != NULL) {
        import->bad++;
        command_fault(COMMAND_FAILED, "line %" PRIu64 " %s; skipped", number, fault);
    }
    bool full = import->count >= import->pace.items || import->bytes.len >= PACE_CALL_BYTES_MAX;
    return !full || send_records(import);
}

/* The next line, or a pause of its source. False: there are no more; *status says why. */
static bool read_next(struct import *import, struct lines *lines, uint64_t *number,
                      enum lines_status *status)
{
    struct slice line;
    *status = lines_next(lines, &line);
    switch (*status) {
    case LINES_ONE:
        return take_line(import, line, ++*number);
    case LINES_WAITING: /* keep nothing back while the source pauses */
        return send_records(import);
    case LINES_INTERRUPTED:
        return true;
    case LINES_END:
    case LINES_TOO_LONG:
    case LINES_FAILED:
    default:
        return false;
    }
}

static bool read_lines(struct import *import, struct lines *lines, struct progress *progress)
{
    enum lines_status status;
    uint64_t number = 0;

    while (read_next(import, lines, &number, &status))
        progress_show(progress, number, import->added);
    if (status == LINES_TOO_LONG)
        command_fault(COMMAND_FAILED, "line %" PRIu64 " is too long to be an export", number + 1);
    else if (status == LINES_FAILED)
        command_fault(COMMAND_FAILED, "cannot read stdin: %s", strerror(errno));
    return status == LINES_END && send_records(import);
}

static int run(struct import *import)
{
    struct progress progress;
    struct lines *lines = lines_new(STDIN_FILENO, '\n', IMPORT_LINE_MAX);
    if (lines == NULL)
        return command_fault(COMMAND_FAILED, "no memory to read lines");
    import->pace = pace_start(0);
    progress_init(&progress, 0);
    bool whole =
        dlq_known_read(&import->known, &import->session) && read_lines(import, lines, &progress);
    progress_fini(&progress);
    lines_free(lines);
    buf_free(&import->bytes);
    dlq_known_free(&import->known);

    printf("%s: %" PRIu64 " dead jobs imported\n", import->queue, import->added);
    if (!whole)
        return command_fault(COMMAND_FAILED, "it ended early; run it again: what is there already "
                                             "is skipped");
    uint64_t there = import->read - import->bad - import->added;
    if (there > 0)
        command_fault(COMMAND_OK, "%" PRIu64 " were there already", there);
    return import->bad > 0 ? COMMAND_FAILED : COMMAND_OK;
}

int dlq_import(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {NULL, option, "QUEUE", doc, children, NULL, NULL};
    struct import import = {0};

    int code = command_parse(&argp, argc, argv, &import);
    if (code == COMMAND_OK)
        code = session_open(&import.session, &import.common, import.queue);
    if (code != COMMAND_OK)
        return code;
    code = run(&import);
    session_close(&import.session);
    return code;
}
