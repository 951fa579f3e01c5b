#include "admin/view/fleet_parse.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "job/record.h"

/* Where each thing is in the answer. */
enum {
    AT_NOW,
    AT_QUEUE,
    AT_STAGE,
    AT_READY,
    AT_RETRY,
    AT_SCHEDULED,
    AT_DLQ,
    AT_RETRY_DUE,
    AT_SCHEDULED_DUE,
    AT_ALIVE,
    AT_EXPIRED,
    AT_DYING,
    AT_QUEUE_HEADER,
    AT_STAGE_HEADER,
    AT_META,
    AT_CONTROL,
    AT_WORKERS,
    AT_DEAD,
    AT_STATUS,
};

enum { CONTROL_VERSION, CONTROL_CONCURRENCY, CONTROL_LOG_LEVEL };

size_t fleet_fields(struct slice fields[FLEET_FIELDS_MAX])
{
    size_t count = 0;
#define FIELD(name) fields[count++] = slice_of(#name);
    SNAPSHOT_COUNTERS(FIELD)
    FIELD(paused)
#undef FIELD
    CHECK(count <= FLEET_FIELDS_MAX);
    return count;
}

/* --- figures -------------------------------------------------------------------------------- */

static void parse_wrong_types(struct fleet_queue *queue, const struct reply *reply)
{
    static const struct {
        int at;
        enum queue_key key;
    } places[] = {
        {AT_QUEUE, KEY_QUEUE},     {AT_STAGE, KEY_STAGE},         {AT_READY, KEY_READY},
        {AT_RETRY, KEY_RETRY},     {AT_SCHEDULED, KEY_SCHEDULED}, {AT_DLQ, KEY_DLQ},
        {AT_ALIVE, KEY_WORKERS},   {AT_DYING, KEY_DEAD},          {AT_META, KEY_META},
        {AT_CONTROL, KEY_CONTROL},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (reply_error(reply_at(reply, (size_t)places[i].at)) == ERROR_WRONG_TYPE)
            queue->wrong_types |= 1u << places[i].key;
    }
}

static void parse_meta(struct fleet_queue *queue, const struct reply *meta)
{
    size_t at = 0;
    struct fleet_counters *counters = &queue->counters;
#define READ(name) counters->name = reply_int(reply_at(meta, at++));
    SNAPSHOT_COUNTERS(READ)
#undef READ
    queue->paused = slice_equal(reply_text(reply_at(meta, at)), slice_of("1"));
    queue->held = counters->taken - queue->ready - queue->retry - queue->dlq - counters->done -
                  counters->duplicate - counters->purged - counters->expired;
    if (queue->held < 0) /* the books do not balance: `navvy audit` says so */
        queue->held = 0;
}

static void parse_control(struct fleet_queue *queue, const struct reply *control)
{
    const struct reply *concurrency = reply_at(control, CONTROL_CONCURRENCY);
    struct slice level = reply_text(reply_at(control, CONTROL_LOG_LEVEL));

    queue->control_version = reply_int(reply_at(control, CONTROL_VERSION));
    queue->concurrency = reply_text(concurrency).ptr != NULL ? reply_int(concurrency) : -1;
    if (level.len < sizeof queue->log_level)
        (void)snprintf(queue->log_level, sizeof queue->log_level, "%.*s", (int)level.len,
                       level.len > 0 ? level.ptr : "");
}

/* -1: it does not say. The clock of who enqueued it may be ahead. */
static int64_t parse_age(const struct reply *header, int64_t now_ms)
{
    char scratch[RECORD_HEADER_MAX];
    struct slice line = reply_text(header);
    struct record record;

    if (line.len == 0 || record_parse(line.ptr, line.len, scratch, &record) != RECORD_OK ||
        record.enqueued_at_wall_ms <= 0)
        return -1;
    int64_t age_ms = now_ms - record.enqueued_at_wall_ms;
    return age_ms > 0 ? age_ms : 0;
}

static void parse_figures(struct fleet_queue *queue, const struct reply *reply)
{
    int64_t now_ms = reply_int(reply_at(reply, AT_NOW));
    int64_t staged_ms = parse_age(reply_at(reply, AT_STAGE_HEADER), now_ms);
    int64_t queued_ms = parse_age(reply_at(reply, AT_QUEUE_HEADER), now_ms);

    queue->queue = reply_int(reply_at(reply, AT_QUEUE));
    queue->stage = reply_int(reply_at(reply, AT_STAGE));
    queue->ready = reply_int(reply_at(reply, AT_READY));
    queue->retry = reply_int(reply_at(reply, AT_RETRY));
    queue->scheduled = reply_int(reply_at(reply, AT_SCHEDULED));
    queue->dlq = reply_int(reply_at(reply, AT_DLQ));
    queue->retry_due = reply_int(reply_at(reply, AT_RETRY_DUE));
    queue->scheduled_due = reply_int(reply_at(reply, AT_SCHEDULED_DUE));
    queue->oldest_ms = staged_ms > queued_ms ? staged_ms : queued_ms;
    queue->alive = reply_int(reply_at(reply, AT_ALIVE));
    queue->expired = reply_int(reply_at(reply, AT_EXPIRED));
    queue->dying = reply_int(reply_at(reply, AT_DYING));
}

/* --- workers -------------------------------------------------------------------------------- */

static struct fleet_worker *worker_new(struct fleet *fleet, size_t which, struct slice id)
{
    size_t count = fleet->worker_count + 1;
    struct fleet_worker *workers = realloc(fleet->worker, count * sizeof(*workers));

    if (workers == NULL)
        return NULL;
    fleet->worker = workers;
    struct fleet_worker *worker = &workers[fleet->worker_count];
    *worker = (struct fleet_worker){.queue = which};
    if (id.len < sizeof worker->id)
        memcpy(worker->id, id.ptr, id.len);
    fleet->worker_count = count;
    fleet->queue[which].worker_count++;
    return worker;
}

static bool parse_workers(struct fleet *fleet, size_t which, const struct reply *named, bool dying,
                          int64_t now_ms)
{
    for (size_t i = 0; i + 1 < reply_count(named); i += 2) {
        struct slice id = reply_text(reply_at(named, i));
        if (id.len == 0 || id.len >= WORKER_ID_MAX || memchr(id.ptr, 0, id.len) != NULL)
            continue; /* nobody of ours */
        struct fleet_worker *worker = worker_new(fleet, which, id);
        if (worker == NULL)
            return false;
        worker->lease_ms = dying ? 0 : reply_int(reply_at(named, i + 1)) - now_ms;
        worker->state = dying ? WORKER_DEAD : worker->lease_ms > 0 ? WORKER_ALIVE : WORKER_EXPIRED;
    }
    return true;
}

static void parse_status(struct fleet_queue *queue, struct fleet_worker *worker, struct slice line)
{
    json_t *status = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(status)) {
        json_decref(status);
        return;
    }
    worker->status = status;
    queue->applied +=
        json_integer_value(json_object_get(status, "applied")) >= queue->control_version;
}

/* They stand in the order of the workers, and some have none. */
static void parse_statuses(struct fleet *fleet, struct fleet_queue *queue,
                           const struct reply *statuses)
{
    size_t at = 0;

    for (size_t i = 0; i < queue->worker_count && at + 1 < reply_count(statuses); i++) {
        struct fleet_worker *worker = &fleet->worker[queue->first_worker + i];
        if (!slice_equal(slice_of(worker->id), reply_text(reply_at(statuses, at))))
            continue;
        parse_status(queue, worker, reply_text(reply_at(statuses, at + 1)));
        at += 2;
    }
}

static bool parse_named(struct fleet *fleet, size_t which, const struct reply *reply)
{
    struct fleet_queue *queue = &fleet->queue[which];
    int64_t now_ms = reply_int(reply_at(reply, AT_NOW));

    queue->first_worker = fleet->worker_count;
    if (!parse_workers(fleet, which, reply_at(reply, AT_WORKERS), false, now_ms) ||
        !parse_workers(fleet, which, reply_at(reply, AT_DEAD), true, now_ms))
        return false;
    parse_statuses(fleet, queue, reply_at(reply, AT_STATUS));
    return true;
}

void fleet_forget_workers(struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->worker_count; i++)
        json_decref(fleet->worker[i].status);
    fleet->worker_count = 0;
    for (size_t i = 0; i < fleet->queue_count; i++)
        fleet->queue[i].worker_count = fleet->queue[i].applied = 0;
}

/* --- whole answers -------------------------------------------------------------------------- */

bool fleet_parse_queue(struct fleet *fleet, size_t which, const struct reply *reply)
{
    struct fleet_queue *queue = &fleet->queue[which];
    struct slice error = reply_error_text(reply);

    queue->oldest_ms = queue->concurrency = -1;
    queue->first_worker = fleet->worker_count;
    if (reply_kind(reply) != REPLY_ARRAY) {
        (void)snprintf(queue->fault, sizeof queue->fault, "%.*s", (int)error.len, error.ptr);
        return true;
    }
    queue->fault[0] = 0;
    queue->wrong_types = 0;
    parse_wrong_types(queue, reply);
    parse_figures(queue, reply);
    parse_meta(queue, reply_at(reply, AT_META));
    parse_control(queue, reply_at(reply, AT_CONTROL));
    return parse_named(fleet, which, reply);
}

static int64_t info_number(struct slice info, const char *name)
{
    uint64_t number = 0;
    return units_parse_u64(server_info_field(info, name), &number) ? (int64_t)number : 0;
}

void fleet_parse_info(struct fleet *fleet, const struct reply *reply)
{
    struct slice info = reply_text(reply);

    fleet->server_known = info.len > 0 && server_facts_parse(info, &fleet->server);
    fleet->used_memory_bytes = info_number(info, "used_memory");
    fleet->maxmemory_bytes = info_number(info, "maxmemory");
}
