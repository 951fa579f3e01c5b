#include "admin/view/fleet_json.h"

#include <stdlib.h>
#include <string.h>

#include "admin/dead_job.h"

enum { RUNNING_MAX = 64 };

/* --- helpers that take what they are given ---------------------------------------------------- */

static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static bool set_int(json_t *object, const char *key, int64_t number)
{
    return set(object, key, json_integer(number));
}

static json_t *finish(json_t *object, bool whole)
{
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

/* --- a queue ---------------------------------------------------------------------------------- */

static json_t *counters_json(const struct fleet_counters *counters)
{
    json_t *object = json_object();
    bool whole = object != NULL;
#define COUNTER(name) whole = whole && set_int(object, #name, counters->name);
    SNAPSHOT_COUNTERS(COUNTER)
#undef COUNTER
    return finish(object, whole);
}

/* What was ordered, and how many workers have heard it. */
static json_t *control_json(const struct fleet_queue *queue)
{
    json_t *object = json_object();
    json_t *concurrency = queue->concurrency >= 0 ? json_integer(queue->concurrency) : json_null();
    json_t *level = queue->log_level[0] != '\0' ? json_string(queue->log_level) : json_null();

    bool whole = object != NULL && set_int(object, "version", queue->control_version) &&
                 set_int(object, "applied", (int64_t)queue->applied) &&
                 set_int(object, "workers", (int64_t)queue->worker_count);
    whole = set(object, "concurrency", concurrency) && whole;
    whole = set(object, "log_level", level) && whole;
    return finish(object, whole);
}

static void add_trouble(const char *name, const char *words, void *arg)
{
    json_t **lists = arg;
    json_t *text = json_string(words);

    if (text == NULL) /* a name in it is not UTF-8 */
        text = json_string(name);
    (void)json_array_append_new(lists[0], text);
    (void)json_array_append_new(lists[1], json_string(name));
}

static bool set_trouble(json_t *object, const struct fleet_queue *queue)
{
    json_t *lists[2] = {json_array(), json_array()};

    fleet_queue_trouble(queue, add_trouble, lists);
    bool whole = set(object, "trouble", lists[0]);
    return set(object, "trouble_names", lists[1]) && whole;
}

static bool set_sizes(json_t *object, const struct fleet_queue *queue)
{
    return set_int(object, "waiting", fleet_queue_waiting(queue)) &&
           set_int(object, "ready", queue->ready) && set_int(object, "held", queue->held) &&
           set_int(object, "retry", queue->retry) &&
           set_int(object, "retry_due", queue->retry_due) &&
           set_int(object, "scheduled", queue->scheduled) &&
           set_int(object, "scheduled_due", queue->scheduled_due) &&
           set_int(object, "dlq", queue->dlq) &&
           set_int(object, "backlog", fleet_queue_backlog(queue));
}

json_t *fleet_queue_json(const struct fleet_queue *queue)
{
    json_t *object = json_object();
    json_t *dlq_max =
        queue->conf != NULL ? json_integer((json_int_t)queue->conf->dlq_max) : json_null();
    json_t *oldest = queue->oldest_ms >= 0 ? json_integer(queue->oldest_ms) : json_null();

    bool whole = object != NULL && json_set_bytes(object, "name", slice_of(queue->name)) &&
                 set(object, "configured", json_boolean(queue->conf != NULL)) &&
                 set(object, "paused", json_boolean(queue->paused)) && set_sizes(object, queue) &&
                 set_int(object, "alive", queue->alive) &&
                 set_int(object, "expired", queue->expired) &&
                 set_int(object, "dying", queue->dying) &&
                 set(object, "counters", counters_json(&queue->counters)) &&
                 set(object, "control", control_json(queue)) && set_trouble(object, queue);
    whole = set(object, "dlq_max", dlq_max) && whole;
    whole = set(object, "oldest_ms", oldest) && whole;
    return finish(object, whole);
}

/* --- a worker --------------------------------------------------------------------------------- */

/* host-pid-random, where a host's name may have dashes of its own. */
static bool set_host(json_t *object, const struct fleet_worker *worker)
{
    const char *random = strrchr(worker->id, '-');
    const char *pid = random ? memrchr(worker->id, '-', (size_t)(random - worker->id)) : NULL;
    size_t len = pid != NULL ? (size_t)(pid - worker->id) : strlen(worker->id);

    return json_set_bytes(object, "host", (struct slice){worker->id, len}) &&
           set(object, "pid", pid != NULL ? json_integer(strtoll(pid + 1, NULL, 10)) : json_null());
}

/* A copy of what it says of itself; null if it does not. */
static bool set_said(json_t *object, const char *key, const struct fleet_worker *worker,
                     const char *said)
{
    json_t *value = json_object_get(worker->status, said);
    return set(object, key, value != NULL ? json_incref(value) : json_null());
}

static bool set_running(json_t *object, const struct fleet_worker *worker)
{
    const json_t *said = json_object_get(worker->status, "running"), *one;
    json_t *running = json_array();
    size_t i;

    json_array_foreach(said, i, one)
    {
        if (i == RUNNING_MAX)
            break;
        json_t *copy = json_is_object(one) ? json_copy((json_t *)(uintptr_t)one) : NULL;
        if (copy == NULL)
            continue;
        if (json_object_get(copy, "id") == NULL)
            (void)json_object_set(copy, "id", json_object_get(copy, "claim"));
        (void)json_array_append_new(running, copy);
    }
    return set(object, "running", running);
}

json_t *fleet_worker_json(const struct fleet *fleet, const struct fleet_worker *worker)
{
    json_t *object = json_object();
    const char *queue = fleet->queue[worker->queue].name;

    return finish(
        object, object != NULL && json_set_bytes(object, "worker", slice_of(worker->id)) &&
                    json_set_bytes(object, "queue", slice_of(queue)) && set_host(object, worker) &&
                    set(object, "state", json_string(worker_state_name(worker->state))) &&
                    set_int(object, "lease_ms", worker->lease_ms) &&
                    set_int(object, "held", worker->held) &&
                    set_said(object, "version", worker, "version") &&
                    set_said(object, "quiet", worker, "quiet") &&
                    set_said(object, "applied", worker, "applied") &&
                    set_said(object, "started_ms", worker, "started_ms") &&
                    set_said(object, "seen_ms", worker, "at_ms") &&
                    set_said(object, "pool", worker, "pool") && set_running(object, worker));
}

/* --- all of them ------------------------------------------------------------------------------ */

static json_t *redis_json(const struct fleet *fleet)
{
    json_t *object = json_object();
    bool known = fleet->server_known;

    if (object == NULL)
        return NULL;
    bool whole = set(object, "version", known ? json_string(fleet->server.version) : json_null());
    whole =
        set(object, "product", known ? json_string(fleet->server.product) : json_null()) && whole;
    whole = set(object, "policy", known ? json_string(fleet->server.policy) : json_null()) && whole;
    whole =
        set(object, "used_memory", known ? json_integer(fleet->used_memory_bytes) : json_null()) &&
        whole;
    whole = set(object, "maxmemory", known ? json_integer(fleet->maxmemory_bytes) : json_null()) &&
            whole;
    return finish(object, set_int(object, "rtt_us", fleet->rtt_us) && whole);
}

/* Figures of a queue that can be added up. */
#define SIZES(X)                                                                                   \
    X(queue)                                                                                       \
    X(stage)                                                                                       \
    X(ready)                                                                                       \
    X(held)                                                                                        \
    X(retry)                                                                                       \
    X(retry_due)                                                                                   \
    X(scheduled)                                                                                   \
    X(scheduled_due)                                                                               \
    X(dlq)

static json_t *totals_json(const struct fleet *fleet)
{
    struct fleet_queue sum = {0};

    for (size_t i = 0; i < fleet->queue_count; i++) {
        const struct fleet_queue *one = &fleet->queue[i];
#define ADD(name) sum.name += one->name;
        SIZES(ADD)
#undef ADD
#define ADD(name) sum.counters.name += one->counters.name;
        SNAPSHOT_COUNTERS(ADD)
#undef ADD
    }
    json_t *object = json_object();
    return finish(object, object != NULL && set_sizes(object, &sum) &&
                              set_int(object, "queues", (int64_t)fleet->queue_count) &&
                              set(object, "counters", counters_json(&sum.counters)));
}

/* Appends what it is given; false: no memory. */
static bool append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;
}

json_t *fleet_json(const struct fleet *fleet)
{
    json_t *object = json_object(), *queues = json_array(), *workers = json_array();
    bool whole = object != NULL && queues != NULL && workers != NULL;

    for (size_t i = 0; i < fleet->queue_count && whole; i++)
        whole = append(queues, fleet_queue_json(&fleet->queue[i]));
    for (size_t i = 0; i < fleet->worker_count && whole; i++)
        whole = append(workers, fleet_worker_json(fleet, &fleet->worker[i]));
    whole = whole && set_int(object, "at_ms", fleet->at_wall_ms) &&
            set(object, "version", json_string(NAVVY_VERSION)) &&
            set(object, "redis", redis_json(fleet)) && set(object, "totals", totals_json(fleet));
    whole = set(object, "queues", queues) && whole;
    whole = set(object, "workers", workers) && whole;
    return finish(object, whole);
}
