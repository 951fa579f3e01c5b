/*
 * dlq import: lines of an export go back to the DLQ, at its newest end. What is there already is
 * skipped, so an import that broke off can be run again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/dlq_intake.h"
#include "admin/dlq_verbs.h"
#include "admin/lines.h"
#include "admin/progress.h"
#include "admin/session.h"

/* The largest payload (64 MiB) twice, once in base64 and once as JSON text, and the rest. */
enum { IMPORT_LINE_MAX = 512 << 20 };

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
    struct dlq_intake intake;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct import *import = state->input;
    if (key != ARGP_KEY_INIT)
        return common_queue(key, arg, state, &import->queue);
    state->child_inputs[0] = &import->common;
    return 0;
}

/* The next line, or a pause of its source. False: there are no more; *status says why. */
static bool read_next(struct import *import, struct lines *lines, uint64_t *number,
                      enum lines_status *status)
{
    struct slice line;
    *status = lines_next(lines, &line);
    switch (*status) {
    case LINES_ONE:
        return dlq_intake_line(&import->intake, line, ++*number);
    case LINES_WAITING: /* keep nothing back while the source pauses */
        return dlq_intake_send(&import->intake);
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
        progress_show(progress, number, import->intake.added);
    if (status == LINES_TOO_LONG)
        command_fault(COMMAND_FAILED, "line %" PRIu64 " is too long to be an export", number + 1);
    else if (status == LINES_FAILED)
        command_fault(COMMAND_FAILED, "cannot read stdin: %s", strerror(errno));
    return status == LINES_END && dlq_intake_send(&import->intake);
}

static int run(struct import *import)
{
    struct progress progress;
    struct lines *lines = lines_new(STDIN_FILENO, '\n', IMPORT_LINE_MAX);
    if (lines == NULL)
        return command_fault(COMMAND_FAILED, "no memory to read lines");
    progress_init(&progress, 0);
    bool whole =
        dlq_intake_begin(&import->intake, &import->session) && read_lines(import, lines, &progress);
    progress_fini(&progress);
    lines_free(lines);
    dlq_intake_free(&import->intake);

    printf("%s: %" PRIu64 " dead jobs imported\n", import->queue, import->intake.added);
    if (!whole)
        return command_fault(COMMAND_FAILED, "it ended early; run it again: what is there already "
                                             "is skipped");
    uint64_t there = dlq_intake_there(&import->intake);
    if (there > 0)
        command_fault(COMMAND_OK, "%" PRIu64 " were there already", there);
    return import->intake.bad > 0 ? COMMAND_FAILED : COMMAND_OK;
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
