/*
 * navvy admin: the operators' view without workers.
 */
#include <stdio.h>
#include <stdlib.h>

#include "admin/command.h"
#include "admin/http/serve.h"
#include "admin/http/server.h"

struct admin_words {
    struct common common; /* first: common_argp's input */
    const char *listen;
};

static const char doc[] =
    "Serve the operators' view: /livez, /readyz, /metrics, the page at / and the API below "
    "/api/v1. "
    "`navvy run` does so too, beside its workers; this is for a host that has none."
    "\vTERM ends it, HUP reads the configuration again.\n\n"
    "Examples:\n"
    "  navvy admin\n"
    "  navvy admin --redis redis://10.0.0.5 --listen 127.0.0.1:8080\n"
    "  NAVVY_ADMIN_TOKEN=$(cat token) navvy admin --listen :7437\n";

static const struct argp_option options[] = {
    {"listen", 'l', "ADDRESS", 0, "Instead of admin.listen: host:port, :port, unix:/path", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct admin_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'l':
        words->listen = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_admin(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where:", 0}, {0}};
    static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};
    struct admin_words words = {.listen = NULL};

    int code = command_parse(&argp, argc, argv, &words);
    if (code != COMMAND_OK)
        return code;
    if (words.listen != NULL) /* also when it reads the configuration again */
        (void)setenv("NAVVY_ADMIN_LISTEN", words.listen, 1);
    struct config *config = common_config(&words.common);
    if (config == NULL)
        return COMMAND_FAILED;
    if (!server_is_fine(config)) {
        config_free(config);
        return COMMAND_FAILED;
    }
    log_init(config->log_level, config->log_format);
    return serve_run(config, &words.common.source, NULL);
}
