/*
 * navvy result: what a job returned, to stdout; or what became of it, or how far it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/command.h"
#include "admin/interrupt.h"
#include "admin/result.h"
#include "base/units.h"

static const char doc[] =
    "Print what the job ID returned, byte for byte, or say on stderr what became of it, or how far "
    "it is. ID is the id that its producer gave it (`navvy enqueue --id`), else its claim id, as "
    "the worker's log has it. Results are kept in queues with a `result_ttl`, and so long."
    "\vExit codes: 0 done, 1 failed, 2 usage, 3 there is no result (not run yet, never was, or "
    "too\n"
    "long ago), 4 not finished yet, 5 dead: see `navvy dlq`, 6 dropped unrun: a duplicate, or\n"
    "expired.\n"
    "\n"
    "Examples:\n"
    "  navvy result order-17 > answer.json\n"
    "  navvy result order-17 --queue email --wait=30s\n"
    "  navvy result --json order-17 | jq -r .state\n";

enum { OPTION_WAIT = 256 };

static const struct argp_option options[] = {
    {"queue", 'q', "QUEUE", 0, "Its queue; need not be said if one is configured", 0},
    {"wait", OPTION_WAIT, "DURATION", OPTION_ARG_OPTIONAL,
     "Wait until it is over, at most so long (default: no limit)", 0},
    {"json", 'j', NULL, 0,
     "Print one JSON object: queue, state, id, claim, attempt, percent, error, reason, result (or "
     "result_base64), updated_at",
     0},
    {0},
};

struct result_words {
    struct common common; /* first: common_argp's input */
    const char *queue, *id;
    bool wait, json;
    int64_t wait_ms; /* -1: no limit */
};

static void check_id(const char *id, struct argp_state *state)
{
    const char *fault = result_id_fault(slice_of(id));
    if (fault != NULL)
        argp_error(state, "an id that %s names no result", fault);
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct result_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'q':
        words->queue = arg;
        return 0;
    case OPTION_WAIT:
        words->wait = true;
        if (arg != NULL && !units_parse_duration_ms(slice_of(arg), &words->wait_ms))
            argp_error(state, "--wait=%s: not a duration like 250ms, 30s, 5m", arg);
        return 0;
    case 'j':
        words->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one ID; --queue QUEUE says of which queue");
        words->id = arg;
        check_id(arg, state);
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
static const struct argp argp = {options, option, "ID", doc, children, NULL, NULL};

/* The one that was named, or the only one. NULL: said why. */
static const char *queue_of(const struct result_words *words, const struct config *config)
{
    if (words->queue != NULL)
        return words->queue;
    if (config->queue_count == 1)
        return config->queues[0].name;
    if (config->queue_count == 0)
        command_fault(0, "which queue? --queue QUEUE");
    else
        command_fault(0, "which queue? --queue QUEUE; %s has %zu", words->common.source.path,
                      config->queue_count);
    return NULL;
}

static void print_none(const char *queue, const struct config *config)
{
    const struct queue_conf *conf = config_queue(config, queue);

    if (conf != NULL && conf->result_ttl_ms == 0)
        command_fault(0, "%s keeps no results: set result_ttl of that queue, for example to 1h",
                      queue);
    else
        command_fault(0,
                      "%s has no result of that job: it has not run yet, was never there, or "
                      "result_ttl is over",
                      queue);
}

static int run(const struct result_words *words, const char *queue, const struct config *config,
               struct client *client, struct slice key)
{
    enum result_wait end = RESULT_OVER;
    struct result result;

    if (words->wait) {
        interrupt_catch();
        end = result_wait(client, key, 0, words->wait_ms, &result);
    } else if (!result_fetch(client, key, &result)) {
        end = RESULT_FAILED;
    }
    if (end == RESULT_FAILED)
        return COMMAND_FAILED;
    if (words->json)
        result_print_json(queue, words->id, &result);
    else if (result.state == RESULT_UNKNOWN)
        print_none(queue, config);
    else
        result_print(queue, words->id, &result);
    int code = end == RESULT_INTERRUPTED ? 128 + interrupt_signal() : result_code(&result);
    result_free(&result);
    return code;
}

int cmd_result(int argc, char **argv)
{
    struct result_words words = {.wait_ms = -1};
    struct queue_keys keys;
    char key[KEY_MAX];

    int code = command_parse(&argp, argc, argv, &words);
    if (code != COMMAND_OK)
        return code;
    struct config *config = common_config(&words.common);
    if (config == NULL)
        return COMMAND_FAILED;
    const char *queue = queue_of(&words, config);
    if (queue == NULL || !common_keys(queue, &keys)) {
        config_free(config);
        return COMMAND_USAGE;
    }
    size_t len = queue_key_result(&keys, slice_of(words.id), slice_of(words.id), key);
    struct client *client = common_client(config);
    code = client == NULL ? COMMAND_FAILED
                          : run(&words, queue, config, client, (struct slice){key, len});
    client_close(client);
    config_free(config);
    return code;
}
