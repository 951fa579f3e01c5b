/*
 * concurrency, loglevel: what holds for a queue in every worker, above its configuration, until it
 * is taken back.
 */
#include <stdio.h>
#include <string.h>

#include "admin/command.h"
#include "admin/order_verb.h"
#include "base/units.h"

static const char concurrency_doc[] =
    "Let each worker process run at most N jobs of this queue at once."
    "\vIt holds in all workers within a second, over restarts too, until another number is "
    "ordered. "
    "`default` takes the order back: then it is as each worker's configuration says. Jobs that run "
    "go on; other queues of the same worker have the threads that this one leaves free.\n\n"
    "Examples:\n"
    "  navvy concurrency --wait email 4\n"
    "  navvy concurrency email default\n";

static const char loglevel_doc[] =
    "Let all workers log lines about this queue at LEVEL: error, warn, info or debug."
    "\vIt holds within a second, over restarts too. `default` takes the order back.\n\n"
    "Examples:\n"
    "  navvy loglevel email debug\n"
    "  navvy loglevel email default\n";

struct setting {
    struct order_words words;
    const char *queue, *value;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct setting *setting = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &setting->words;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            return ARGP_ERR_UNKNOWN;
        *(state->arg_num == 0 ? &setting->queue : &setting->value) = arg;
        return 0;
    case ARGP_KEY_END:
        if (setting->value == NULL)
            argp_error(state, setting->queue == NULL ? "which queue?" : "which value?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_default(const struct setting *setting)
{
    return strcmp(setting->value, "default") == 0;
}

static int parse(const char *doc, const char *args, int argc, char **argv, struct setting *setting)
{
    static const struct argp_child children[] = {{&order_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {NULL, option, args, doc, children, NULL, NULL};

    return command_parse(&argp, argc, argv, setting);
}

static int give(const struct setting *setting, const struct order *order, const char *what)
{
    char done[64], before[64];
    struct session session;
    struct order_verb verb;
    const char *value = is_default(setting) ? "as configured" : setting->value;

    (void)snprintf(done, sizeof done, "%s %s", what, value);
    (void)snprintf(before, sizeof before, "%s was %s already", what, value);
    int code = order_verb_begin(&verb, &setting->words, &session);
    if (code != COMMAND_OK)
        return code;
    order_verb_give(&verb, setting->queue, order, NULL, done, before);
    return order_verb_end(&verb);
}

int cmd_concurrency(int argc, char **argv)
{
    struct setting setting = {0};
    uint64_t jobs = 0;
    int code = parse(concurrency_doc, "QUEUE N|default", argc, argv, &setting);

    if (code != COMMAND_OK)
        return code;
    if (!is_default(&setting) && (!units_parse_u64(slice_of(setting.value), &jobs) || jobs == 0 ||
                                  jobs > ORDER_CONCURRENCY_MAX))
        return command_fault(COMMAND_USAGE,
                             "\"%s\" is not a number from 1 to %d, nor `default`; to run none, "
                             "`navvy pause %s`",
                             setting.value, ORDER_CONCURRENCY_MAX, setting.queue);
    struct order order = order_concurrency((int64_t)jobs);
    return give(&setting, &order, "concurrency");
}

int cmd_loglevel(int argc, char **argv)
{
    struct setting setting = {0};
    int code = parse(loglevel_doc, "QUEUE LEVEL|default", argc, argv, &setting);

    if (code != COMMAND_OK)
        return code;
    if (!is_default(&setting) && !order_is_log_level(setting.value))
        return command_fault(COMMAND_USAGE, "\"%s\" is none of error, warn, info, debug, default",
                             setting.value);
    struct order order = order_log_level(is_default(&setting) ? NULL : setting.value);
    return give(&setting, &order, "log level");
}
