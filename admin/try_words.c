#include "admin/try_words.h"

#include "base/units.h"

static const char doc[] =
    "Run PAYLOAD, or what stdin has, through the handler of QUEUE, here and now, without Redis, "
    "and "
    "show its outcome, what it returned, how long it took, and what a worker would do next. What "
    "the handler writes to stderr is logged as it comes; a program's stdout is its result."
    "\v--twice runs the job as it happens to jobs when workers crash: to its end, again, a third\n"
    "time killed half-way, and once more to its end. A handler is idempotent if the complete runs\n"
    "agree, in what they return and in what they leave behind. --probe is how navvy sees that: a\n"
    "command for sh, run after each complete run, which must print the same each time.\n"
    "\n"
    "Exit codes: 0 done (--twice: and all complete runs agree), 1 anything else, 2 usage,\n"
    "3 no such queue, 128 + signal if one ended it.\n"
    "\n"
    "Examples:\n"
    "  navvy try email '{\"to\":\"bob\"}'\n"
    "  navvy try email --type welcome --attempt 3 < payload.bin\n"
    "  navvy try email --twice --probe 'wc -l <sent.txt' '{\"to\":\"bob\"}'\n";

enum {
    OPTION_TYPE = 256,
    OPTION_ID,
    OPTION_KEY,
    OPTION_TIMEOUT,
    OPTION_TRACEPARENT,
    OPTION_ATTEMPT
};
enum { ATTEMPT_MAX = 1000 };

static const struct argp_option options[] = {
    {"twice", '2', NULL, 0, "Run it twice, and once killed half-way: is it idempotent?", 1},
    {"probe", 'p', "COMMAND", 0, "With --twice: shows what a run has left behind", 1},
    {"type", OPTION_TYPE, "TEXT", 0, "Type of the job: picks its route", 1},
    {"id", OPTION_ID, "TEXT", 0, "Its id", 1},
    {"key", OPTION_KEY, "TEXT", 0, "Its idempotency key", 1},
    {"timeout", OPTION_TIMEOUT, "DURATION", 0, "Instead of the queue's", 1},
    {"traceparent", OPTION_TRACEPARENT, "TEXT", 0, "W3C trace context", 1},
    {"attempt", OPTION_ATTEMPT, "N", 0, "Tell it that this is attempt N (default: 1)", 1},
    {"json", 'j', NULL, 0,
     "Print one JSON object: queue, handler, runs (outcome, error, result, took_ms, next, reason, "
     "delay_ms, probe), agree",
     1},
    {0},
};

static error_t header_option(int key, char *arg, struct try_words *words, struct argp_state *state)
{
    struct record *header = &words->plan.header;

    if (key == OPTION_TYPE)
        header->type = slice_of(arg);
    else if (key == OPTION_ID)
        header->id = slice_of(arg);
    else if (key == OPTION_KEY)
        header->key = slice_of(arg);
    else if (key == OPTION_TRACEPARENT)
        header->traceparent = slice_of(arg);
    else if (key != OPTION_TIMEOUT)
        return ARGP_ERR_UNKNOWN;
    else if (!units_parse_duration_ms(slice_of(arg), &header->timeout_ms) ||
             header->timeout_ms == 0)
        argp_error(state, "--timeout %s: not a duration like 250ms, 30s, 5m", arg);
    words->plan.with_header = true;
    return 0;
}

static error_t word(char *arg, struct try_words *words, struct argp_state *state)
{
    if (words->queue == NULL)
        words->queue = arg;
    else if (words->payload == NULL)
        words->payload = arg;
    else
        argp_error(state, "one payload at a time; quote it");
    return 0;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct try_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case '2':
        words->twice = true;
        return 0;
    case 'p':
        words->probe = arg;
        return 0;
    case 'j':
        words->json = true;
        return 0;
    case OPTION_ATTEMPT:
        if (!units_parse_u64(slice_of(arg), &words->attempt) || words->attempt < 1 ||
            words->attempt > ATTEMPT_MAX)
            argp_error(state, "--attempt %s: not a number from 1 to %d", arg, ATTEMPT_MAX);
        return 0;
    case ARGP_KEY_ARG:
        return word(arg, words, state);
    case ARGP_KEY_END:
        if (words->queue == NULL)
            argp_error(state, "which queue?");
        else if (words->probe != NULL && !words->twice)
            argp_error(state, "--probe compares runs: it goes with --twice");
        return 0;
    default:
        return header_option(key, arg, words, state);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 9}, {0}};
static const struct argp argp = {options, option, "QUEUE [PAYLOAD]", doc, children, NULL, NULL};

int try_words_parse(struct try_words *words, int argc, char **argv)
{
    *words = (struct try_words){.attempt = 1};
    return command_parse(&argp, argc, argv, words);
}
