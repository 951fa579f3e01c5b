#include "admin/bench_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "handler/ending.h"

enum { STOP_MS = 5000, STOP_LOOK_MS = 5, PATH_TEXT_MAX = 64, VARIABLES_MAX = 8 };

/* ---- files ---- */

static const char *path_of(int fd, char out[PATH_TEXT_MAX])
{
    (void)snprintf(out, PATH_TEXT_MAX, "/proc/%ld/fd/%d", (long)getpid(), fd);
    return out;
}

static bool make_histogram(struct bench_worker *worker)
{
    int fd = memfd_create("histogram", MFD_CLOEXEC);

    worker->histogram_fd = fd;
    if (fd < 0 || ftruncate(fd, (off_t)sizeof(struct histogram)) != 0)
        return false;
    void *at = mmap(NULL, sizeof(struct histogram), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return false;
    worker->histogram = at;
    return true;
}

static bool make_config(struct bench_worker *worker, const struct bench *bench, bool fingerprints)
{
    const struct bench_plan *plan = bench->plan;
    char path[PATH_TEXT_MAX], handler[PATH_TEXT_MAX + 32] = "noop";

    if (worker->histogram != NULL)
        (void)snprintf(handler, sizeof handler, "bench, histogram: %s",
                       path_of(worker->histogram_fd, path));
    worker->config_fd = memfd_create("navvy.yaml", MFD_CLOEXEC);
    return worker->config_fd >= 0 &&
           dprintf(worker->config_fd,
                   "processes: 0\nadmin: { listen: off }\n"
                   "pool: { min: %" PRIu64 ", max: %" PRIu64 " }\n"
                   "shutdown_timeout: 2s\n"
                   "log: { level: warn, format: text }\n"
                   "queues:\n"
                   "  \"%s\": { handler: { builtin: %s }, idempotency: { ttl: %" PRId64 "ms } }\n",
                   plan->threads, plan->threads, plan->queue, handler,
                   fingerprints ? plan->ttl_ms : 0) > 0;
}

/* ---- environment ---- */

/* Ours without what speaks to navvy, and how Redis is reached. */
struct surroundings {
    struct buf texts[VARIABLES_MAX];
    size_t count;
    char **env;
};

static void put(struct surroundings *around, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    CHECK(around->count < VARIABLES_MAX);
    buf_printf(&around->texts[around->count++], "%s=%s", name, value);
}

static void put_redis(struct surroundings *around, const struct config *config)
{
    char db[24], connect[24], command[24];

    (void)snprintf(db, sizeof db, "%d", config->redis.db);
    (void)snprintf(connect, sizeof connect, "%" PRId64 "ms", config->redis_connect_timeout_ms);
    (void)snprintf(command, sizeof command, "%" PRId64 "ms", config->redis_command_timeout_ms);
    put(around, "NAVVY_REDIS_URL", config->redis_url);
    put(around, "NAVVY_REDIS_USER", config->redis.user);
    put(around, "NAVVY_REDIS_PASSWORD", config->redis.password);
    put(around, "NAVVY_REDIS_DB", db);
    put(around, "NAVVY_REDIS_CONNECT_TIMEOUT", connect);
    put(around, "NAVVY_REDIS_COMMAND_TIMEOUT", command);
    put(around, "NAVVY_REDIS_ALLOW_EVICTION", config->redis_allow_eviction ? "true" : NULL);
}

static bool surroundings_make(struct surroundings *around, const struct config *config)
{
    size_t inherited = 0, count = 0;
    bool failed = false;

    while (environ[inherited] != NULL)
        inherited++;
    around->env = calloc(inherited + VARIABLES_MAX + 1, sizeof(*around->env));
    for (size_t i = 0; i < inherited && around->env != NULL; i++)
        if (strncmp(environ[i], "NAVVY_", 6) != 0 && strncmp(environ[i], "REDIS_URL=", 10) != 0)
            around->env[count++] = environ[i];
    put_redis(around, config);
    for (size_t i = 0; i < around->count && around->env != NULL; i++) {
        around->env[count++] = around->texts[i].data;
        failed = failed || around->texts[i].failed;
    }
    return around->env != NULL && !failed;
}

static void surroundings_free(struct surroundings *around)
{
    for (size_t i = 0; i < around->count; i++)
        buf_free(&around->texts[i]);
    free(around->env);
}

/* ---- life ---- */

static bool launch(struct bench_worker *worker, const struct config *config)
{
    char self[] = "/proc/self/exe", verb[] = "run", option[] = "--config", path[PATH_TEXT_MAX];
    char why[PROGRAM_WHY_MAX] = "no memory";
    struct surroundings around = {.count = 0};

    (void)path_of(worker->config_fd, path);
    char *argv[] = {self, verb, option, path, NULL};
    struct program_spec spec = {.argv = argv, .dies_with_thread = true};
    worker->runs = surroundings_make(&around, config);
    spec.env = around.env;
    worker->runs = worker->runs && program_start(&worker->program, &spec, why);
    surroundings_free(&around);
    if (!worker->runs)
        command_fault(COMMAND_FAILED, "cannot start a worker: %s", why);
    return worker->runs;
}

bool bench_worker_start(struct bench_worker *worker, const struct bench *bench, bool fingerprints,
                        bool measures)
{
    *worker = (struct bench_worker){.config_fd = -1, .histogram_fd = -1};
    if ((measures && !make_histogram(worker)) || !make_config(worker, bench, fingerprints)) {
        command_fault(COMMAND_FAILED, "cannot make a file in memory: %s", strerror(errno));
        return false;
    }
    return launch(worker, bench->session.config);
}

static void listen_to(struct bench_worker *worker)
{
    char block[1024];
    ssize_t got;

    while ((got = read(worker->program.errors_fd, block, sizeof block)) > 0)
        tail_append(&worker->said, block, (size_t)got);
}

bool bench_worker_lives(struct bench_worker *worker)
{
    char how[ENDING_WHAT_MAX];
    struct rusage usage;
    int status = -1;

    listen_to(worker);
    if (!program_peek(&worker->program, &status, &usage))
        return true;
    listen_to(worker);
    if (!ending_describe(status, how))
        (void)snprintf(how, sizeof how, "exit status 0");
    struct slice words = tail_text(&worker->said, TAIL_BYTES_MAX);
    command_fault(COMMAND_FAILED, "the worker has ended: %s%s%.*s", how, words.len > 0 ? "\n" : "",
                  (int)words.len, words.ptr);
    return false;
}

int64_t bench_worker_cpu_ns(const struct bench_worker *worker)
{
    return clock_cpu_ns(worker->program.pid);
}

uint64_t bench_worker_peak_kib(const struct bench_worker *worker)
{
    char path[PATH_TEXT_MAX], line[128];
    uint64_t peak_kib = 0;

    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)worker->program.pid);
    FILE *status = fopen(path, "re");
    while (status != NULL && peak_kib == 0 && fgets(line, sizeof line, status) != NULL)
        (void)sscanf(line, "VmHWM: %" SCNu64, &peak_kib);
    if (status != NULL)
        (void)fclose(status);
    return peak_kib;
}

void bench_worker_stop(struct bench_worker *worker, bool now)
{
    int64_t until_ms = clock_mono_ms() + (now ? 0 : STOP_MS);

    if (worker->runs) {
        program_signal(&worker->program, now ? SIGKILL : SIGTERM);
        while (!program_ended(&worker->program) && clock_mono_ms() < until_ms) {
            listen_to(worker);
            (void)poll(NULL, 0, STOP_LOOK_MS);
        }
        program_signal(&worker->program, SIGKILL);
        (void)program_reap(&worker->program, NULL);
    }
    if (worker->histogram != NULL)
        (void)munmap(worker->histogram, sizeof(*worker->histogram));
    if (worker->config_fd >= 0)
        (void)close(worker->config_fd);
    if (worker->histogram_fd >= 0)
        (void)close(worker->histogram_fd);
    *worker = (struct bench_worker){.config_fd = -1, .histogram_fd = -1};
}
