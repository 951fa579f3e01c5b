/*
 * reload: a new configuration, at SIGHUP. A bad one changes nothing. Jobs under way go on under the
 * one that they began with; it is freed with the last of them.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/random.h"
#include "consumer/worker.h"
#include "handler/registry.h"

static void reload_refused(struct buf *errors)
{
    char *rest = errors->data;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line != 0)
            LOG(LOG_ERROR, "reload", LOG_S("err", line),
                LOG_S("do", "the old configuration stays; mend it and send HUP again"));
    }
}

/* Its workers have agreed on one, and it would forget what it knows. Also of a queue on its way
 * out.
 */
static bool reload_keeps_stores(const struct worker *worker, const struct config *config,
                                struct buf *errors)
{
    bool fine = true;

    for (size_t i = 0; i < worker->queue_count; i++) {
        const struct queue *queue = worker->queues[i];
        const struct queue_conf *conf = config_queue(config, queue->name);
        if (conf == NULL || conf->idempotency_store == queue->conf->idempotency_store)
            continue;
        buf_printf(errors,
                   "queues.%s.idempotency.store: cannot be changed while navvy runs; stop "
                   "all workers of the queue, then start them\n",
                   queue->name);
        fine = false;
    }
    return fine;
}

static struct config *reload_read(struct worker *worker)
{
    struct buf errors = {0};
    struct config *config = config_load(worker->source, &errors);

    if (config != NULL && (!config_reloadable(worker->config, config, &errors) ||
                           !reload_keeps_stores(worker, config, &errors))) {
        config_free(config);
        config = NULL;
    }
    if (config != NULL && !registry_open(config, &errors)) {
        config_free(config);
        config = NULL;
    }
    if (config == NULL)
        reload_refused(&errors);
    buf_free(&errors);
    return config;
}

static bool reload_keep(struct worker *worker, struct config *config)
{
    size_t count = worker->config_count + 1;
    struct config **configs = realloc(worker->configs, count * sizeof(*configs));
    if (configs == NULL)
        return false;
    configs[count - 1] = config;
    worker->configs = configs;
    worker->config_count = count;
    return true;
}

static struct queue *reload_find(const struct worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->queue_count; i++) {
        if (strcmp(worker->queues[i]->name, name) == 0)
            return worker->queues[i];
    }
    return NULL;
}

static void reload_queues(struct worker *worker, struct config *config)
{
    for (size_t i = 0; i < worker->queue_count; i++)
        worker->queues[i]->removed = config_queue(config, worker->queues[i]->name) == NULL;
    for (size_t i = 0; i < config->queue_count; i++) {
        struct queue *queue = reload_find(worker, config->queues[i].name);
        if (queue != NULL) {
            queue_bind(queue, config, &config->queues[i]);
            continue;
        }
        /* Its tags begin anew. Should it have been here before: under another name. */
        worker->incarnation = random_u64();
        if (!queue_add(worker, config, &config->queues[i]))
            LOG_OF(log_scope_of(config->queues[i].name), LOG_ERROR, "reload",
                   LOG_S("err", "no memory for another queue; it is not served"));
    }
}

void reload_config(struct worker *worker)
{
    struct config *config = reload_read(worker);
    if (config == NULL) {
        measure_reload(worker, false);
        return;
    }
    if (!reload_keep(worker, config)) {
        LOG(LOG_ERROR, "reload", LOG_S("err", "no memory; the old configuration stays"));
        registry_release(config);
        config_free(config);
        measure_reload(worker, false);
        return;
    }
    worker->config = config;
    measure_reload(worker, true);
    reload_queues(worker, config);
    tracing_follow(worker);
    log_set_level(config->log_level);
    limit_changed(worker);
    pool_resize(worker->pool,
                &(struct pool_limits){config->pool_min, config->pool_max, config->pool_idle_ms});
    LOG(LOG_INFO, "reload", LOG_I("queues", config->queue_count));
    worker_wake(worker);
}

static bool queue_is_over(const struct queue *queue)
{
    if (!queue->removed || queue->phase != QUEUE_LEFT || queue->recovery != NULL)
        return false;
    for (size_t i = 0; i < queue->worker->slab_used; i++) {
        if (queue->worker->slab[i].owner == queue)
            return false;
    }
    return !queue->asked && !queue->beating && !queue->looking && !queue->orders.asked;
}

void reload_sweep(struct worker *worker)
{
    for (size_t i = worker->queue_count; i-- > 0;) {
        if (!queue_is_over(worker->queues[i]))
            continue;
        LOG_OF(worker->queues[i]->log, LOG_INFO, "left", LOG_S("worker", worker->queues[i]->id));
        queue_free(worker->queues[i]);
        worker->queues[i] = worker->queues[--worker->queue_count];
    }
    for (size_t i = worker->config_count; i-- > 0;) {
        struct config *config = worker->configs[i];
        if (config == worker->config || config->refs > 0)
            continue;
        registry_release(config);
        config_free(config);
        worker->configs[i] = worker->configs[--worker->config_count];
    }
}
