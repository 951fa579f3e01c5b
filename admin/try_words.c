#include "admin/try_words.h"

#include "admin/header_words.h"

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

enum { OPTION_ATTEMPT = HEADER_WORD_END };
enum { ATTEMPT_MAX = 1000 };

static const struct argp_option options[] = {
    {"twice", '2', NULL, 0, "Run it twice, and once killed half-way: is it idempotent?", 1},
    {"probe", 'p', "COMMAND", 0, "With --twice: shows what a run has left behind", 1},
    {"type", HEADER_WORD_TYPE, "TEXT", 0, "Type of the job: picks its route", 1},
    {"id", HEADER_WORD_ID, "TEXT", 0, "Its id", 1},
    {"key", HEADER_WORD_KEY, "TEXT", 0, "Its idempotency key", 1},
    {"timeout", HEADER_WORD_TIMEOUT, "DURATION", 0, "Instead of the queue's", 1},
    {"traceparent", HEADER_WORD_TRACEPARENT, "TEXT", 0, "W3C trace context", 1},
    {"attempt", OPTION_ATTEMPT, "N", 0, "Tell it that this is attempt N (default: 1)", 1},
    {"json", 'j', NULL, 0,
     "Print one JSON object: queue, handler, runs (outcome, error, result, took_ms, next, reason, "
     "delay_ms, probe), agree",
     1},
    {0},
};

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
        words->attempt = want_number(state, "attempt", arg, ATTEMPT_MAX);
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
        return header_word(key, arg, state, &words->plan);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 9}, {0}};
static const struct argp argp = {options, option, "QUEUE [PAYLOAD]", doc, children, NULL, NULL};

int try_words_parse(struct try_words *words, int argc, char **argv)
{
    *words = (struct try_words){.attempt = 1};
    return command_parse(&argp, argc, argv, words);
}
