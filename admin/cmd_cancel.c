/*
 * cancel: stops a job that runs, for good.
 */
#include "admin/command.h"
#include "admin/order_verb.h"
#include "admin/view/cancelling.h"

static const char doc[] =
    "Stop a job that runs, and put it into the dead-letter queue."
    "\vID is its claim id, as `navvy workers` and `navvy explain` show it, or the id that its "
    "producer gave. The worker that has it stops it within a second, as it stops one that has run "
    "into its timeout; it goes to the dead-letter queue, reason `cancelled`, and its producer may "
    "send it again. If it is done before it notices, it is done. A job between two attempts is "
    "cancelled when it is taken within an hour. `navvy dlq retry` sends it back to work.\n\n"
    "Example:\n"
    "  navvy cancel email web1-4711-9f03c2a1b7d4e688:17\n";

struct cancel_words {
    struct order_words words;
    const char *queue, *id;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct cancel_words *cancel = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &cancel->words;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            return ARGP_ERR_UNKNOWN;
        *(state->arg_num == 0 ? &cancel->queue : &cancel->id) = arg;
        return 0;
    case ARGP_KEY_END:
        if (cancel->id == NULL)
            argp_error(state, cancel->queue == NULL ? "which queue?" : "which job?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int refuse(const struct cancel_words *cancel, enum cancelling_end end,
                  const struct cancelling *found)
{
    if (end == CANCELLING_FAILED)
        return COMMAND_FAILED;
    if (end == CANCELLING_OVER)
        return command_fault(COMMAND_FAILED, "%s does not run, and will not by itself: %s",
                             cancel->id, found->words);
    return command_fault(COMMAND_NOT_FOUND, "%s has no job %s", cancel->queue, cancel->id);
}

static int give(const struct cancel_words *cancel, struct order_verb *verb)
{
    struct cancelling found;

    if (!common_keys(cancel->queue, &verb->session->keys))
        return COMMAND_USAGE;
    enum cancelling_end end = cancelling_look(verb->session, cancel->queue, cancel->id, &found);
    if (end != CANCELLING_HELD && end != CANCELLING_COMES && end != CANCELLING_UNSURE)
        return refuse(cancel, end, &found);
    struct order order = order_cancel(found.claim);
    order_verb_give(verb, cancel->queue, &order, NULL,
                    end == CANCELLING_HELD ? "is being stopped"
                    : end == CANCELLING_COMES
                        ? "does not run now; whoever takes it within an hour will not run it"
                        : "is stopped if some worker has it",
                    "was cancelled already");
    return COMMAND_OK;
}

int cmd_cancel(int argc, char **argv)
{
    static const struct argp_child children[] = {{&order_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {NULL, option, "QUEUE ID", doc, children, NULL, NULL};
    struct cancel_words cancel = {0};
    struct session session;
    struct order_verb verb;

    int code = command_parse(&argp, argc, argv, &cancel);
    if (code == COMMAND_OK)
        code = order_verb_begin(&verb, &cancel.words, &session);
    if (code != COMMAND_OK)
        return code;
    code = give(&cancel, &verb);
    int end = order_verb_end(&verb);
    return code != COMMAND_OK ? code : end;
}
