#include "supervisor/meters.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

const int64_t meters_bucket_ms[METERS_BUCKETS] = {
    1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 3600000,
};

const char *meters_trouble_name(enum meters_trouble trouble)
{
#define TROUBLE_NAME(id, name) [METERS_##id] = name,
    static const char *const names[METERS_TROUBLE_COUNT] = {METERS_TROUBLES(TROUBLE_NAME)};
#undef TROUBLE_NAME
    CHECK(trouble < METERS_TROUBLE_COUNT);
    return names[trouble];
}

struct meters_queue *meters_queue(struct meters *meters, const char *name)
{
    static struct meters_queue nowhere; /* of queues over METERS_QUEUES_MAX */
    uint32_t count = meter_get(&meters->queue_count);

    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(meters->queue[i].name, name) == 0)
            return &meters->queue[i];
    }
    if (count == METERS_QUEUES_MAX)
        return &nowhere;
    struct meters_queue *queue = &meters->queue[count];
    (void)snprintf(queue->name, sizeof queue->name, "%s", name);
    queue->other.queue = count;
    /* Who reads the count with acquire sees the name. */
    atomic_store_explicit(&meters->queue_count, count + 1, memory_order_release);
    return queue;
}

static bool row_is(const struct meters_row *row, struct slice type)
{
    return row->type_len == type.len && memcmp(row->type, type.ptr, type.len) == 0;
}

/* Fit for a label: two that differ must not look the same there. */
static bool type_is_clean(struct slice type)
{
    const unsigned char *at = (const unsigned char *)type.ptr;
    uint32_t point;

    for (size_t left = type.len, len; left > 0; at += len, left -= len) {
        len = utf8_decode(at, left, &point);
        if (len == 0 || point < ' ' || point == 0x7f)
            return false;
    }
    return !slice_equal(type, slice_of("other"));
}

static struct meters_row *row_new(struct meters *meters, struct meters_queue *queue,
                                  struct slice type)
{
    uint32_t count = meter_get(&meters->row_count);

    if (queue->rows == METERS_TYPES_MAX || count == METERS_ROWS_MAX || queue->name[0] == 0 ||
        !type_is_clean(type))
        return &queue->other;
    struct meters_row *row = &meters->row[count];
    row->queue = queue->other.queue;
    row->type_len = (uint32_t)type.len;
    memcpy(row->type, type.ptr, type.len);
    queue->row[queue->rows++] = (uint16_t)count;
    /* As the count of queues. */
    atomic_store_explicit(&meters->row_count, count + 1, memory_order_release);
    return row;
}

struct meters_row *meters_row_find(struct meters *meters, struct meters_queue *queue,
                                   struct slice type)
{
    if (type.ptr == NULL)
        type = slice_of("");
    if (type.len >= METERS_TYPE_BYTES)
        return &queue->other;
    for (uint16_t i = 0; i < queue->rows; i++) {
        uint16_t at = queue->row[i];
        if (!row_is(&meters->row[at], type))
            continue;
        queue->row[i] = queue->row[0];
        queue->row[0] = at;
        return &meters->row[at];
    }
    return row_new(meters, queue, type);
}

/* Not the whole of it: that would be real memory from then on. */
void meters_clear(struct meters *meters)
{
    uint32_t queues = meter_get(&meters->queue_count), rows = meter_get(&meters->row_count);

    memset(meters->queue, 0, queues * sizeof(meters->queue[0]));
    memset(meters->row, 0, rows * sizeof(meters->row[0]));
    memset(meters, 0, offsetof(struct meters, queue));
}
