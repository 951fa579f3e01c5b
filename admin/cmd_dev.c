/*
 * navvy dev: a worker and a private Redis for it, with nothing to install or configure but
 * redis-server. The data stays in the folder from one run to the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/dev_redis.h"
#include "admin/dev_view.h"
#include "consumer/consumer.h"
#include "supervisor/supervisor.h"

struct dev_words {
    struct common common; /* first: common_argp's input */
    const char *dir;
};

static const char doc[] =
    "Start a private redis-server (unix socket, append-only file, no TCP port), a worker for it "
    "and "
    "the operators' view (admin.listen), print the redis-cli line to push jobs with, and end all "
    "of "
    "them together. The jobs stay in the folder until the next run. Without a configuration a "
    "sample is written into the folder: one queue, "
    "`jobs`, whose handler appends each payload to jobs.log there. Handlers find the folder in "
    "NAVVY_DEV_DIR."
    "\vSignals and exit codes are those of `navvy run`.\n"
    "\n"
    "Examples:\n"
    "  navvy dev\n"
    "  navvy dev --config navvy.yaml --dir /tmp/try\n"
    "  redis-cli -s .navvy/redis.sock LPUSH jobs hello\n";

static const char sample[] =
    "# Written by `navvy dev` because there was no navvy.yaml. Change it and send navvy a SIGHUP,\n"
    "# or copy it to ./navvy.yaml. `navvy check` prints every option with its value.\n"
    "log: { level: debug } # a line for each job; the default, info, is quiet\n"
    "\n"
    "queues:\n"
    "  jobs:\n"
    "    # Any program: the payload comes on stdin, the rest in the environment. Exit 0: done,\n"
    "    # 65: will never work (dead-letter queue), anything else: again later.\n"
    "    handler: { exec: [sh, -c, 'echo \"$NAVVY_ID: $(cat)\" >>\"$NAVVY_DEV_DIR/jobs.log\"'] }\n"
    "    timeout: 30s\n"
    "    retry: { max_attempts: 5, base: 1s }\n"
    "    idempotency: { ttl: 1h } # an equal payload within it is a duplicate\n";

static const struct argp_option options[] = {
    {"dir", 'd', "FOLDER", 0, "Where the private Redis keeps its data (default: .navvy)", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct dev_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        return 0;
    case 'd':
        words->dir = arg;
        return 0;
    case ARGP_KEY_END:
        if (words->common.source.redis_url != NULL)
            argp_error(state, "dev starts a Redis of its own; with --redis use `navvy run`");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 0}, {0}};
static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};

/* FOLDER/navvy.yaml, written if it is not there yet. False: said why. */
static bool make_sample(const struct dev_folder *folder, char path[static PATH_MAX + 16])
{
    snprintf(path, PATH_MAX + 16, "%s/navvy.yaml", folder->path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return true;
    bool written = fd >= 0 && write(fd, sample, sizeof(sample) - 1) == sizeof(sample) - 1;
    if (!written)
        command_fault(COMMAND_FAILED, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return written;
}

/* One word of a shell command. */
static void print_quoted(const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:@%+,";

    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    putchar('\'');
}

static void print_welcome(const struct dev_folder *folder, const struct config *config, pid_t pid,
                          const char *path, const char *url)
{
    printf("navvy dev: redis-server, process %ld, keeps its data in %s\n", (long)pid, folder->path);
    printf("configuration: %s\n\npush a job from another terminal:\n", path);
    for (size_t i = 0; i < config->queue_count; i++) {
        fputs("  redis-cli -s ", stdout);
        print_quoted(folder->socket);
        fputs(" LPUSH ", stdout);
        print_quoted(config->queues[i].name);
        fputs(" 'hello'\n", stdout);
    }
    fputs("look after it:\n  export NAVVY_REDIS_URL=", stdout);
    print_quoted(url);
    fputs(" NAVVY_CONFIG=", stdout);
    print_quoted(path);
    fputs("\n  navvy audit ", stdout);
    print_quoted(config->queues[0].name);
    dev_view_print(config, stdout);
    fputs("\n^C ends all.\n\n", stdout);
    fflush(stdout);
}

/*
 * From the welcome on a person may end us; until the worker listens, the signal waits. The worker
 * unblocks them.
 */
static void keep_signals_back(void)
{
    static const int kept[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        sigaddset(&set, kept[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The folder is ours from here on. */
static int run(const struct dev_folder *folder, struct common *common)
{
    char path[PATH_MAX + 16];
    char url[DEV_URL_MAX];

    struct endpoint endpoint = {0};

    strcpy(endpoint.path, folder->socket);
    common->source.redis_url = dev_folder_url(folder, url);
    common->source.endpoint = &endpoint;
    setenv("NAVVY_DEV_DIR", folder->path, 1);
    if (common->source.path == NULL) {
        if (!make_sample(folder, path))
            return COMMAND_FAILED;
        common->source.path = path;
    }
    struct config *config = common_config(common); /* before a process is started for nothing */
    if (config == NULL)
        return COMMAND_FAILED;
    log_init(config->log_level, config->log_format);
    const struct supervisor_work work = {.work = consumer_run};
    pid_t pid = dev_redis_start(folder);
    if (pid < 0) {
        config_free(config);
        return COMMAND_FAILED;
    }
    pid_t view = dev_view_start(config, &common->source);
    keep_signals_back();
    print_welcome(folder, config, pid, common->source.path, url);
    config->processes = 0; /* one process to look at, and ^C ends it and Redis together */
    int code = supervisor_run(config, &common->source, &work);
    dev_view_stop(view);
    if (!dev_redis_stop(pid) && code == CONSUMER_OK)
        return COMMAND_FAILED; /* what the worker had settled may not be on disk */
    return code;
}

int cmd_dev(int argc, char **argv)
{
    struct dev_words words = {.dir = ".navvy"};
    struct dev_folder folder;

    int code = command_parse(&argp, argc, argv, &words);
    if (code != COMMAND_OK)
        return code;
    if (!dev_folder_open(&folder, words.dir))
        return COMMAND_FAILED;
    code = run(&folder, &words.common);
    dev_folder_close(&folder);
    return code;
}
