/*
 * consumer: makes the worker, connects it, lets it run until a signal ends it, and takes it apart.
 */
#include "consumer/consumer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "consumer/signals.h"
#include "consumer/worker.h"
#include "handler/handler.h"
#include "handler/registry.h"
#include "redis/server.h"

enum {
    STOP_THREADS_MS = 1000,  /* for the pool's threads to end after the last job */
    STOP_HANDLERS_MS = 5000, /* for what handlers keep: child processes, connections, plugins */
};

void worker_wake(struct worker *worker)
{
    event_active(worker->turn, EV_TIMEOUT, 0);
}

int64_t worker_redis_now_ms(const struct worker *worker)
{
    return clock_mono_ms() + worker->redis_offset_ms;
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    consumer_turn(arg);
}

static void on_finished(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    gather_finished(arg);
}

static void on_gathered(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    gather_over(arg);
}

static void consumer_give_up(struct worker *worker, const char *msg, const char *why)
{
    LOG(LOG_ERROR, msg, LOG_S("err", why)); /* msg: denied, server */
    worker->exit_code = CONSUMER_FAILED;
    worker->stop = STOP_EXIT;
    CHECK(event_base_loopbreak(worker->base) == 0);
}

/* Not answered, or refused for now: the next connection asks again. */
static void on_info_refused(struct worker *worker, const struct reply *reply)
{
    char why[SERVER_ERROR_MAX];
    struct slice text = reply_error_text(reply);

    (void)snprintf(why, sizeof why, "INFO: %.*s", (int)text.len, text.ptr);
    if (worker->checked || reply_error(reply) == ERROR_UNANSWERED)
        return;
    if (reply_error(reply) == ERROR_DENIED)
        consumer_give_up(worker, "denied", why);
    else
        link_reset(worker->command, why);
}

/* At start an unfit server ends the worker; later it can only be an alarm, because jobs are held.
 */
static void on_info(const struct reply *reply, void *arg)
{
    struct worker *worker = arg;
    struct server_facts facts;
    char error[SERVER_ERROR_MAX];

    if (reply_error(reply) != ERROR_NONE) {
        on_info_refused(worker, reply);
        return;
    }
    bool fit = server_facts_parse(reply_text(reply), &facts) &&
               server_accept(&facts, worker->config->redis_allow_eviction, error);
    if (fit && !worker->checked)
        LOG(LOG_INFO, "server", LOG_S("product", facts.product), LOG_S("version", facts.version));
    else if (!fit && worker->checked)
        LOG(LOG_ERROR, "server", LOG_S("err", error));
    else if (!fit)
        consumer_give_up(worker, "server", error);
    meters_trouble_set(&worker->box->meters.trouble, METERS_POLICY, !fit);
    worker->checked |= fit;
    worker_wake(worker);
}

static void on_command_up(struct link *link, void *arg)
{
    struct worker *worker = arg;
    const struct slice words[] = {slice_of("INFO")};
    char redis[ENDPOINT_TEXT_MAX];

    measure_connected(worker);
    LOG(LOG_INFO, "connected", LOG_S("redis", endpoint_format(&worker->config->redis, redis)));
    lease_clock(worker, link); /* answered before the first take is */
    if (!link_call(link, on_info, worker, 0, 1, words))
        link_reset(link, "INFO could not be sent");
    for (size_t i = 0; i < worker->queue_count; i++) {
        struct queue *queue = worker->queues[i];
        if (queue->phase != QUEUE_OPEN && queue->phase != QUEUE_SYNCING)
            continue;
        queue->phase = QUEUE_SYNCING;
        resync_start(queue);
    }
    worker_wake(worker);
}

static void on_beat_up(struct link *link, void *arg)
{
    struct worker *worker = arg;
    lease_clock(worker, link);
    worker_wake(worker);
}

static void on_command_down(struct link *link, const char *why, void *arg)
{
    struct worker *worker = arg;
    (void)link;
    meter_add(&worker->box->meters.connects_failed, 1);
    LOG_SPARSE(LOG_WARN, "disconnected", LOG_S("err", why), LOG_I("jobs", worker->jobs),
               LOG_S("do", "trying again"));
    worker_wake(worker);
}

static void on_beat_down(struct link *link, const char *why, void *arg)
{
    (void)link, (void)why; /* the command connection says it */
    worker_wake(arg);
}

static void on_denied(struct link *link, const char *why, void *arg)
{
    struct worker *worker = arg;
    (void)link;
    meters_trouble_set(&worker->box->meters.trouble, METERS_DENIED, true);
    if (worker->checked)
        LOG_SPARSE(LOG_ERROR, "denied", LOG_S("err", why), LOG_S("do", "mend the user's rights"));
    else
        consumer_give_up(worker, "denied", why);
}

static struct link *consumer_connect(struct worker *worker, const char *name,
                                     const struct link_events *events)
{
    const struct config *config = worker->config;
    struct link_options options = {
        .endpoint = &config->redis,
        .name = name,
        .connect_timeout_ms = config->redis_connect_timeout_ms,
        .command_timeout_ms = config->redis_command_timeout_ms,
    };
    return link_new(worker->base, &options, events, worker);
}

static bool consumer_connect_all(struct worker *worker)
{
    static const struct link_events command = {on_command_up, on_command_down, on_denied};
    static const struct link_events beat = {on_beat_up, on_beat_down, on_denied};

    worker->command = consumer_connect(worker, "navvy", &command);
    worker->beat = consumer_connect(worker, "navvy-beat", &beat);
    if (worker->command == NULL || worker->beat == NULL)
        return false;
    link_start(worker->command);
    link_start(worker->beat);
    return true;
}

static bool consumer_make_events(struct worker *worker)
{
    worker->base = event_base_new();
    if (worker->base == NULL)
        return false;
    worker->turn = event_new(worker->base, -1, 0, on_turn, worker);
    worker->timer = event_new(worker->base, -1, 0, on_turn, worker);
    worker->gather = event_new(worker->base, -1, 0, on_gathered, worker);
    worker->finished =
        event_new(worker->base, pool_fd(worker->pool), EV_READ | EV_PERSIST, on_finished, worker);
    return worker->turn != NULL && worker->timer != NULL && worker->gather != NULL &&
           worker->finished != NULL && event_add(worker->finished, NULL) == 0 &&
           signals_start(worker);
}

/* One line for each handler that would not open. */
static bool consumer_open_handlers(struct worker *worker)
{
    struct buf errors = {0};
    bool fine = registry_open(worker->config, &errors);
    char *rest = errors.data;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line != 0)
            LOG(LOG_ERROR, "handler", LOG_S("err", line));
    }
    buf_free(&errors);
    return fine;
}

static bool consumer_make_queues(struct worker *worker)
{
    struct config *config = worker->config;
    for (size_t i = 0; i < config->queue_count; i++) {
        if (!queue_add(worker, config, &config->queues[i]))
            return false;
    }
    return true;
}

/* A pool thread. Should the process die meanwhile, the black box tells of what. */
static void consumer_run_job(struct job *job, const struct stopper *stopper)
{
    const struct queue *queue = job_queue(job);

    blackbox_begin(queue->worker->box, stopper->thread, queue->box_name, job->tag);
    if (job->traced)
        job->trace.began_ns = clock_mono_ns();
    handler_run(job, stopper);
    if (job->traced)
        job->trace.ended_ns = clock_mono_ns();
    blackbox_end(queue->worker->box, stopper->thread);
}

static void consumer_identify(struct worker *worker)
{
    worker->incarnation = random_u64();
    if (gethostname(worker->host, sizeof worker->host - 1) != 0)
        strcpy(worker->host, "unknown");
}

/* Said already if false. */
static bool consumer_start_traces(struct worker *worker)
{
    char error[TRACE_ERROR_MAX];
    bool fine = tracing_start(worker, error);

    if (!fine)
        LOG(LOG_ERROR, "traces", LOG_S("err", error));
    return fine;
}

bool consumer_check(const struct config *config, struct buf *errors)
{
    char error[TRACE_ERROR_MAX];
    bool fine = registry_check(config, errors);

    if (trace_check(config, error))
        return fine;
    buf_printf(errors, "%s\n", error);
    return false;
}

static bool consumer_make(struct worker *worker)
{
    const struct config *config = worker->config;
    struct pool_limits limits = {config->pool_min, config->pool_max, config->pool_idle_ms};

    memory_init();
    measure_start(worker);
    worker->started_ms = clock_mono_ms();
    worker->redis_offset_ms = clock_wall_ms() - clock_mono_ms();
    worker->configs = malloc(sizeof(struct config *));
    if (worker->configs == NULL)
        return false;
    worker->configs[worker->config_count++] = worker->config;
    worker->fingerprinter = fingerprinter_new();
    worker->pool = pool_new(&limits, consumer_run_job);
    return worker->fingerprinter != NULL && worker->pool != NULL && job_table_init(worker) &&
           consumer_make_events(worker) && consumer_make_queues(worker) &&
           consumer_connect_all(worker);
}

static void consumer_free_events(struct worker *worker)
{
    signals_stop(worker);
    if (worker->turn != NULL)
        event_free(worker->turn);
    if (worker->timer != NULL)
        event_free(worker->timer);
    if (worker->gather != NULL)
        event_free(worker->gather);
    if (worker->finished != NULL)
        event_free(worker->finished);
    if (worker->base != NULL)
        event_base_free(worker->base);
}

/* A handler that would not stop keeps what it may still touch: the process is ending anyway. */
static void consumer_free(struct worker *worker)
{
    bool still = worker->pool == NULL || pool_free(worker->pool, STOP_THREADS_MS);
    if (!still)
        return;
    link_free(worker->command);
    link_free(worker->beat);
    for (size_t i = 0; i < worker->queue_count; i++)
        queue_free(worker->queues[i]);
    free(worker->queues);
    consumer_free_events(worker);
    job_table_free(worker);
    fingerprinter_free(worker->fingerprinter);
    tracing_end(worker);
    for (size_t i = 0; i < worker->config_count; i++) {
        registry_release(worker->configs[i]);
        config_free(worker->configs[i]);
    }
    registry_close(STOP_HANDLERS_MS);
    free(worker->configs);
    buf_free(&worker->scratch);
}

int consumer_run(struct config *config, const struct config_source *source,
                 struct blackboxes *boxes, struct blackbox *own)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    char redis[ENDPOINT_TEXT_MAX];

    if (worker == NULL || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return CONSUMER_FAILED;
    worker->config = config;
    worker->source = source;
    worker->boxes = boxes;
    worker->box = own;
    worker->supervised = config->processes > 0;
    consumer_identify(worker);
    if (!consumer_open_handlers(worker) || !consumer_start_traces(worker)) {
        worker->exit_code = CONSUMER_FAILED;
    } else if (consumer_make(worker)) {
        LOG(LOG_INFO, "start", LOG_S("version", NAVVY_VERSION), LOG_I("pid", getpid()),
            LOG_I("queues", worker->queue_count), LOG_I("threads", config->pool_max),
            LOG_S("redis", endpoint_format(&config->redis, redis)));
        if (event_base_dispatch(worker->base) < 0)
            worker->exit_code = CONSUMER_FAILED;
        atomic_store(&own->orderly, true);
        LOG(LOG_INFO, "end", LOG_I("code", worker->exit_code));
    } else {
        LOG(LOG_ERROR, "start", LOG_S("err", "no memory, threads or descriptors to start with"));
        worker->exit_code = CONSUMER_FAILED;
    }
    int code = worker->exit_code;
    consumer_free(worker);
    free(worker);
    return code;
}
