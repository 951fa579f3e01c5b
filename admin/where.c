/*
 * where: what every verb needs: where the configuration and Redis are, and a client of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/command.h"

#define CONFIG_DEFAULT "navvy.yaml"

static const struct argp_option common_options[] = {
    {"config", 'c', "FILE", 0, "Configuration (default: $NAVVY_CONFIG, then ./" CONFIG_DEFAULT ")",
     0},
    {"redis", 'r', "URL", 0,
     "Redis, above what the configuration says: redis://[user:password@]host[:port][/db], "
     "unix:///path or /path",
     0},
    {NULL, 'h', NULL, OPTION_HIDDEN, NULL, 0},
    {0},
};

static error_t common_option(int key, char *arg, struct argp_state *state)
{
    struct common *common = state->input;

    switch (key) {
    case 'c':
        common->source.path = arg;
        return 0;
    case 'r':
        common->source.redis_url = arg;
        return 0;
    case 'h':
        argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
        return 0;
    case ARGP_KEY_END:
        if (common->source.path == NULL)
            common->source.path = getenv("NAVVY_CONFIG");
        if (common->source.path == NULL && access(CONFIG_DEFAULT, F_OK) == 0)
            common->source.path = CONFIG_DEFAULT;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp common_argp = {common_options, common_option, NULL, NULL, NULL, NULL, NULL};

error_t common_queue(int key, char *arg, struct argp_state *state, const char **queue)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (*queue != NULL)
            argp_error(state, "one queue at a time");
        *queue = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which queue?");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct config *common_config(const struct common *common)
{
    struct buf errors = {0};
    struct config *config = config_load(&common->source, &errors);

    if (config == NULL)
        fputs(errors.len > 0 ? errors.data : "navvy: no memory\n", stderr);
    buf_free(&errors);
    return config;
}

struct client *common_client_patient(const struct config *config, int64_t timeout_ms)
{
    char error[ENDPOINT_ERROR_MAX] = "";
    struct client *client = client_open(&config->redis, "navvy-cli", timeout_ms, error);

    if (client == NULL)
        command_fault(COMMAND_FAILED, "%s", error);
    return client;
}

struct client *common_client(const struct config *config)
{
    return common_client_patient(config, config->redis_command_timeout_ms);
}

bool common_keys(const char *queue, struct queue_keys *keys)
{
    struct slice name = slice_of(queue);
    const char *fault = queue_name_fault(name);

    if (fault == NULL) {
        queue_keys_init(keys, name);
        return true;
    }
    FILE *out = command_words();
    command_prefix(out);
    fputs("the queue name \"", out);
    print_escaped_to(out, name, 60);
    fprintf(out, "\" %s\n", fault);
    return false;
}
