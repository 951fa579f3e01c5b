#include "admin/worker_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *worker_state_name(enum worker_state state)
{
    switch (state) {
    case WORKER_ALIVE:
        return "alive";
    case WORKER_EXPIRED:
        return "expired";
    case WORKER_DEAD:
        return "recovering";
    default:
        return "unknown";
    }
}

/* An id is host-pid-random, and a host name may have dashes of its own. */
static void split_id(struct worker_row *row)
{
    row->host = slice_of(row->id);
    const char *random = strrchr(row->id, '-');
    const char *pid = random ? memrchr(row->id, '-', (size_t)(random - row->id)) : NULL;
    if (pid == NULL)
        return;
    row->host.len = (size_t)(pid - row->id);
    row->pid = strtoll(pid + 1, NULL, 10);
}

static struct worker_row *row_new(const char *id)
{
    struct worker_row *row = calloc(1, sizeof(*row));
    if (row == NULL)
        return NULL;
    memcpy(row->id, id, strlen(id) + 1); /* as long as snapshot_worker.id */
    row->lease_ms = INT64_MAX;
    split_id(row);
    return row;
}

static struct worker_row *find_or_add(struct worker_table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->row[i]->id, id) == 0)
            return table->row[i];
    struct worker_row **rows =
        realloc(table->row, (table->count + 1) * sizeof(struct worker_row *));
    if (rows == NULL)
        return NULL;
    table->row = rows;
    rows[table->count] = row_new(id);
    return rows[table->count] ? rows[table->count++] : NULL;
}

bool worker_table_add(struct worker_table *table, const char *queue,
                      const struct snapshot *snapshot, int64_t now_wall_ms)
{
    for (size_t i = 0; i < snapshot->worker_count; i++) {
        const struct snapshot_worker *worker = &snapshot->workers[i];
        struct worker_row *row = find_or_add(table, worker->id);
        if (row == NULL)
            return false;
        int64_t lease_ms = worker->dead ? 0 : worker->lease_wall_ms - now_wall_ms;
        enum worker_state state = worker->dead    ? WORKER_DEAD
                                  : lease_ms <= 0 ? WORKER_EXPIRED
                                                  : WORKER_ALIVE;
        row->state = state > row->state ? state : row->state;
        row->lease_ms = lease_ms < row->lease_ms ? lease_ms : row->lease_ms;
        row->held += worker->held;
        buf_append(&row->queues, queue, strlen(queue) + 1);
        if (row->queues.failed)
            return false;
    }
    return true;
}

static int64_t number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key)); /* 0: it is none */
}

static bool add_running(struct worker_row *row, const char *queue, const json_t *jobs)
{
    const json_t *job;
    size_t i;

    if (json_array_size(jobs) > 0 && row->running == NULL)
        row->running = json_array();
    json_array_foreach(jobs, i, job)
    {
        json_t *copy = json_copy((json_t *)(uintptr_t)job); /* it only reads */
        if (json_object_set_new(copy, "queue", json_string(queue)) != 0 ||
            json_array_append_new(row->running, copy) != 0)
            return false;
    }
    return true;
}

bool worker_table_tell(struct worker_table *table, const char *queue, struct slice id,
                       const json_t *status, int64_t version)
{
    const char *name = json_string_value(json_object_get(status, "version"));
    const json_t *pool = json_object_get(status, "pool");
    struct worker_row *row = NULL;

    for (size_t i = 0; i < table->count && row == NULL; i++)
        row = slice_equal(slice_of(table->row[i]->id), id) ? table->row[i] : NULL;
    if (row == NULL || !json_is_object(status))
        return true;
    row->known = true;
    row->quiet |= json_is_true(json_object_get(status, "quiet"));
    (void)snprintf(row->version, sizeof row->version, "%s", name != NULL ? name : "?");
    row->started_wall_ms = number_at(status, "started_ms");
    row->pool_running = number_at(pool, "running");
    row->pool_capacity = number_at(pool, "capacity");
    row->ordered++;
    row->obeyed += number_at(status, "applied") >= version;
    return add_running(row, queue, json_object_get(status, "running"));
}

void worker_table_free(struct worker_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        buf_free(&table->row[i]->queues);
        json_decref(table->row[i]->running);
        free(table->row[i]);
    }
    free(table->row);
    *table = (struct worker_table){0};
}
