#include "pool/pool.h"

#include <stdlib.h>

#include "base/clock.h"
#include "pool/crew.h"

/* The loop's own figures; all that threads see is in the crew. */
struct pool {
    struct crew crew;
    uint64_t finished;
};

/* --- make ---------------------------------------------------------------------------------- */

static void set_limits(struct crew *crew, const struct pool_limits *limits)
{
    CHECK(limits->min >= 1 && limits->min <= limits->max && limits->max <= CREW_MAX);
    CHECK(limits->idle_ms >= 0);
    atomic_store(&crew->min, limits->min);
    atomic_store(&crew->max, limits->max);
    atomic_store(&crew->idle_ms, limits->idle_ms);
}

static void start_up_to_min(struct crew *crew)
{
    while (atomic_load(&crew->count) < atomic_load(&crew->min)) {
        if (!crew_start_one(crew))
            return; /* goes on with those it has */
    }
}

struct pool *pool_new(const struct pool_limits *limits, pool_run *run)
{
    struct pool *pool = aligned_alloc(64, (sizeof(*pool) + 63) / 64 * 64);
    if (pool == NULL)
        return NULL;

    *pool = (struct pool){.crew = {.run = run, .finish_list = {.fd = -1}}};
    struct crew *crew = &pool->crew;
    set_limits(crew, limits);
    wake_init(&crew->wake);
    crew->ring = ring_new(POOL_BACKLOG_MAX);
    if (crew->ring == NULL || !finish_list_init(&crew->finish_list))
        goto out;
    start_up_to_min(crew);
    if (atomic_load(&crew->count) > 0)
        return pool;
out:
    finish_list_fini(&crew->finish_list);
    ring_free(crew->ring);
    crew_free(crew);
    free(pool);
    return NULL;
}

void pool_resize(struct pool *pool, const struct pool_limits *limits)
{
    struct crew *crew = &pool->crew;

    set_limits(crew, limits);
    crew_reap(crew);
    start_up_to_min(crew);
    wake_all(&crew->wake); /* each sleeper must see how long it may sleep now */
    pool_kick(pool);
}

/* --- use ----------------------------------------------------------------------------------- */

bool pool_push(struct pool *pool, struct job *job)
{
    return ring_push(pool->crew.ring, job);
}

void pool_kick(struct pool *pool)
{
    struct crew *crew = &pool->crew;

    if (ring_len(crew->ring) == 0)
        return;
    uint32_t woken = wake_up(&crew->wake, 1); /* who calls the others: see call_another() */
    atomic_fetch_add_explicit(&crew->wakeups, woken, memory_order_relaxed);
    if (woken == 0 && wake_idle(&crew->wake) == 0)
        crew_start_one(crew);
}

int pool_fd(const struct pool *pool)
{
    return pool->crew.finish_list.fd;
}

struct job *pool_collect(struct pool *pool)
{
    struct crew *crew = &pool->crew;
    uint32_t count;
    struct job *oldest = finish_list_take(&crew->finish_list, &count);

    pool->finished += count;
    crew_reap(crew);
    if (atomic_exchange(&crew->kick_wanted, false) || atomic_load(&crew->start_failed))
        pool_kick(pool);
    return oldest;
}

struct job *pool_take_back(struct pool *pool)
{
    struct job *oldest = NULL, **end = &oldest, *job;

    while ((job = ring_pop(pool->crew.ring)) != NULL) {
        *end = job;
        end = &job->next;
    }
    *end = NULL;
    return oldest;
}

void pool_stop_job(struct pool *pool, struct job *job, enum job_stop why)
{
    int none = JOB_STOP_NONE;

    if (atomic_compare_exchange_strong(&job->stop, &none, (int)why))
        crew_ring(&pool->crew, job);
}

/* --- query --------------------------------------------------------------------------------- */

uint32_t pool_waiting(const struct pool *pool)
{
    return ring_len(pool->crew.ring);
}

struct pool_stats pool_stats(const struct pool *pool)
{
    const struct crew *crew = &pool->crew;
    struct pool_stats stats = {
        .idle = wake_idle(&crew->wake),
        .waiting = ring_len(crew->ring),
        .capacity = atomic_load(&crew->max),
        .threads = atomic_load(&crew->count),
        .wakeups = atomic_load_explicit(&crew->wakeups, memory_order_relaxed),
        .finished = pool->finished,
    };

    for (uint32_t i = 0; i < crew->slots; i++)
        stats.running += atomic_load(&crew->slot[i]->job) != NULL;
    return stats;
}

void pool_running(struct pool *pool, pool_each *each, void *arg)
{
    int64_t now_ms = clock_mono_ms();

    /* Only the loop frees jobs, and the loop is here: one that finishes meanwhile stays readable.
     */
    for (uint32_t i = 0; i < pool->crew.slots; i++) {
        struct crew_thread *slot = pool->crew.slot[i];
        struct job *job = atomic_load(&slot->job);
        if (job != NULL)
            each(job, now_ms - atomic_load(&slot->began_ms), arg);
    }
}

/* --- free ---------------------------------------------------------------------------------- */

bool pool_free(struct pool *pool, int64_t limit_ms)
{
    if (pool == NULL)
        return true;
    if (!crew_dismiss(&pool->crew, clock_mono_ms() + limit_ms))
        return false;
    finish_list_fini(&pool->crew.finish_list);
    ring_free(pool->crew.ring);
    crew_free(&pool->crew);
    free(pool);
    return true;
}
