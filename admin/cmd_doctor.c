/*
 * doctor: what is wrong here, why that matters, and the command that mends it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/command.h"
#include "admin/doctor/checks.h"
#include "admin/doctor/quote.h"
#include "admin/doctor/reading.h"
#include "admin/doctor/report.h"
#include "base/units.h"

enum { KEYS_DEFAULT = 5000000, LOOK_MS_DEFAULT = 1000 };

static const char doc[] =
    "Look for what is wrong with this Redis and navvy's queues in it. Each finding says what it "
    "is, "
    "why it matters, and what mends it, as a command to paste. Nothing is changed."
    "\vWhat this user may not read is named and left out. The names of all keys are looked at, up "
    "to "
    "--keys of them, some hundred a call with pauses in between, so that workers go on.\n\n"
    "Exit codes: 0 fine, or notes only; 1 findings, or no Redis; 2 usage.\n\n"
    "Examples:\n"
    "  navvy doctor\n"
    "  navvy doctor --quick --json | jq -r '.findings[].do[]'\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print one JSON object: fine, findings, unread", 0},
    {"quick", 'q', NULL, 0, "Leave the names of all keys out; only configured queues", 0},
    {"keys", 'k', "N", 0, "Look at N keys at most (default 5000000)", 0},
    {"look", 'l', "DURATION", 0, "How long to watch the memory grow (default 1s)", 0},
    {"list", 'L', NULL, 0, "Print the checks: what each reads, and why it matters", 0},
    {0},
};

struct doctor {
    struct common common;
    bool json, quick, list;
    uint64_t keys_max;
    int64_t look_ms;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct doctor *doctor = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &doctor->common;
        return 0;
    case 'j':
        doctor->json = true;
        return 0;
    case 'q':
        doctor->quick = true;
        return 0;
    case 'L':
        doctor->list = true;
        return 0;
    case 'k':
        if (!units_parse_u64(slice_of(arg), &doctor->keys_max) || doctor->keys_max > INT64_MAX)
            argp_error(state, "%s: a number of keys is wanted", arg);
        return 0;
    case 'l':
        if (!units_parse_duration_ms(slice_of(arg), &doctor->look_ms))
            argp_error(state, "%s: a duration is wanted, as 5s", arg);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: the doctor looks at all queues", arg);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* How a redis-cli and a navvy find the same Redis; without passwords. */
struct words {
    char where[ENDPOINT_TEXT_MAX];
    struct buf cli, options;
};

static void add_option(struct buf *out, const char *name, const char *value)
{
    char quoted[QUOTED_MAX];

    if (value == NULL)
        return;
    quote_shell(value, quoted);
    buf_printf(out, " %s %s", name, quoted);
}

static void words_init(struct words *words, const struct config *config,
                       const struct config_source *source)
{
    const struct endpoint *redis = &config->redis;

    *words = (struct words){0};
    endpoint_format(redis, words->where);
    buf_append_str(&words->cli, "redis-cli");
    add_option(&words->cli, redis->host[0] ? "-h" : "-s",
               redis->host[0] ? redis->host : redis->path);
    if (redis->host[0])
        buf_printf(&words->cli, " -p %d", redis->port);
    if (redis->db != 0)
        buf_printf(&words->cli, " -n %d", redis->db);
    buf_append_str(&words->options, "");
    add_option(&words->options, "--config", source->path);
    add_option(&words->options, "--redis", source->redis_url != NULL ? words->where : NULL);
}

/* All of it; false: Redis went away half way, or no memory. */
static bool read_all(const struct doctor *doctor, struct client *client, struct facts *facts)
{
    struct queue_list queues = {0};
    struct walk *walk = NULL;

    bool whole = reading_server(client, facts) && queue_list_configured(&queues, facts->config);
    if (whole && !doctor->quick) {
        walk = reading_walk(client, facts, &queues, (int64_t)doctor->keys_max);
        whole = walk != NULL;
    }
    whole = whole && reading_queues(client, facts, &queues, walk) &&
            reading_rights(client, facts) &&
            (walk == NULL || reading_fingerprints(client, facts, walk));
    whole = whole && (doctor->look_ms == 0 || reading_trend(client, facts, doctor->look_ms));
    walk_free(walk);
    queue_list_free(&queues);
    return whole;
}

static int say(const struct doctor *doctor, const struct facts *facts, const char *where)
{
    struct findings findings = {0};

    doctor_judge_all(facts, &findings);
    bool said = !findings.failed;
    if (doctor->json)
        said = report_json(facts, &findings, where) && said;
    else
        report_print(facts, &findings, where);
    bool fine = findings_count(&findings, SEVERITY_CRITICAL) == 0 &&
                findings_count(&findings, SEVERITY_WARNING) == 0;
    findings_free(&findings);
    if (!said)
        return command_fault(COMMAND_FAILED, "no memory");
    return fine ? COMMAND_OK : COMMAND_FAILED;
}

static int examine(const struct doctor *doctor, const struct config *config)
{
    struct words words;
    struct client *client = common_client(config);
    struct facts facts = {.config = config, .configured = config->queue_count > 0};

    if (client == NULL)
        return COMMAND_FAILED;
    words_init(&words, config, &doctor->common.source);
    facts.cli = words.cli.data;
    facts.options = words.options.data;
    int code = COMMAND_FAILED;
    if (words.cli.failed || words.options.failed)
        command_fault(code, "no memory");
    else if (read_all(doctor, client, &facts))
        code = say(doctor, &facts, words.where);
    else
        command_fault(code, "Redis went away while it was looked at: %s", client_error(client));
    facts_free(&facts);
    buf_free(&words.cli);
    buf_free(&words.options);
    client_close(client);
    return code;
}

int cmd_doctor(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};
    struct doctor doctor = {.keys_max = KEYS_DEFAULT, .look_ms = LOOK_MS_DEFAULT};

    int code = command_parse(&argp, argc, argv, &doctor);
    if (code != COMMAND_OK)
        return code;
    if (doctor.list) {
        report_checks();
        return COMMAND_OK;
    }
    struct config *config = common_config(&doctor.common);
    if (config == NULL)
        return COMMAND_FAILED;
    code = examine(&doctor, config);
    config_free(config);
    return code;
}
