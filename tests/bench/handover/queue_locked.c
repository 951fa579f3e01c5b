#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "tests/bench/handover/queues.h"

struct locked_queue {
    pthread_mutex_t lock;
    pthread_cond_t there_is_one;
    size_t first, len, sleepers;
    void *item[QUEUE_CAPACITY];
};

static void *locked_make(void)
{
    struct locked_queue *queue = calloc(1, sizeof(*queue));
    CHECK(queue != NULL);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->there_is_one, NULL);
    return queue;
}

static size_t locked_push(void *arg, void *const *items, size_t count)
{
    struct locked_queue *queue = arg;
    size_t pushed = 0;

    pthread_mutex_lock(&queue->lock);
    while (pushed < count && queue->len < QUEUE_CAPACITY)
        queue->item[(queue->first + queue->len++) % QUEUE_CAPACITY] = items[pushed++];
    size_t wanted = queue->sleepers < pushed ? queue->sleepers : pushed;
    pthread_mutex_unlock(&queue->lock);
    while (wanted-- > 0)
        pthread_cond_signal(&queue->there_is_one);
    return pushed;
}

static void *locked_pop(void *arg)
{
    struct locked_queue *queue = arg;

    pthread_mutex_lock(&queue->lock);
    queue->sleepers++;
    while (queue->len == 0)
        pthread_cond_wait(&queue->there_is_one, &queue->lock);
    queue->sleepers--;
    void *item = queue->item[queue->first];
    queue->first = (queue->first + 1) % QUEUE_CAPACITY;
    queue->len--;
    pthread_mutex_unlock(&queue->lock);
    return item;
}

static void locked_free(void *arg)
{
    struct locked_queue *queue = arg;
    pthread_cond_destroy(&queue->there_is_one);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

const struct queue_kind queue_locked = {"mutex+condvar", locked_make, locked_push, locked_pop,
                                        locked_free};
