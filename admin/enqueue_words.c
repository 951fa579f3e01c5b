#include "admin/enqueue_words.h"

#include "admin/header_words.h"
#include "admin/when.h"

enum { REPLICAS_MAX = 1000, WAIT_TIMEOUT_MS = 5000 };

static const char doc[] =
    "Put jobs into QUEUE: the PAYLOADs, or without any, one a line from stdin. A payload is pushed "
    "as "
    "it is; options that describe the job put a header line in front."
    "\vA payload that starts with a header of its own (`navvy/1 ...`) goes in as it is.\n"
    "An empty line is an empty payload. Times are judged by the clock of Redis.\n"
    "Nothing is lost silently: if not all are in, the numbers of the others are said.\n"
    "\n"
    "--wait-result waits until the job is over and prints what it returned, as `navvy result` "
    "does;\n"
    "its queue needs a `result_ttl`. The job goes on if the wait ends before it.\n"
    "\n"
    "Exit codes: 0 all are in (and replicated, with --wait), 1 not all, 2 usage.\n"
    "With --wait-result: 0 done, 4 not finished in time, 5 dead, 6 dropped unrun: a duplicate, or\n"
    "expired.\n"
    "\n"
    "Examples:\n"
    "  navvy enqueue email '{\"to\":\"bob\"}'\n"
    "  navvy enqueue email --in 5m --key bob-welcome --max-attempts 3 '{\"to\":\"bob\"}'\n"
    "  navvy enqueue import < rows.jsonl\n"
    "  find . -name '*.jpg' -print0 | navvy enqueue --null thumbnails\n"
    "  navvy enqueue billing --wait 1 --at 2027-01-01T00:00:00Z 'close the year'\n"
    "  navvy enqueue thumbnails --wait-result=30s a.jpg > a.thumb.jpg\n";

enum {
    OPTION_IN = HEADER_WORD_END,
    OPTION_AT,
    OPTION_EXPIRES,
    OPTION_WAIT,
    OPTION_WAIT_TIMEOUT,
    OPTION_WAIT_RESULT,
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "When:", 1},
    {"in", OPTION_IN, "DURATION", 0, "Not before this has passed: 250ms, 5m, 1.5h, 2d", 1},
    {"at", OPTION_AT, "TIME", 0, "Not before: 2026-11-21T10:00:00Z, or seconds or ms since 1970",
     1},
    {"expires", OPTION_EXPIRES, "DURATION", 0,
     "Give up if it has not begun this long after it was due", 1},
    {NULL, 0, NULL, 0, "What:", 2},
    {"key", HEADER_WORD_KEY, "TEXT", 0, "Idempotency key: jobs of one key are the same work", 2},
    {"type", HEADER_WORD_TYPE, "TEXT", 0, "Type of the job, for its handler", 2},
    {"id", HEADER_WORD_ID, "TEXT", 0, "Your label for it; need not be unique", 2},
    {"max-attempts", HEADER_WORD_MAX_ATTEMPTS, "N", 0, "Instead of the queue's", 2},
    {"timeout", HEADER_WORD_TIMEOUT, "DURATION", 0, "Instead of the queue's", 2},
    {"traceparent", HEADER_WORD_TRACEPARENT, "TEXT", 0, "W3C trace context, for its handler", 2},
    {NULL, 0, NULL, 0, "How:", 3},
    {"null", '0', NULL, 0, "stdin is separated by NUL bytes instead of line feeds", 3},
    {"wait", OPTION_WAIT, "N", 0, "Wait until N replicas have it too, fail if they have not", 3},
    {"wait-timeout", OPTION_WAIT_TIMEOUT, "DURATION", 0, "For --wait, default 5s", 3},
    {"wait-result", OPTION_WAIT_RESULT, "DURATION", OPTION_ARG_OPTIONAL,
     "Wait until the one PAYLOAD is over, at most so long, and print its result", 3},
    {"json", 'j', NULL, 0, "Print one JSON object: queue, enqueued, refused, unknown", 3},
    {0},
};

/* Options that say when; --expires tells it in the header. */
static error_t when_option(int key, char *arg, struct argp_state *state)
{
    struct enqueue_words *words = state->input;
    struct enqueue_plan *plan = &words->plan;

    if (key == OPTION_EXPIRES) {
        want_duration(state, "expires", arg, &words->expires_ms);
        plan->with_header = true;
        return 0;
    }
    if (key != OPTION_IN && key != OPTION_AT)
        return header_word(key, arg, state, plan);
    if (plan->scheduled)
        argp_error(state, "--in and --at: one of them, once");
    if (key == OPTION_IN)
        want_duration(state, "in", arg, &words->in_ms);
    else if (!when_parse(arg, &plan->due_wall_ms))
        argp_error(state, "--at %s: not a time like 2026-11-21T10:00:00Z or 1795255200", arg);
    plan->scheduled = plan->with_header = true;
    return 0;
}

static void check_words(const struct enqueue_words *words, struct argp_state *state)
{
    if (words->queue == NULL)
        argp_error(state, "which queue?");
    if (words->payloads != NULL && words->delimiter != '\n')
        argp_error(state, "--null is for stdin, and there are PAYLOADs");
    if (!words->wait_result)
        return;
    if (words->payloads == NULL || words->payloads[1] != NULL)
        argp_error(state, "--wait-result is for one PAYLOAD");
    const char *fault = result_id_fault(words->plan.header.id);
    if (words->plan.header.id.ptr != NULL && fault != NULL)
        argp_error(state, "--wait-result: an id that %s names no result", fault);
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct enqueue_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case '0':
        words->delimiter = '\0';
        return 0;
    case 'j':
        words->json = true;
        return 0;
    case OPTION_WAIT:
        words->wait_replicas = want_number(state, "wait", arg, REPLICAS_MAX);
        return 0;
    case OPTION_WAIT_TIMEOUT:
        want_duration(state, "wait-timeout", arg, &words->wait_timeout_ms);
        if (words->wait_timeout_ms == 0)
            argp_error(state, "--wait-timeout 0: would wait for ever");
        return 0;
    case OPTION_WAIT_RESULT:
        words->wait_result = true;
        if (arg != NULL)
            want_duration(state, "wait-result", arg, &words->wait_result_ms);
        return 0;
    case ARGP_KEY_ARG:
        if (words->queue != NULL)
            return ARGP_ERR_UNKNOWN; /* the rest: ARGP_KEY_ARGS */
        words->queue = arg;
        return 0;
    case ARGP_KEY_ARGS:
        words->payloads = state->argv + state->next;
        return 0;
    case ARGP_KEY_END:
        check_words(words, state);
        return 0;
    default:
        return when_option(key, arg, state);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 9}, {0}};
static const struct argp argp = {options, option, "QUEUE [PAYLOAD...]", doc, children, NULL, NULL};

int enqueue_words_parse(struct enqueue_words *words, int argc, char **argv)
{
    *words = (struct enqueue_words){.in_ms = -1,
                                    .expires_ms = -1,
                                    .wait_result_ms = -1,
                                    .wait_timeout_ms = WAIT_TIMEOUT_MS,
                                    .delimiter = '\n'};
    return command_parse(&argp, argc, argv, words);
}
