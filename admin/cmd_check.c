/*
 * navvy check: the configuration as navvy understood it, every default filled in.
 */
#include <jansson.h>
#include <stdio.h>

#include "admin/command.h"
#include "consumer/consumer.h"
#include "redis/server.h"

struct check_words {
    struct common common; /* first: common_argp's input */
    bool connect;
    bool json;
};

/* What was found out; `faults` holds one line each. */
struct check {
    struct config *config; /* NULL: it has faults */
    struct buf faults;
    struct server_facts server;
    bool connected;
};

static const char doc[] =
    "Load the configuration and print it with every default filled in, as YAML that loads again. "
    "Secrets are masked. Plugins are loaded to look at them; none is started. Faults go to stderr, "
    "with file, line and column."
    "\vExit codes: 0 fine, 1 faults, 2 usage.\n"
    "\n"
    "Examples:\n"
    "  navvy check --config new.yaml\n"
    "  navvy check --connect >/dev/null && echo ready\n";

static const struct argp_option options[] = {
    {"connect", 'C', NULL, 0, "Connect too: the version and the eviction policy of Redis", 0},
    {"json", 'j', NULL, 0, "Print one JSON object: ok, config, queues, redis, faults", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct check_words *words = state->input;

    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'C':
        words->connect = true;
        return 0;
    case 'j':
        words->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 0}, {0}};
static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};

static bool check_info(struct check *check, const struct reply *info)
{
    char error[SERVER_ERROR_MAX] = "";

    if (reply_kind(info) == REPLY_ERROR) {
        struct slice text = reply_error_text(info);
        buf_printf(&check->faults, "navvy: Redis refuses INFO: %.*s\n", (int)text.len, text.ptr);
        return false;
    }
    if (!server_facts_parse(reply_text(info), &check->server)) {
        buf_append_str(&check->faults, "navvy: the answer to INFO names no version\n");
        return false;
    }
    check->connected = true;
    if (server_accept(&check->server, check->config->redis_allow_eviction, error))
        return true;
    buf_printf(&check->faults, "navvy: %s\n", error);
    return false;
}

static bool check_server(struct check *check)
{
    char error[ENDPOINT_ERROR_MAX] = "";
    const struct config *config = check->config;
    struct client *client =
        client_open(&config->redis, "navvy-check", config->redis_connect_timeout_ms, error);

    if (client == NULL) {
        buf_printf(&check->faults, "navvy: %s\n", error);
        return false;
    }
    struct reply *info = client_callf(client, "INFO");
    if (info == NULL)
        buf_printf(&check->faults, "navvy: %s\n", client_error(client));
    bool good = info != NULL && check_info(check, info);
    client_reply_free(info);
    client_close(client);
    return good;
}

static void add_faults(json_t *array, const struct buf *faults)
{
    const char *at = faults->data;

    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, "\n");
        json_array_append_new(array, json_stringn(at, len));
        at += len + (at[len] == '\n');
    }
}

static void print_json(const struct check *check, const char *path, bool good)
{
    json_t *queues = json_array(), *faults = json_array();
    json_t *server = json_null();

    for (size_t i = 0; check->config != NULL && i < check->config->queue_count; i++)
        json_array_append_new(queues, json_string(check->config->queues[i].name));
    add_faults(faults, &check->faults);
    if (check->connected)
        server = json_pack("{s:s, s:s, s:s}", "product", check->server.product, "version",
                           check->server.version, "policy", check->server.policy);
    json_t *all = json_pack("{s:b, s:s?, s:o, s:o, s:o}", "ok", good, "config", path, "queues",
                            queues, "redis", server, "faults", faults);
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
}

static void print_text(const struct check *check)
{
    struct buf yaml = {0};

    if (check->faults.len > 0)
        fputs(check->faults.data, stderr);
    if (check->config != NULL)
        config_render(check->config, &yaml);
    if (yaml.len > 0)
        fputs(yaml.data, stdout);
    if (check->connected) {
        fflush(stdout);
        fprintf(stderr, "navvy: %s %s answers, maxmemory-policy %s\n", check->server.product,
                check->server.version, check->server.policy);
    }
    buf_free(&yaml);
}

int cmd_check(int argc, char **argv)
{
    struct check_words words = {0};
    struct check check = {0};

    int code = command_parse(&argp, argc, argv, &words);
    if (code != COMMAND_OK)
        return code;
    check.config = config_load(&words.common.source, &check.faults);
    bool good = check.config != NULL && consumer_check(check.config, &check.faults) &&
                (!words.connect || check_server(&check));
    if (words.json)
        print_json(&check, words.common.source.path, good);
    else
        print_text(&check);
    config_free(check.config);
    buf_free(&check.faults);
    return good ? COMMAND_OK : COMMAND_FAILED;
}
