#include "tests/bench/handover/trial.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

enum { BATCH = 512 }; /* as PLAN_TAKE_MAX */

struct item {
    int64_t pushed_ns, popped_ns; /* pushed_ns 0: not stamped */
};

struct consumer {
    pthread_t thread;
    const struct queue_kind *kind;
    void *queue;
    uint64_t items;
    long sleeps;
};

static struct item the_end;

static void *consume(void *arg)
{
    struct consumer *self = arg;
    struct rusage before, after;

    getrusage(RUSAGE_THREAD, &before);
    for (struct item *item; (item = self->kind->pop(self->queue)) != &the_end; self->items++) {
        if (item->pushed_ns != 0)
            item->popped_ns = clock_mono_ns();
    }
    getrusage(RUSAGE_THREAD, &after);
    self->sleeps = after.ru_nvcsw - before.ru_nvcsw;
    return NULL;
}

static void push_all(const struct queue_kind *kind, void *queue, void *const *items, size_t count)
{
    for (size_t pushed = 0; pushed < count;) {
        size_t more = kind->push(queue, items + pushed, count - pushed);
        pushed += more;
        if (more == 0)
            sched_yield();
    }
}

/* The calling thread, and what it starts: on the first processor, on all others, on any. */
enum place { FIRST, OTHERS, ANY };
static void settle_on(enum place place)
{
    cpu_set_t set;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    CPU_ZERO(&set);
    for (long i = 0; i < processors && i < CPU_SETSIZE; i++) {
        if (place == ANY || (place == FIRST) == (i == 0))
            CPU_SET((size_t)i, &set);
    }
    if (processors > 1)
        (void)sched_setaffinity(0, sizeof set, &set); /* where it is refused, without */
}

static void start(struct consumer consumer[], uint32_t consumers, const struct queue_kind *kind)
{
    void *queue = kind->make();

    CHECK(consumers <= CONSUMERS_MAX);
    for (uint32_t i = 0; i < consumers; i++) {
        consumer[i] = (struct consumer){.kind = kind, .queue = queue};
        CHECK(pthread_create(&consumer[i].thread, NULL, consume, &consumer[i]) == 0);
    }
}

/* What went through since began_ns, after everything was pushed. */
static struct trial stop(struct consumer consumer[], uint32_t consumers, int64_t began_ns)
{
    void *end = &the_end;
    uint64_t items = 0;
    long sleeps = 0;

    for (uint32_t i = 0; i < consumers; i++)
        push_all(consumer->kind, consumer->queue, &end, 1);
    for (uint32_t i = 0; i < consumers; i++) {
        CHECK(pthread_join(consumer[i].thread, NULL) == 0);
        items += consumer[i].items;
        sleeps += consumer[i].sleeps;
    }
    double s = (double)(clock_mono_ns() - began_ns) / 1e9;
    consumer->kind->free(consumer->queue);
    return (struct trial){.items_per_s = (double)items / s,
                          .sleeps_per_item = (double)sleeps / (double)items};
}

struct trial trial_flood(const struct queue_kind *kind, uint32_t consumers, int64_t ms)
{
    struct consumer consumer[CONSUMERS_MAX];
    static struct item item[BATCH];
    void *items[BATCH];

    for (size_t i = 0; i < BATCH; i++)
        items[i] = &item[i];
    start(consumer, consumers, kind);
    int64_t began_ns = clock_mono_ns();
    while (clock_mono_ns() < began_ns + ms * 1000000)
        push_all(kind, consumer->queue, items, BATCH);
    return stop(consumer, consumers, began_ns);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct trial trial_paced(const struct queue_kind *kind, uint32_t consumers, int64_t ms,
                         int64_t per_s)
{
    struct consumer consumer[CONSUMERS_MAX];
    size_t count = (size_t)(per_s * ms / 1000);
    struct item *items = calloc(count, sizeof(*items));
    int64_t *took_ns = calloc(count, sizeof(*took_ns));

    CHECK(items != NULL && took_ns != NULL);
    settle_on(OTHERS);
    start(consumer, consumers, kind);
    settle_on(FIRST);
    int64_t began_ns = clock_mono_ns();
    for (size_t i = 0; i < count; i++) {
        int64_t due_ns = began_ns + (int64_t)i * 1000000000 / per_s;
        while (clock_mono_ns() < due_ns)
            continue;
        items[i].pushed_ns = clock_mono_ns();
        void *item = &items[i];
        push_all(kind, consumer->queue, &item, 1);
    }
    struct trial trial = stop(consumer, consumers, began_ns);
    settle_on(ANY);
    for (size_t i = 0; i < count; i++)
        took_ns[i] = items[i].popped_ns - items[i].pushed_ns;
    qsort(took_ns, count, sizeof(*took_ns), compare);
    trial.p50_us = (double)took_ns[count / 2] / 1e3;
    trial.p99_us = (double)took_ns[count * 99 / 100] / 1e3;
    free(items);
    free(took_ns);
    return trial;
}
