/*
 * navvy explain: where a job is, why, and what happens next.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "admin/command.h"
#include "admin/progress.h"
#include "admin/queue_list.h"
#include "admin/session.h"
#include "admin/view/story.h"

enum { EXPLAIN_PAYLOAD_COLUMNS = 400 };

static const char doc[] =
    "Tell the story of the job ID: where it is, what happened to it, what happens next and when, "
    "and what one can do. ID is its claim id (as logs and `navvy jobs` have it) or the id that its "
    "producer gave it. Without QUEUE all configured queues are looked through; there is no index, "
    "so "
    "that takes a second for each million of jobs."
    "\vOf several jobs with one id of a producer it tells of one. Exit code 3: there is no such "
    "job;\n"
    "what was done and left no result is forgotten.\n"
    "\n"
    "Examples:\n"
    "  navvy explain web1-4711-9f86d081884c7d65:17\n"
    "  navvy explain order-17 email\n"
    "  navvy explain order-17 email --json | jq -r .next\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0,
     "Print one JSON object: id, queue, state, explain, next, commands, header, payload, and more",
     0},
    {0},
};

struct explain_words {
    struct common common; /* first: common_argp's input */
    const char *id, *queue;
    bool json;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct explain_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'j':
        words->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one job: ID [QUEUE]");
        if (state->arg_num == 0 && (arg[0] == '\0' || slice_of(arg).len > STORY_ID_MAX))
            argp_error(state, "an ID has 1 to %d bytes", STORY_ID_MAX);
        *(state->arg_num == 0 ? &words->id : &words->queue) = arg;
        return 0;
    case ARGP_KEY_END:
        if (words->id == NULL)
            argp_error(state, "which job?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 1}, {0}};
static const struct argp argp = {options, option, "ID [QUEUE]", doc, children, NULL, NULL};

/* --- for people ----------------------------------------------------------------------------- */

/* Its lines are printable as they are. */
static void print_lines(FILE *out, const json_t *story, const char *key, const char *before)
{
    const json_t *line;
    size_t i;

    json_array_foreach(json_object_get(story, key), i, line)
        fprintf(out, "%s%s\n", before, json_string_value(line));
}

static void print_bytes(const json_t *object, const char *key, const char *name)
{
    const json_t *text = json_object_get(object, key);
    struct slice bytes = {json_string_value(text), json_string_length(text)};

    if (bytes.len == 0)
        return;
    printf("%-9s ", name);
    print_escaped(bytes, EXPLAIN_PAYLOAD_COLUMNS);
    putchar('\n');
}

static void print_payload(const json_t *story)
{
    long long size = json_integer_value(json_object_get(story, "payload_size"));

    if (!json_is_object(json_object_get(story, "header")))
        return;
    printf("\npayload   %lld bytes%s\n", size,
           json_object_get(story, "payload_base64") != NULL ? ", not text" : "");
    const json_t *text = json_object_get(story, "payload");
    struct slice bytes = {json_string_value(text), json_string_length(text)};
    if (bytes.len > 0) {
        print_escaped(bytes, EXPLAIN_PAYLOAD_COLUMNS);
        putchar('\n');
    }
}

static void print_story(const json_t *story)
{
    const json_t *header = json_object_get(story, "header");

    print_bytes(story, "id", "id");
    print_bytes(header, "id", "label");
    print_bytes(story, "queue", "queue");
    print_bytes(story, "state", "state");
    print_bytes(story, "where", "where");
    print_bytes(header, "type", "type");
    print_bytes(header, "key", "key");
    print_bytes(header, "traceparent", "trace");
    putchar('\n');
    print_lines(stdout, story, "explain", "");
    printf("\nNext: %s\n", json_string_value(json_object_get(story, "next")));
    if (json_array_size(json_object_get(story, "commands")) > 0)
        printf("\nWhat you can do:\n");
    print_lines(stdout, story, "commands", "  ");
    print_payload(story);
}

static void print_json(const json_t *story)
{
    json_dumpf(story, stdout, JSON_COMPACT);
    putchar('\n');
}

/* --- one queue after the other -------------------------------------------------------------- */

static void on_step(int64_t looked, void *arg)
{
    progress_show(arg, (uint64_t)looked, (uint64_t)looked);
}

static enum story_end tell(const struct explain_words *words, struct session *session,
                           const char *queue, json_t **story)
{
    struct progress progress;
    struct story_ask ask = {.queue = queue,
                            .id = slice_of(words->id),
                            .budget_ms = -1,
                            .payload_max = STORY_PAYLOAD_MAX,
                            .on_step = on_step,
                            .arg = &progress};

    if (!common_keys(queue, &session->keys))
        return STORY_FAILED;
    progress_init(&progress, 0);
    enum story_end end = story_tell(session, &ask, story);
    progress_fini(&progress);
    return end;
}

static int print_end(const struct explain_words *words, enum story_end end, const json_t *story)
{
    if (end == STORY_FAILED)
        return COMMAND_FAILED;
    if (words->json && story != NULL)
        print_json(story);
    else if (end == STORY_TOLD)
        print_story(story);
    else if (words->queue == NULL)
        return command_fault(COMMAND_NOT_FOUND, "no queue has a job %s", words->id);
    else
        print_lines(stderr, story, "explain", "navvy: ");
    return end == STORY_TOLD ? COMMAND_OK : COMMAND_NOT_FOUND;
}

/* Until one has it. */
static int explain(const struct explain_words *words, struct session *session,
                   const struct queue_list *queues)
{
    enum story_end end = STORY_UNKNOWN;
    json_t *story = NULL;

    for (size_t i = 0; i < queues->count && end == STORY_UNKNOWN; i++) {
        json_decref(story);
        story = NULL;
        end = tell(words, session, queues->name[i], &story);
    }
    int code = print_end(words, end, story);
    json_decref(story);
    return code;
}

int cmd_explain(int argc, char **argv)
{
    struct explain_words words = {0};
    struct queue_list queues = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &words);
    if (code == COMMAND_OK)
        code = session_open(&session, &words.common, words.queue);
    if (code != COMMAND_OK)
        return code;
    bool listed = words.queue != NULL
                      ? queue_list_add(&queues, words.queue)
                      : queue_list_read(&queues, session.config, session.client, false);
    code = listed ? explain(&words, &session, &queues) : COMMAND_FAILED;
    queue_list_free(&queues);
    session_close(&session);
    return code;
}
