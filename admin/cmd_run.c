/*
 * navvy run: the workers. Everything that may be wrong with a configuration is said before the
 * first connection is made.
 */
#include <stdio.h>

#include "admin/command.h"
#include "admin/http/serve.h"
#include "admin/http/server.h"
#include "consumer/consumer.h"
#include "supervisor/supervisor.h"

struct run_words {
    struct common common; /* first: common_argp's input */
    bool check;
};

static const char doc[] =
    "Run workers: take jobs from the configured queues, run their handlers, settle them. There are "
    "as many processes as `processes` says; when one dies another one is started, and gives its "
    "jobs back at once."
    "\vSignals:\n"
    "  TERM, INT  take no more, finish what runs within shutdown_timeout, give the\n"
    "             rest back, exit 0; a second one gives back at once\n"
    "  QUIT       exit at once; what was held comes back when its lease ends\n"
    "  TSTP       take no more jobs; CONT: take again\n"
    "  HUP        read the configuration again; a bad file changes nothing\n"
    "  USR1       log what each thread does\n"
    "  USR2       replace all workers, a new one first each time, also by a new binary\n"
    "\n"
    "Exit codes: 0 all settled or given back, 1 could not start, 75 something could\n"
    "not be given back (its lease will end), 128 + signal after a second TERM or INT.\n"
    "\n"
    "Examples:\n"
    "  navvy run --config /etc/navvy/navvy.yaml\n"
    "  navvy run --redis redis://localhost:6379/1\n"
    "  navvy run --check --config new.yaml && systemctl reload navvy\n";

static const struct argp_option options[] = {
    {"check", 'n', NULL, 0, "Only say whether the configuration is fine, and its plugins load", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct run_words *words = state->input;

    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'n':
        words->check = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 0}, {0}};
static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};

static int check(const struct config *config, const char *path)
{
    struct buf errors = {0};
    bool fine = consumer_check(config, &errors);

    fine &= server_check(config, &errors);

    if (fine)
        printf("%s: fine, %zu %s\n", path, config->queue_count,
               config->queue_count == 1 ? "queue" : "queues");
    else
        fputs(errors.len > 0 ? errors.data : "no memory\n", stderr);
    buf_free(&errors);
    return fine ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_run(int argc, char **argv)
{
    static const struct supervisor_work work = {consumer_run, serve_run, server_check};
    struct run_words words = {0};

    int code = command_parse(&argp, argc, argv, &words);
    if (code != COMMAND_OK)
        return code;
    if (words.common.source.path == NULL)
        return command_fault(COMMAND_FAILED, "no configuration: give --config FILE or make "
                                             "./navvy.yaml (`navvy dev` writes a sample)");

    struct config *config = common_config(&words.common);
    if (config == NULL)
        return COMMAND_FAILED;
    if (words.check) {
        code = check(config, words.common.source.path);
        config_free(config);
        return code;
    }
    if (!server_is_fine(config)) {
        config_free(config);
        return COMMAND_FAILED;
    }
    log_init(config->log_level, config->log_format);
    return supervisor_run(config, &words.common.source, &work);
}
