#include "admin/top/top_json.h"

#include "admin/top/draw_pane.h"

static void add_rate(json_t *rates, const char *name, int64_t tenths)
{
    json_object_set_new(rates, name, tenths < 0 ? json_null() : json_real((double)tenths / 10));
}

static json_t *rates_json(const struct top_rate *rate)
{
    json_t *rates = json_object();

    add_rate(rates, "taken", rate->taken);
    add_rate(rates, "done", rate->done);
    add_rate(rates, "failed", rate->failed);
    add_rate(rates, "dead", rate->dead);
    add_rate(rates, "duplicate", rate->duplicate);
    return rates;
}

static json_t *counters_json(const struct fleet_counters *counters)
{
    json_t *object = json_object();

#define TOP_COUNTER(name) json_object_set_new(object, #name, json_integer(counters->name));
    SNAPSHOT_COUNTERS(TOP_COUNTER)
#undef TOP_COUNTER
    return object;
}

static void add_trouble(const char *name, const char *words, void *arg)
{
    (void)words;
    json_array_append_new(arg, json_string(name));
}

static json_t *queue_json(const struct fleet_queue *queue, const struct top_rate *rate)
{
    json_t *trouble = json_array();

    fleet_queue_trouble(queue, add_trouble, trouble);
    json_t *row = json_pack(
        "{s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "name", queue->name,
        "configured", queue->conf != NULL, "paused", queue->paused, "waiting",
        (json_int_t)fleet_queue_waiting(queue), "held", (json_int_t)queue->held, "retry",
        (json_int_t)queue->retry, "scheduled", (json_int_t)queue->scheduled, "dlq",
        (json_int_t)queue->dlq, "backlog", (json_int_t)fleet_queue_backlog(queue), "alive",
        (json_int_t)queue->alive, "counters", counters_json(&queue->counters), "rates",
        rates_json(rate), "trouble", trouble);
    if (queue->conf != NULL)
        json_object_set_new(row, "dlq_max", json_integer((json_int_t)queue->conf->dlq_max));
    json_object_set_new(row, "oldest_ms",
                        queue->oldest_ms >= 0 ? json_integer(queue->oldest_ms) : json_null());
    return row;
}

static json_t *worker_json(const struct fleet *fleet, const struct fleet_worker *worker)
{
    json_t *row = json_object();

    if (worker->status != NULL)
        json_object_update(row, worker->status);
    json_object_set_new(row, "worker", json_string(worker->id));
    json_object_set_new(row, "queue", json_string(fleet->queue[worker->queue].name));
    json_object_set_new(row, "state", json_string(worker_state_name(worker->state)));
    json_object_set_new(row, "lease_ms", json_integer(worker->lease_ms));
    json_object_set_new(row, "held", json_integer(worker->held));
    return row;
}

json_t *top_json(const struct top_model *model)
{
    const struct fleet *fleet = &model->now;
    json_t *queues = json_array(), *workers = json_array();

    for (size_t i = 0; i < fleet->queue_count; i++)
        json_array_append_new(
            queues, queue_json(&fleet->queue[model->order[i]], &model->rate[model->order[i]]));
    for (size_t i = 0; i < fleet->worker_count; i++)
        json_array_append_new(workers, worker_json(fleet, &fleet->worker[i]));
    return json_pack("{s:I, s:{s:s, s:I, s:I, s:I}, s:o, s:o, s:o}", "at_ms",
                     (json_int_t)fleet->at_wall_ms, "redis", "version", fleet->server.version,
                     "used_memory", (json_int_t)fleet->used_memory_bytes, "maxmemory",
                     (json_int_t)fleet->maxmemory_bytes, "rtt_us", (json_int_t)fleet->rtt_us,
                     "rates", rates_json(&model->total), "queues", queues, "workers", workers);
}
