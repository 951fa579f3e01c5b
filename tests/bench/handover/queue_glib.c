#include <glib.h>

#include "tests/bench/handover/queues.h"

static void *glib_make(void)
{
    return g_async_queue_new();
}

static size_t glib_push(void *queue, void *const *items, size_t count)
{
    size_t pushed = 0;

    g_async_queue_lock(queue);
    gint len = g_async_queue_length_unlocked(queue); /* below 0: so many wait */
    while (pushed < count && len + (gint)pushed < QUEUE_CAPACITY)
        g_async_queue_push_unlocked(queue, items[pushed++]);
    g_async_queue_unlock(queue);
    return pushed;
}

static void *glib_pop(void *queue)
{
    return g_async_queue_pop(queue);
}

static void glib_free(void *queue)
{
    g_async_queue_unref(queue);
}

const struct queue_kind queue_glib = {"GAsyncQueue", glib_make, glib_push, glib_pop, glib_free};
