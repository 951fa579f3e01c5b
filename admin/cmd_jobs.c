/*
 * navvy jobs: the jobs of a queue in one state, as far as asked; nothing is walked over, so a
 * million of them open at once.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "admin/column.h"
#include "admin/command.h"
#include "admin/dlq_print.h"
#include "admin/session.h"
#include "admin/view/jobs.h"
#include "base/units.h"

enum { COLUMN_ID = 36, COLUMN_TYPE = 12, COLUMN_ERROR = 28, COLUMN_PREVIEW = 48 };

static const char doc[] =
    "Show jobs of QUEUE that are waiting (next in line first), held by workers, waiting for their "
    "retry or for their time (due first), or dead (newest first)."
    "\vAT is the place in line, or when a job is due, or how long ago it failed. What follows the "
    "last\n"
    "one shown is got with --cursor and the word that is printed then. `navvy explain ID` tells "
    "the "
    "story\n"
    "of one job.\n"
    "\n"
    "Examples:\n"
    "  navvy jobs email\n"
    "  navvy jobs email --state retry --limit 10\n"
    "  navvy jobs email --state held --json | jq -r '.items[].worker'\n";

enum { OPTION_CURSOR = 256, OPTION_PREVIEW };

static const struct argp_option options[] = {
    {"state", 's', "STATE", 0, "waiting (default), held, retry, scheduled, dlq", 1},
    {"limit", 'n', "N", 0, "At most so many; default 50", 1},
    {"cursor", OPTION_CURSOR, "WORD", 0, "Go on where the last page ended", 1},
    {"preview", OPTION_PREVIEW, "BYTES", 0, "With --json: so many of each payload; default 200", 1},
    {"json", 'j', NULL, 0, "Print one JSON object: state, at_ms, total, items, next", 1},
    {0},
};

struct jobs_words {
    struct common common; /* first: common_argp's input */
    const char *queue;
    struct jobs_ask ask;
    uint64_t limit;
    bool json, headed; /* a head was printed */
};

static uint64_t parse_number(struct argp_state *state, const char *name, const char *arg,
                             uint64_t max)
{
    uint64_t number = 0;
    if (!units_parse_u64(slice_of(arg), &number) || number > max)
        argp_error(state, "--%s %s: not a number from 0 to %" PRIu64, name, arg, max);
    return number;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct jobs_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 's':
        words->ask.state = jobs_state_of(arg);
        if (words->ask.state == JOBS_NONE)
            argp_error(state, "--state %s: waiting, held, retry, scheduled or dlq", arg);
        return 0;
    case 'n':
        words->limit = parse_number(state, "limit", arg, INT64_MAX);
        return 0;
    case OPTION_CURSOR:
        words->ask.cursor = arg;
        return 0;
    case OPTION_PREVIEW:
        words->ask.preview = parse_number(state, "preview", arg, JOBS_PREVIEW_MAX);
        return 0;
    case 'j':
        words->json = true;
        return 0;
    default:
        return common_queue(key, arg, state, &words->queue);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where", 3}, {0}};
static const struct argp argp = {options, option, "QUEUE", doc, children, NULL, NULL};

/* --- for people ----------------------------------------------------------------------------- */

/* Text, or bytes as they are. */
static struct slice text_of(const json_t *item, const char *key)
{
    const json_t *text = json_object_get(item, key);
    return (struct slice){json_string_value(text), json_string_length(text)};
}

static void print_at(enum jobs_state state, const json_t *item, int64_t now_wall_ms)
{
    char text[DLQ_AGE_MAX] = "-";
    int64_t due_ms = json_integer_value(json_object_get(item, "due_ms"));
    int64_t failed_ms = json_integer_value(json_object_get(item, "failed_at_ms"));

    if (state == JOBS_WAITING)
        snprintf(text, sizeof(text), "%lld", json_integer_value(json_object_get(item, "position")));
    else if (due_ms != 0 && due_ms <= now_wall_ms)
        snprintf(text, sizeof(text), "now");
    else if (due_ms != 0)
        dlq_age_format(due_ms - now_wall_ms, text);
    else if (failed_ms != 0)
        dlq_age_format(now_wall_ms > failed_ms ? now_wall_ms - failed_ms : 0, text);
    printf("%8s ", text);
}

static void print_item(enum jobs_state state, const json_t *item, int64_t now_wall_ms)
{
    struct slice error = text_of(item, "error"), preview = text_of(item, "preview");

    column_print(stdout, text_of(item, "id"), COLUMN_ID, false);
    print_at(state, item, now_wall_ms);
    printf("%7lld ", json_integer_value(json_object_get(item, "attempt")));
    column_print(stdout, text_of(item, "type"), COLUMN_TYPE, true);
    if (state == JOBS_HELD)
        column_print(stdout, text_of(item, "worker"), COLUMN_ERROR, false);
    else
        column_print(stdout, error, COLUMN_ERROR, true);
    if (preview.ptr != NULL)
        print_escaped(preview, COLUMN_PREVIEW);
    else
        printf("(%lld bytes, not text)", json_integer_value(json_object_get(item, "size")));
    putchar('\n');
}

static void print_text(struct jobs_words *words, const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *item;
    enum jobs_state state = words->ask.state;
    int64_t now_wall_ms = json_integer_value(json_object_get(page, "at_ms"));
    size_t i;

    if (json_array_size(items) > 0 && !words->headed)
        printf("%-*s %8s %7s %-*s %-*s %s\n", COLUMN_ID, "ID", "AT", "ATTEMPT", COLUMN_TYPE, "TYPE",
               COLUMN_ERROR, state == JOBS_HELD ? "WORKER" : "ERROR", "PAYLOAD");
    words->headed = true;
    json_array_foreach(items, i, item) print_item(state, item, now_wall_ms);
}

/* --- pages ---------------------------------------------------------------------------------- */

/* The page before, with the items of this one behind it. Takes both. */
static json_t *join(json_t *before, json_t *page)
{
    if (before == NULL)
        return page;
    json_array_extend(json_object_get(before, "items"), json_object_get(page, "items"));
    json_object_set(before, "next", json_object_get(page, "next"));
    json_decref(page);
    return before;
}

/* As many pages as the limit needs. For people each is printed when it is there. */
static enum jobs_end read_pages(struct jobs_words *words, struct session *session, json_t **all)
{
    uint64_t left = words->limit;
    enum jobs_end end = JOBS_PAGE;
    json_t *page = NULL;

    while (end == JOBS_PAGE) {
        words->ask.limit = left < JOBS_LIMIT_MAX ? left : JOBS_LIMIT_MAX;
        end = jobs_page(session, &words->ask, &page);
        if (end != JOBS_PAGE)
            break;
        left -= json_array_size(json_object_get(page, "items"));
        if (!words->json)
            print_text(words, page);
        if (!words->json && *all != NULL)
            json_array_clear(json_object_get(*all, "items"));
        *all = join(*all, page);
        words->ask.cursor = json_string_value(json_object_get(*all, "next"));
        if (left == 0 || words->ask.cursor == NULL)
            break;
    }
    return end;
}

static void print_end(const struct jobs_words *words, const json_t *all)
{
    long long total = json_integer_value(json_object_get(all, "total"));
    const char *next = json_string_value(json_object_get(all, "next"));

    if (words->json) {
        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (total == 0) {
        fprintf(stderr, "navvy: %s has no job that is %s\n", words->queue,
                words->ask.state == JOBS_DLQ ? "dead" : jobs_state_name(words->ask.state));
    } else if (next != NULL) {
        fprintf(stderr, "navvy: there are more (%lld in all); --cursor %s shows the next\n", total,
                next);
    }
}

int cmd_jobs(int argc, char **argv)
{
    struct jobs_words words = {.limit = JOBS_LIMIT_DEFAULT,
                               .ask = {.state = JOBS_WAITING, .preview = JOBS_PREVIEW_DEFAULT}};
    struct session session;
    json_t *all = NULL;

    int code = command_parse(&argp, argc, argv, &words);
    if (code == COMMAND_OK)
        code = session_open(&session, &words.common, words.queue);
    if (code != COMMAND_OK)
        return code;
    enum jobs_end end = read_pages(&words, &session, &all);
    if (end == JOBS_BAD_CURSOR)
        code = command_fault(COMMAND_USAGE, "--cursor %s: not one of %s", words.ask.cursor,
                             jobs_state_name(words.ask.state));
    else if (end == JOBS_FAILED)
        code = COMMAND_FAILED;
    else
        print_end(&words, all);
    json_decref(all);
    session_close(&session);
    return code;
}
