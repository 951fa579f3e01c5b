/*
 * What Redis says of all queues, whoever works on them.
 */
#include "admin/http/metrics_line.h"

/* One family: for each queue that could be read, the samples that `each` appends. */
typedef void each_queue(struct buf *out, const struct fleet_queue *queue);

static void family_of_queues(struct buf *out, enum metric_id id, const struct fleet *fleet,
                             each_queue *each)
{
    metrics_family(out, id);
    for (size_t i = 0; i < fleet->queue_count; i++) {
        if (fleet->queue[i].fault[0] == 0)
            each(out, &fleet->queue[i]);
    }
}

static void sample(struct buf *out, enum metric_id id, const struct fleet_queue *queue,
                   const char *name, const char *value, int64_t amount)
{
    const struct metrics_label labels[] = {{"queue", queue->name}, {name, value}, {NULL, NULL}};
    metrics_count(out, id, labels, amount > 0 ? (uint64_t)amount : 0);
}

static void jobs(struct buf *out, const struct fleet_queue *queue)
{
    sample(out, METRIC_FLEET_JOBS, queue, "state", "waiting", fleet_queue_waiting(queue));
    sample(out, METRIC_FLEET_JOBS, queue, "state", "held", queue->held);
    sample(out, METRIC_FLEET_JOBS, queue, "state", "retry", queue->retry);
    sample(out, METRIC_FLEET_JOBS, queue, "state", "scheduled", queue->scheduled);
    sample(out, METRIC_FLEET_JOBS, queue, "state", "dead", queue->dlq);
}

static void backlog(struct buf *out, const struct fleet_queue *queue)
{
    sample(out, METRIC_FLEET_BACKLOG, queue, NULL, NULL, fleet_queue_backlog(queue));
}

static void oldest(struct buf *out, const struct fleet_queue *queue)
{
    const struct metrics_label labels[] = {{"queue", queue->name}, {NULL, NULL}};

    if (queue->oldest_ms >= 0)
        metrics_ms(out, METRIC_FLEET_OLDEST, labels, queue->oldest_ms);
    else if (fleet_queue_waiting(queue) == 0)
        metrics_ms(out, METRIC_FLEET_OLDEST, labels, 0);
}

static void taken(struct buf *out, const struct fleet_queue *queue)
{
    sample(out, METRIC_FLEET_TAKEN, queue, NULL, NULL, queue->counters.taken);
}

static void ended(struct buf *out, const struct fleet_queue *queue)
{
    const struct fleet_counters *counters = &queue->counters;

    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "done", counters->done);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "duplicate", counters->duplicate);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "dead", counters->dead);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "retried", counters->retried);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "released", counters->released);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "recovered", counters->recovered);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "expired", counters->expired);
    sample(out, METRIC_FLEET_ENDED, queue, "outcome", "purged", counters->purged);
}

static void workers(struct buf *out, const struct fleet_queue *queue)
{
    sample(out, METRIC_FLEET_WORKERS, queue, "state", "alive", queue->alive);
    sample(out, METRIC_FLEET_WORKERS, queue, "state", "expired", queue->expired);
    sample(out, METRIC_FLEET_WORKERS, queue, "state", "recovering", queue->dying);
}

static void dlq_max(struct buf *out, const struct fleet_queue *queue)
{
    if (queue->conf != NULL && queue->conf->dlq_max > 0)
        sample(out, METRIC_FLEET_DLQ_MAX, queue, NULL, NULL, (int64_t)queue->conf->dlq_max);
}

static void control(struct buf *out, const struct fleet_queue *queue)
{
    sample(out, METRIC_FLEET_CONTROL, queue, NULL, NULL, queue->control_version);
}

/* --- troubles: all that there can be, so that a series does not come and go ------------------- */

static const char *const trouble_names[] = {FLEET_TROUBLE_NAMES};
enum { TROUBLES = sizeof trouble_names / sizeof *trouble_names };

static void note_trouble(const char *name, const char *words, void *arg)
{
    bool *is = arg;

    (void)words;
    for (size_t i = 0; i < TROUBLES; i++)
        is[i] |= strcmp(name, trouble_names[i]) == 0;
}

static void troubles(struct buf *out, const struct fleet *fleet)
{
    metrics_family(out, METRIC_FLEET_TROUBLE);
    for (size_t i = 0; i < fleet->queue_count; i++) {
        bool is[TROUBLES] = {false};
        fleet_queue_trouble(&fleet->queue[i], note_trouble, is);
        for (size_t j = 0; j < TROUBLES; j++)
            sample(out, METRIC_FLEET_TROUBLE, &fleet->queue[i], "trouble", trouble_names[j], is[j]);
    }
}

/* --- the server ------------------------------------------------------------------------------ */

static void server(struct buf *out, const struct fleet *fleet, bool allow_eviction)
{
    const struct server_facts *facts = &fleet->server;
    const struct metrics_label labels[] = {
        {"product", facts->product}, {"version", facts->version}, {"policy", facts->policy}};
    char error[SERVER_ERROR_MAX];

    if (!fleet->server_known)
        return;
    metrics_family(out, METRIC_REDIS_INFO);
    metrics_count(out, METRIC_REDIS_INFO, labels, 1);
    metrics_family(out, METRIC_REDIS_FIT);
    metrics_count(out, METRIC_REDIS_FIT, NULL, server_accept(facts, allow_eviction, error));
    metrics_family(out, METRIC_REDIS_MEMORY);
    metrics_count(out, METRIC_REDIS_MEMORY, NULL, (uint64_t)fleet->used_memory_bytes);
    metrics_family(out, METRIC_REDIS_MEMORY_MAX);
    metrics_count(out, METRIC_REDIS_MEMORY_MAX, NULL, (uint64_t)fleet->maxmemory_bytes);
}

void metrics_of_fleet(struct buf *out, const struct metrics_view *view)
{
    static const struct {
        enum metric_id id;
        each_queue *each;
    } families[] = {
        {METRIC_FLEET_JOBS, jobs},       {METRIC_FLEET_BACKLOG, backlog},
        {METRIC_FLEET_OLDEST, oldest},   {METRIC_FLEET_TAKEN, taken},
        {METRIC_FLEET_ENDED, ended},     {METRIC_FLEET_WORKERS, workers},
        {METRIC_FLEET_DLQ_MAX, dlq_max}, {METRIC_FLEET_CONTROL, control},
    };

    metrics_family(out, METRIC_FLEET_UP);
    metrics_count(out, METRIC_FLEET_UP, NULL, view->fleet != NULL);
    if (view->fleet == NULL)
        return;
    metrics_family(out, METRIC_FLEET_READ);
    metrics_ms(out, METRIC_FLEET_READ, NULL, view->fleet_read_ms);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        family_of_queues(out, families[i].id, view->fleet, families[i].each);
    troubles(out, view->fleet);
    server(out, view->fleet, view->allow_eviction);
}
