/*
 * quiet, stop: of one worker process, wherever it runs.
 */
#include "admin/command.h"
#include "admin/order_verb.h"

static const char quiet_doc[] =
    "Let one worker process take no more jobs, of any queue."
    "\vWORKER is its name as `navvy workers` shows it, or host and pid of it. What it runs it "
    "finishes. It stays quiet until --off, or until it ends; a successor is not quiet. `navvy "
    "pause` stops one queue instead of one worker.\n\n"
    "Examples:\n"
    "  navvy quiet --wait web1-4711\n"
    "  navvy quiet --off web1-4711\n";

static const char stop_doc[] =
    "Let one worker process finish what it runs, and end."
    "\vWORKER is its name as `navvy workers` shows it, or host and pid of it. What has not ended "
    "after its shutdown_timeout is stopped and given back. Its supervisor starts no other one in "
    "its place, until it is told to reload (HUP) or started again; when all its workers were "
    "stopped so, it ends as well.\n\n"
    "Example:\n"
    "  navvy stop web1-4711\n";

struct quiet {
    struct order_words words;
    const char *worker;
    bool off;
};

static const struct argp_option quiet_options[] = {
    {"off", 'o', NULL, 0, "Let it take jobs again", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct quiet *quiet = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &quiet->words;
        return 0;
    case 'o':
        quiet->off = true;
        return 0;
    case ARGP_KEY_ARG:
        if (quiet->worker != NULL)
            argp_error(state, "one worker at a time");
        quiet->worker = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which worker? `navvy workers` shows them");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&order_argp, 0, NULL, 0}, {0}};

int cmd_quiet(int argc, char **argv)
{
    static const struct argp argp = {quiet_options, option, "WORKER", quiet_doc,
                                     children,      NULL,   NULL};
    struct quiet quiet = {0};
    int code = command_parse(&argp, argc, argv, &quiet);

    if (code != COMMAND_OK)
        return code;
    return quiet.off ? order_verb_worker(&quiet.words, quiet.worker, "work", "takes jobs again",
                                         "was told so already")
                     : order_verb_worker(&quiet.words, quiet.worker, "quiet", "takes no more jobs",
                                         "was told so already");
}

int cmd_stop(int argc, char **argv)
{
    static const struct argp argp = {NULL, option, "WORKER", stop_doc, children, NULL, NULL};
    struct quiet quiet = {0};
    int code = command_parse(&argp, argc, argv, &quiet);

    if (code != COMMAND_OK)
        return code;
    return order_verb_worker(&quiet.words, quiet.worker, "stop", "finishes what it runs, and ends",
                             "was told so already");
}
