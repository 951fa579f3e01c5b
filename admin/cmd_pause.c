/*
 * pause, resume: workers look at the mark with each take, so both work within a moment, fleet-wide,
 * and outlive restarts.
 */
#include "admin/command.h"
#include "admin/order_verb.h"

static const char pause_doc[] =
    "Stop all workers from taking jobs of these queues."
    "\vJobs that are running go on; what is pushed meanwhile waits. A pause lasts until `navvy "
    "resume`, over restarts too. Pausing what is paused changes nothing. `navvy quiet` stops one "
    "worker instead of one queue.\n\n"
    "Examples:\n"
    "  navvy pause email\n"
    "  navvy pause --wait email invoices\n";

static const char resume_doc[] = "Let workers take jobs of these queues again."
                                 "\vExample:\n"
                                 "  navvy resume email\n";

struct pause {
    struct order_words words;
    char *const *queues; /* in argv */
    size_t count;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct pause *pause = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &pause->words;
        return 0;
    case ARGP_KEY_ARGS: /* what is left of argv, options moved to the front */
        pause->queues = &state->argv[state->next];
        pause->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which queue?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(const char *doc, int argc, char **argv, bool paused)
{
    static const struct argp_child children[] = {{&order_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {NULL, option, "QUEUE...", doc, children, NULL, NULL};
    const struct order order = order_pause(paused);
    struct pause pause = {0};
    struct session session;
    struct order_verb verb;

    int code = command_parse(&argp, argc, argv, &pause);
    if (code == COMMAND_OK)
        code = order_verb_begin(&verb, &pause.words, &session);
    if (code != COMMAND_OK)
        return code;
    for (size_t i = 0; i < pause.count; i++)
        order_verb_give(&verb, pause.queues[i], &order, NULL, paused ? "paused" : "resumed",
                        paused ? "was paused already" : "was not paused");
    return order_verb_end(&verb);
}

int cmd_pause(int argc, char **argv)
{
    return run(pause_doc, argc, argv, true);
}

int cmd_resume(int argc, char **argv)
{
    return run(resume_doc, argc, argv, false);
}
