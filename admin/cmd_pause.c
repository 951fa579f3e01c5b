/*
 * pause, resume: workers look at the mark with each take, so both work within a moment, fleet-wide,
 * and outlive restarts.
 */
#include <stdio.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "admin/session.h"

static const char pause_doc[] =
    "Stop all workers from taking jobs of these queues."
    "\vJobs that are running go on; what is pushed meanwhile waits. A pause lasts until `navvy "
    "resume`, over restarts too. Pausing what is paused changes nothing.\n\n"
    "Examples:\n"
    "  navvy pause email\n"
    "  navvy pause email invoices\n";

static const char resume_doc[] = "Let workers take jobs of these queues again."
                                 "\vExample:\n"
                                 "  navvy resume email\n";

struct pause {
    struct common common;
    char *const *queues; /* in argv */
    size_t count;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct pause *pause = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &pause->common;
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

static bool set_paused(struct client *client, const char *queue, bool paused)
{
    struct queue_keys keys;
    if (!common_keys(queue, &keys))
        return false;
    struct slice meta = {keys.name[KEY_META], keys.len[KEY_META]};
    int64_t changed = answer_int(client, paused ? client_callf(client, "HSET %b paused 1", &meta)
                                                : client_callf(client, "HDEL %b paused", &meta));
    if (changed < 0)
        return false;
    const char *what = paused ? "paused" : "resumed";
    const char *before = paused ? "was paused already" : "was not paused";
    printf("%s: %s\n", queue, changed > 0 ? what : before);
    return true;
}

static int run(const char *doc, int argc, char **argv, bool paused)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    const struct argp argp = {NULL, option, "QUEUE...", doc, children, NULL, NULL};
    struct pause pause = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &pause);
    if (code == COMMAND_OK)
        code = session_open(&session, &pause.common, NULL);
    if (code != COMMAND_OK)
        return code;
    for (size_t i = 0; i < pause.count; i++)
        if (!set_paused(session.client, pause.queues[i], paused))
            code = COMMAND_FAILED;
    session_close(&session);
    return code;
}

int cmd_pause(int argc, char **argv)
{
    return run(pause_doc, argc, argv, true);
}

int cmd_resume(int argc, char **argv)
{
    return run(resume_doc, argc, argv, false);
}
