#include "config/option.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const queue_log_levels[] = {"inherit", "error", "warn", "info", "debug", NULL};
static const char *const log_formats[] = {"auto", "text", "json", NULL};
static const char *const builtins[] = {"noop", "echo", "sleep", "fail", "bench", NULL};
static const char *const backoffs[] = {"exponential", "fixed", NULL};
static const char *const fingerprints[] = {"payload", "key", NULL};
static const char *const stores[] = {"keys", "windows", NULL};

#define ROW(path_, where_, offset_, type_, initial_, min_, max_, choices_, env_, reload_, kinds_,  \
            text_)                                                                                 \
    {                                                                                              \
        .path = (path_), .scope = (where_), .offset = (offset_), .type = (type_),                  \
        .initial = (initial_), .min = (min_), .max = (max_), .choices = (choices_), .env = (env_), \
        .reloadable = (reload_), .kinds = (kinds_), .text = (text_)                                \
    }
#define GLOBAL(path, field, type, initial, min, max, choices, env, reload, text)                   \
    ROW(path, OPTION_GLOBAL, offsetof(struct config, field), type, initial, min, max, choices,     \
        env, reload, 0, text)
#define QUEUE(path, field, type, initial, min, max, choices, text)                                 \
    ROW(path, OPTION_QUEUE, offsetof(struct queue_conf, field), type, initial, min, max, choices,  \
        NULL, true, 0, text)
#define HANDLER(path, field, type, initial, min, max, choices, kinds, text)                        \
    ROW(path, OPTION_HANDLER, offsetof(struct handler_conf, field), type, initial, min, max,       \
        choices, NULL, true, kinds, text)
#define KIND(id) (1u << HANDLER_##id)

/* clang-format off */
const struct option option_table[OPTION_COUNT_OF_ALL] = {
    GLOBAL("redis.url", redis_url, OPTION_URL, "redis://localhost:6379/0", 0, 0, NULL, "NAVVY_REDIS_URL", false,
           "Where Redis is: redis://[[user]:password@]host[:port][/db], unix:///path, or host:port. REDIS_URL in the environment is the default where it is set."),
    GLOBAL("redis.user", redis_user, OPTION_TEXT, NULL, 0, 0, NULL, "NAVVY_REDIS_USER", false,
           "The ACL user; it may be in the URL instead."),
    GLOBAL("redis.password", redis_password, OPTION_SECRET, NULL, 0, 0, NULL, "NAVVY_REDIS_PASSWORD", false,
           "The password; it may be in the URL instead. Better: ${NAME} from the environment, or password_file."),
    GLOBAL("redis.password_file", redis_password_file, OPTION_TEXT, NULL, 0, 0, NULL, "NAVVY_REDIS_PASSWORD_FILE", false,
           "A file whose first line is the password."),
    GLOBAL("redis.db", redis_db, OPTION_COUNT, NULL, 0, 1000000, NULL, "NAVVY_REDIS_DB", false,
           "The database; it may be in the URL instead."),
    GLOBAL("redis.allow_eviction", redis_allow_eviction, OPTION_BOOL, "false", 0, 0, NULL, "NAVVY_REDIS_ALLOW_EVICTION", false,
           "Run although maxmemory-policy is not noeviction, so that Redis may throw jobs away."),
    GLOBAL("redis.connect_timeout", redis_connect_timeout_ms, OPTION_DURATION, "5s", 10, 10 * MINUTE, NULL, "NAVVY_REDIS_CONNECT_TIMEOUT", false,
           "A connection that is not made and greeted by then is given up and tried again."),
    GLOBAL("redis.command_timeout", redis_command_timeout_ms, OPTION_DURATION, "5s", 10, 10 * MINUTE, NULL, "NAVVY_REDIS_COMMAND_TIMEOUT", false,
           "A command that is not answered by then ends its connection; a new one is made."),
    GLOBAL("processes", processes, OPTION_COUNT, "1", 0, 64, NULL, "NAVVY_PROCESSES", true,
           "Worker processes. navvy run starts them, and starts another one when one dies; 0: it is itself the only worker, and nobody looks after it."),
    GLOBAL("recycle.memory", recycle_memory_bytes, OPTION_BYTES, "0", 0, 1024.0 * 1024 * 1024 * 1024, NULL, "NAVVY_RECYCLE_MEMORY", true,
           "A worker process that is larger than this (resident) is replaced, the new one first; 0: never."),
    GLOBAL("pool.min", pool_min, OPTION_COUNT, "2", 1, 1024, NULL, "NAVVY_POOL_MIN", true,
           "Threads that are kept when there is nothing to do. If only max is given, and less than 2, min is the same."),
    GLOBAL("pool.max", pool_max, OPTION_COUNT, "16", 1, 1024, NULL, "NAVVY_POOL_MAX", true,
           "Jobs that run at the same time in one worker."),
    GLOBAL("pool.idle", pool_idle_ms, OPTION_DURATION, "30s", 0, HOUR, NULL, "NAVVY_POOL_IDLE", true,
           "A thread above min that had nothing to do for so long ends."),
    GLOBAL("lease", lease_ms, OPTION_DURATION, "30s", SECOND, HOUR, NULL, "NAVVY_LEASE", false,
           "A worker that Redis has not heard of for so long is dead, and others run its jobs again. It is renewed every third of it. The same for all workers of a queue."),
    GLOBAL("shutdown_timeout", shutdown_timeout_ms, OPTION_DURATION, "25s", 0, 24 * HOUR, NULL, "NAVVY_SHUTDOWN_TIMEOUT", true,
           "After TERM or INT, jobs under way may finish for so long; then they are stopped and given back."),
    GLOBAL("log.level", log_level, OPTION_CHOICE, "info", 0, 0, log_levels, "NAVVY_LOG_LEVEL", true,
           "error: somebody must act; warn: navvy copes; info: the life of the process, duplicates and failures; debug: every job."),
    GLOBAL("log.format", log_format, OPTION_CHOICE, "auto", 0, 0, log_formats, "NAVVY_LOG_FORMAT", false,
           "auto is text at a terminal and JSON otherwise. Always to stderr."),

    GLOBAL("admin.listen", admin_listen, OPTION_TEXT, "127.0.0.1:7437", 0, 0, NULL, "NAVVY_ADMIN_LISTEN", true,
           "Where the operators' view is served: health, metrics, the page and the API. host:port, [v6]:port, unix:/path, or off. Anything but loopback and a unix socket needs a token."),
    GLOBAL("admin.token", admin_token, OPTION_SECRET, NULL, 0, 0, NULL, "NAVVY_ADMIN_TOKEN", true,
           "Who shows it may do everything there. Without a token, everybody on this host may. Better: ${NAME} from the environment, or token_file."),
    GLOBAL("admin.token_file", admin_token_file, OPTION_TEXT, NULL, 0, 0, NULL, "NAVVY_ADMIN_TOKEN_FILE", true,
           "A file whose first line is the token."),
    GLOBAL("admin.read_token", admin_read_token, OPTION_SECRET, NULL, 0, 0, NULL, "NAVVY_ADMIN_READ_TOKEN", true,
           "Who shows it may look at everything and change nothing; for dashboards and Prometheus."),
    GLOBAL("admin.read_token_file", admin_read_token_file, OPTION_TEXT, NULL, 0, 0, NULL, "NAVVY_ADMIN_READ_TOKEN_FILE", true,
           "A file whose first line is the read token."),
    GLOBAL("admin.allowed_hosts", admin_allowed_hosts, OPTION_ARGV, NULL, 0, 0, NULL, NULL, true,
           "Names that a request may be for where no token is needed, beside those of loopback; as [navvy.internal], when a proxy stands in front."),

    GLOBAL("middleware", middleware, OPTION_ARGV, NULL, 0, 0, NULL, NULL, false,
           "Paths of plugins that see every job before and after its handler, in this order: for metrics, traces, an audit."),

    GLOBAL("traces.endpoint", traces_endpoint, OPTION_HTTP_URL, NULL, 0, 0, NULL, "NAVVY_TRACES_ENDPOINT", false,
           "Where spans go, by OTLP/HTTP as JSON, as in http://127.0.0.1:4318/v1/traces. Without it there are no traces."),
    GLOBAL("traces.sample", traces_sample_percent, OPTION_PERCENT, "1%", 0, 100, NULL, "NAVVY_TRACES_SAMPLE", true,
           "Of the jobs whose producer gave no traceparent, so many have spans. Where it gave one, its sampled flag decides."),
    GLOBAL("traces.headers", traces_headers, OPTION_HEADERS, NULL, 0, 0, NULL, NULL, false,
           "Header lines for each request to the endpoint, as in [\"Authorization: Bearer ${TOKEN}\"]. Their values are never shown."),
    GLOBAL("traces.headers_file", traces_headers_file, OPTION_TEXT, NULL, 0, 0, NULL, "NAVVY_TRACES_HEADERS_FILE", false,
           "A file with more of them, one a line; empty lines and those that begin with # do not count."),
    GLOBAL("traces.ca_file", traces_ca_file, OPTION_TEXT, NULL, 0, 0, NULL, "NAVVY_TRACES_CA_FILE", false,
           "The certificates that the endpoint's own must be signed by; without it those of the system."),
    GLOBAL("traces.service_name", traces_service_name, OPTION_TEXT, "navvy", 0, 0, NULL, "NAVVY_TRACES_SERVICE_NAME", false,
           "The service.name of the spans."),
    GLOBAL("traces.timeout", traces_timeout_ms, OPTION_DURATION, "10s", 100, MINUTE, NULL, "NAVVY_TRACES_TIMEOUT", false,
           "A request that is not answered by then is tried again."),
    GLOBAL("traces.queue_max", traces_queue_max, OPTION_COUNT, "2048", 256, 65536, NULL, "NAVVY_TRACES_QUEUE_MAX", false,
           "So many deliveries wait to be sent at most, about 1.2 KiB each; what is more is dropped and counted."),

    HANDLER("handler.builtin", builtin, OPTION_CHOICE, NULL, 0, 0, builtins, KIND(BUILTIN),
          "A handler for tests and benchmarks: noop succeeds, echo returns the payload, sleep takes handler.sleep, fail fails handler.times times, bench measures for navvy bench."),
    HANDLER("handler.exec", exec, OPTION_ARGV, NULL, 0, 0, NULL, KIND(EXEC),
          "A program and its arguments, run once per job without a shell; the payload on its stdin. Exit 0: done. 65: failed for good. Anything else: failed, try again."),
    HANDLER("handler.child", child, OPTION_ARGV, NULL, 0, 0, NULL, KIND(CHILD),
          "A program and its arguments that stays and handles one job after the other, told of them on its stdin by a line protocol."),
    HANDLER("handler.http", http, OPTION_HTTP_URL, NULL, 0, 0, NULL, KIND(HTTP),
          "A URL, http:// or https://, that each job is sent to by POST. 2xx: done. 408, 425, 429, 5xx: failed, try again. Any other: failed for good."),
    HANDLER("handler.plugin", plugin, OPTION_TEXT, NULL, 0, 0, NULL, KIND(PLUGIN),
          "The path of a shared object made with navvy/handler.h, with a / in it."),
    HANDLER("handler.sleep", sleep_ms, OPTION_DURATION, "10ms", 0, 24 * HOUR, NULL, KIND(BUILTIN),
          "How long builtin sleep sleeps."),
    HANDLER("handler.times", fail_times, OPTION_COUNT, "0", 0, 1000, NULL, KIND(BUILTIN),
          "How many attempts builtin fail fails before it succeeds; 0: all."),
    HANDLER("handler.histogram", histogram, OPTION_TEXT, NULL, 0, 0, NULL, KIND(BUILTIN),
          "Where builtin bench counts how late each job began; navvy bench makes the file."),
    HANDLER("handler.children", children, OPTION_COUNT, "0", 0, 1024, NULL, KIND(CHILD),
          "So many child processes at most, started when they are needed; 0: as many as there are threads."),
    HANDLER("handler.start_timeout", start_timeout_ms, OPTION_DURATION, "10s", 10, HOUR, NULL, KIND(CHILD),
          "A child that has not said that it is ready by then is killed."),
    HANDLER("handler.health", health_ms, OPTION_DURATION, "30s", 0, HOUR, NULL, KIND(CHILD),
          "An idle child that can be asked is asked so often whether it is well, and killed if it does not answer by the next time; 0: never."),
    HANDLER("handler.recycle.jobs", recycle_jobs, OPTION_AMOUNT, "0", 0, 1e15, NULL, KIND(CHILD),
          "A child is replaced after so many jobs; 0: never."),
    HANDLER("handler.recycle.memory", recycle_memory_bytes, OPTION_BYTES, "0", 0, 1024.0 * 1024 * 1024 * 1024, NULL, KIND(CHILD),
          "A child is replaced when it is larger than this (resident) after a job; 0: never."),
    HANDLER("handler.recycle.age", recycle_age_ms, OPTION_DURATION, "0", 0, 8760 * (double)HOUR, NULL, KIND(CHILD),
          "A child is replaced when it is older than this; 0: never."),
    HANDLER("handler.headers", headers, OPTION_HEADERS, NULL, 0, 0, NULL, KIND(HTTP),
          "Header lines for each request, as in [\"Authorization: Bearer ${TOKEN}\"]. Their values are never shown."),
    HANDLER("handler.ca_file", ca_file, OPTION_TEXT, NULL, 0, 0, NULL, KIND(HTTP),
          "The certificates that the server's own must be signed by; without it those of the system."),
    HANDLER("handler.connect_timeout", connect_timeout_ms, OPTION_DURATION, "5s", 10, 10 * MINUTE, NULL, KIND(HTTP),
          "A server that has not taken the connection by then counts as down."),
    HANDLER("handler.options", plugin_options, OPTION_TEXT, NULL, 0, 0, NULL, KIND(PLUGIN),
          "A text that is handed to the plugin when it starts."),
    HANDLER("handler.answer_max", answer_bytes_max, OPTION_BYTES, "64KiB", 1024, 16.0 * 1024 * 1024, NULL, KIND(EXEC) | KIND(CHILD) | KIND(HTTP) | KIND(PLUGIN),
          "An answer, and so a result, is no longer than this."),
    HANDLER("handler.limits.memory", limits.memory_bytes, OPTION_BYTES, "0", 0, 1024.0 * 1024 * 1024 * 1024, NULL, KIND(EXEC) | KIND(CHILD),
          "Address space of the program; 0: as the worker."),
    HANDLER("handler.limits.cpu", limits.cpu_ms, OPTION_DURATION, "0", 0, 8760 * (double)HOUR, NULL, KIND(EXEC) | KIND(CHILD),
          "CPU time of the program, in whole seconds; of a child's whole life; 0: as the worker."),
    HANDLER("handler.limits.files", limits.files, OPTION_COUNT, "0", 0, 1048576, NULL, KIND(EXEC) | KIND(CHILD),
          "Open files of the program; 0: as the worker."),
    HANDLER("handler.limits.nice", limits.nice, OPTION_COUNT, "0", 0, 19, NULL, KIND(EXEC) | KIND(CHILD),
          "So much nicer than the worker."),
    HANDLER("handler.limits.folder", limits.folder, OPTION_TEXT, NULL, 0, 0, NULL, KIND(EXEC) | KIND(CHILD),
          "The program's working folder."),
    HANDLER("handler.limits.user", limits.user, OPTION_TEXT, NULL, 0, 0, NULL, KIND(EXEC) | KIND(CHILD),
          "The user that the program runs as, with that user's groups. The worker must be root."),
    HANDLER("handler.limits.env", limits.env, OPTION_ARGV, NULL, 0, 0, NULL, KIND(EXEC) | KIND(CHILD),
          "The variables of the worker's environment that the program sees, as in [PATH, HOME]; without it all of them. What navvy says of the job is always there."),

    QUEUE("timeout", timeout_ms, OPTION_DURATION, "30s", 0, 168 * (double)HOUR, NULL,
          "A job that runs longer is stopped and counts as failed; 0: no limit. A job's own header may say otherwise."),
    QUEUE("kill_grace", kill_grace_ms, OPTION_DURATION, "5s", 0, HOUR, NULL,
          "Between TERM and KILL when a program is stopped."),
    QUEUE("concurrency", concurrency, OPTION_COUNT, "0", 0, 1024, NULL,
          "Jobs of this queue that run at the same time in one worker process; 0: as many as it has threads. navvy concurrency changes it while workers run."),
    QUEUE("max_payload", payload_bytes_max, OPTION_BYTES, "1MiB", 1, 64.0 * 1024 * 1024, NULL,
          "A job with a larger payload goes to the dead-letter queue (reason oversize)."),
    QUEUE("result_ttl", result_ttl_ms, OPTION_DURATION, "0", 0, 8760 * (double)HOUR, NULL,
          "For so long navvy result can say what became of a job, and show what its handler returned; 0: nothing is kept."),
    QUEUE("retry.max_attempts", retry.max_attempts, OPTION_COUNT, "10", 1, 1000, NULL,
          "After so many failures the job goes to the dead-letter queue. A job's own header may say otherwise."),
    QUEUE("retry.backoff", retry.backoff, OPTION_CHOICE, "exponential", 0, 0, backoffs,
          "How the wait before the next attempt grows: base x factor^(n-1) up to cap, or base always."),
    QUEUE("retry.base", retry.base_ms, OPTION_DURATION, "1s", 0, 168 * (double)HOUR, NULL,
          "The wait after the first failure."),
    QUEUE("retry.factor", retry.factor, OPTION_FACTOR, "2", 1, 100, NULL,
          "What each wait is multiplied with for the next one."),
    QUEUE("retry.cap", retry.cap_ms, OPTION_DURATION, "1h", 0, 8760 * (double)HOUR, NULL,
          "No wait is longer."),
    QUEUE("retry.jitter", retry, OPTION_JITTER, "20%", 0, 0, NULL,
          "How far waits are spread, so that jobs which failed together do not come back together: a percentage to both sides, none, or full (anything from 0 to the wait)."),
    QUEUE("retry.delays", retry, OPTION_DURATIONS, NULL, 0, 8760 * (double)HOUR, NULL,
          "The waits one by one instead of a formula; the last one repeats."),
    QUEUE("idempotency.ttl", idempotency_ttl_ms, OPTION_DURATION, "24h", 0, 8760 * (double)HOUR, NULL,
          "For so long a second job with the same fingerprint is dropped as a duplicate; 0 turns it off."),
    QUEUE("idempotency.by", idempotency_by, OPTION_CHOICE, "payload", 0, 0, fingerprints,
          "What the fingerprint is of: payload (the header's key where there is one), or key: only jobs that have one are compared."),
    QUEUE("idempotency.store", idempotency_store, OPTION_CHOICE, "keys", 0, 0, stores,
          "How Redis keeps fingerprints: keys, one key each, which goes when its time is over; or windows, one hash for each stretch of time, which costs Redis less. The same for all workers of a queue; it takes a restart to change it, and what was taken under the other one is forgotten."),
    QUEUE("log_level", log_level, OPTION_CHOICE, "inherit", 0, 0, queue_log_levels,
          "The level of the lines about this queue and its jobs; inherit: as log.level says."),
    QUEUE("dlq.max", dlq_max, OPTION_AMOUNT, "100000", 0, 1e15, NULL,
          "When so many jobs are dead the queue stands still until somebody looks; nothing is thrown away. 0: no bound."),
};
/* clang-format on */

/* The part of `path` directly below `section`, up to the next dot; false: it is not below it. */
static bool key_below(const char *path, const char *section, struct slice *out)
{
    size_t len = strlen(section);
    if (len > 0) {
        if (strncmp(path, section, len) != 0 || path[len] != '.')
            return false;
        path += len + 1;
    }
    *out = (struct slice){path, strcspn(path, ".")};
    return true;
}

const struct option *option_find(enum option_scope scope, const char *path)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == scope && strcmp(option_table[i].path, path) == 0)
            return &option_table[i];
    }
    return NULL;
}

bool option_is_section(enum option_scope scope, const char *path)
{
    struct slice key;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == scope && key_below(option_table[i].path, path, &key))
            return true;
    }
    return false;
}

/* Calls `each` once per key directly below `section`, in the order of the table. */
static void each_key(enum option_scope scope, const char *section,
                     void (*each)(struct slice key, void *arg), void *arg)
{
    struct slice key, last = {0};
    bool top = section[0] == 0; /* where keys stand that are not options */

    if (top && scope == OPTION_QUEUE) {
        each(slice_of("handler"), arg);
        each(slice_of("routes"), arg);
    }
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope != scope || !key_below(option_table[i].path, section, &key) ||
            slice_equal(key, last))
            continue;
        each(key, arg);
        last = key;
    }
    if (top && scope == OPTION_GLOBAL) {
        each(slice_of("defaults"), arg);
        each(slice_of("queues"), arg);
    }
}

static void list_key(struct slice key, void *arg)
{
    struct buf *out = arg;
    if (out->len > 0)
        buf_append_str(out, ", ");
    buf_append_slice(out, key);
}

void option_list(enum option_scope scope, const char *section, struct buf *out)
{
    each_key(scope, section, list_key, out);
}

static void try_key(struct slice key, void *arg)
{
    nearest_try(arg, key);
}

const char *option_nearest(enum option_scope scope, const char *section, const char *key,
                           char out[OPTION_ERROR_MAX])
{
    struct nearest nearest = nearest_to(slice_of(key));

    each_key(scope, section, try_key, &nearest);
    if (nearest.found.ptr == NULL)
        return NULL;
    (void)snprintf(out, OPTION_ERROR_MAX, "%.*s", (int)nearest.found.len, nearest.found.ptr);
    return out;
}
