/*
 * queue: one queue of this process, and the identity under which it takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "consumer/worker.h"

void queue_reincarnate(struct queue *queue)
{
    struct worker *worker = queue->worker;

    worker_id_format(queue->id, worker->host, (int)getpid(), worker->incarnation);
    (void)queue_key_held(&queue->keys, queue->id, queue->held);
    blackbox_set_name(worker->box, queue->box_name, queue->name, queue->id);
    queue->phase = QUEUE_AWAY;
    queue->hungry = true;
    queue->backlog = 0;
    control_renamed(queue);
}

void queue_bind(struct queue *queue, struct config *config, const struct queue_conf *conf)
{
    if (queue->config != NULL)
        queue->config->refs--;
    config->refs++;
    queue->config = config;
    queue->conf = conf;
    measure_routes(queue);
    log_scope_configure(queue->log, conf->log_level - 1);
}

void queue_log_level(struct queue *queue, int level)
{
    log_scope_order(queue->log, level);
}

static struct queue *queue_new(struct worker *worker, struct config *config,
                               const struct queue_conf *conf)
{
    struct queue *queue = calloc(1, sizeof(*queue));
    if (queue == NULL)
        return NULL;
    queue->worker = worker;
    queue->log = log_scope_of(conf->name);
    (void)snprintf(queue->name, sizeof queue->name, "%s", conf->name);
    measure_queue(queue);
    queue_bind(queue, config, conf);
    queue_keys_init(&queue->keys, slice_of(queue->name));
    queue->next_tag = 1;
    queue->orders.version = CONTROL_UNKNOWN;
    queue->box_name = blackbox_reserve(worker->box);
    queue->poll_ms = QUEUE_POLL_MS_MIN;
    queue->rate_ms = clock_mono_ms();
    queue_reincarnate(queue);
    return queue;
}

bool queue_add(struct worker *worker, struct config *config, const struct queue_conf *conf)
{
    size_t count = worker->queue_count + 1;
    struct queue **queues = realloc(worker->queues, count * sizeof(struct queue *));
    struct queue *queue = queue_new(worker, config, conf);

    if (queues != NULL)
        worker->queues = queues;
    if (queues == NULL || queue == NULL) {
        queue_free(queue);
        return false;
    }
    if (worker->queue_count < IDLE_LINKS_MAX)
        queue->idle = idle_new(queue);
    worker->queues[worker->queue_count++] = queue;
    return true;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    queue->config->refs--;
    measure_queue_gone(queue);
    blackbox_release(queue->worker->box, queue->box_name);
    idle_free(queue->idle);
    buf_free(&queue->sight);
    recovery_free(queue->recovery);
    control_free(queue);
    free(queue);
}

static void queue_forget_lists(struct queue *queue)
{
    queue->taken = queue->done = queue->duplicate = (struct joblist){0};
    queue->other = queue->stopped = (struct joblist){0};
    queue->adopt_count = 0;
}

/*
 * Whoever declared us dead has our jobs, or will have them: stop what runs, settle nothing, and
 * come back under a new name. What is under way is answered yet, and refused.
 */
void queue_lose(struct queue *queue)
{
    struct worker *worker = queue->worker;
    size_t position = 0;

    if (queue->phase == QUEUE_AWAY || queue->phase == QUEUE_LEFT)
        return;
    LOG_OF(queue->log, LOG_ERROR, "lease_lost", LOG_S("worker", queue->id),
           LOG_I("jobs", queue->jobs),
           LOG_S("why", "no heartbeat reached Redis in time; other workers run these jobs again"));
    measure(queue, METERS_leases_lost, 1);
    queue_forget_lists(queue);
    for (struct job *job; (job = job_table_each(queue, &position)) != NULL;) {
        if (job->state == JOB_STATE_WORKING)
            pool_stop_job(worker->pool, job, JOB_STOP_LOST);
        job_advance(job, JOB_EV_LEASE_LOST);
    }
    worker->incarnation = random_u64();
    queue_reincarnate(queue);
}
