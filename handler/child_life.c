/* The life of a child, and of its jobs' roles, as the pool sees it. */
#include "handler/child_pool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

enum { BACKOFF_MS = 100, BACKOFF_MS_MAX = 10000 };

static void remove_child(struct child_pool *pool, struct child *child)
{
    struct child **at = &pool->children;

    while (*at != child)
        at = &(*at)->next;
    *at = child->next;
    pool->live--;
}

/* --- starts ---------------------------------------------------------------------------------- */

void child_pool_greeted(struct child_pool *pool, struct visit *visit, struct child *child,
                        struct child_hello hello)
{
    pthread_mutex_lock(&pool->lock);
    child->state = CHILD_READY;
    child->attended = false;
    child->hello = hello;
    child->heard_ms = clock_mono_ms();
    pool->concurrency = hello.concurrency;
    pool->starting--;
    if (visit != NULL)
        child_pool_attach(visit, child);
    child_pool_ring(pool->first);
    pthread_mutex_unlock(&pool->lock);
}

static void put_off_starts(struct child_pool *pool, const char *why)
{
    int64_t wait_ms = BACKOFF_MS;

    for (uint32_t i = 0; i < pool->failures && wait_ms < BACKOFF_MS_MAX; i++)
        wait_ms *= 2;
    pool->failures++;
    pool->next_start_ms = clock_mono_ms() + (wait_ms < BACKOFF_MS_MAX ? wait_ms : BACKOFF_MS_MAX);
    (void)snprintf(pool->why, sizeof(pool->why), "%s", why);
}

static void refuse_all(struct child_pool *pool)
{
    for (struct visit *visit = pool->first; visit != NULL; visit = visit->behind) {
        if (visit->refused == NULL)
            visit->refused = strdup(pool->why);
        child_pool_ring(visit);
    }
}

void child_pool_failed(struct child_pool *pool, struct child *child, const char *why)
{
    LOG_SPARSE_OF(pool->log, LOG_WARN, "child_start", LOG_S("program", pool->conf->child[0]),
                  LOG_S("err", why));
    pthread_mutex_lock(&pool->lock);
    put_off_starts(pool, why);
    pool->starting--;
    if (child->program.pid == 0) {
        remove_child(pool, child);
        free(child);
    } else {
        child->state = CHILD_BROKEN;
        child_pool_retire(pool, child, 0);
    }
    if (pool->live == 0)
        refuse_all(pool);
    child_pool_ring(pool->first);
    pthread_mutex_unlock(&pool->lock);
}

void child_pool_unattend(struct child_pool *pool, struct child *child)
{
    pthread_mutex_lock(&pool->lock);
    child->attended = false;
    child_pool_ring(pool->first);
    pthread_mutex_unlock(&pool->lock);
}

/* --- its end --------------------------------------------------------------------------------- */

static void ring_all(const struct child *child)
{
    for (const struct visit *visit = child->visits; visit != NULL; visit = visit->next)
        child_pool_ring(visit);
}

void child_pool_break(struct child_pool *pool, struct child *child, const char *why)
{
    if (child->state == CHILD_BROKEN)
        return;
    child->state = CHILD_BROKEN;
    (void)snprintf(child->why, sizeof(child->why), "%s", why);
    program_signal(&child->program, SIGKILL);
    ring_all(child);
    if (child->told_to_go)
        return;
    LOG_OF(pool->log, LOG_WARN, "child", LOG_I("child", child->program.pid),
           LOG_S("program", pool->conf->child[0]), LOG_S("err", why));
    if (child->finished == 0)
        put_off_starts(pool, why);
}

void child_pool_retire(struct child_pool *pool, struct child *child, int64_t end_ms)
{
    remove_child(pool, child);
    pool->leaving_count++;
    child->next = pool->leaving;
    pool->leaving = child;
    child->end_ms = end_ms;
    program_close_input(&child->program);
    if (end_ms == 0)
        program_signal(&child->program, SIGKILL);
    child_pool_ring(pool->first);
}

void child_pool_drop_writer(struct child *child)
{
    const struct visit *visit = child->visits;

    child->writer = NULL;
    while (visit != NULL && !visit->sends)
        visit = visit->next;
    child_pool_ring(visit);
}

static void pass_reader(const struct child *child)
{
    const struct visit *visit = child->visits;

    while (visit != NULL && visit->answered)
        visit = visit->next;
    child_pool_ring(visit);
}

static void detach(struct visit *visit)
{
    struct child *child = visit->child;
    struct visit **at = &child->visits;

    while (*at != visit)
        at = &(*at)->next;
    *at = visit->next;
    child->visit_count--;
    visit->child = NULL;
    if (child->reader == visit)
        child->reader = NULL;
    if (child->reader == NULL)
        pass_reader(child);
    if (child->writer == visit)
        child_pool_drop_writer(child);
}

static bool worn(const struct child_pool *pool, const struct child *child, int64_t now_ms)
{
    const struct handler_conf *conf = pool->conf;

    return child->retiring || (conf->recycle_jobs > 0 && child->given >= conf->recycle_jobs) ||
           (conf->recycle_age_ms > 0 && now_ms - child->started_ms >= conf->recycle_age_ms);
}

/* The one that was busy last comes first. */
static void move_to_front(struct child_pool *pool, struct child *child)
{
    struct child **at = &pool->children;

    while (*at != child)
        at = &(*at)->next;
    *at = child->next;
    child->next = pool->children;
    pool->children = child;
}

void child_pool_settle(struct child_pool *pool, struct child *child, int64_t now_ms)
{
    child->retiring = worn(pool, child, now_ms);
    if (child->visit_count > 0 || child->reader != NULL || child->writer != NULL)
        return;
    if (child->state == CHILD_BROKEN)
        child_pool_retire(pool, child, 0);
    else if (child->retiring)
        child_pool_retire(pool, child, now_ms + CHILD_LEAVE_MS);
}

void child_pool_leave(struct child_pool *pool, struct visit *visit)
{
    struct child *child = visit->child;
    int64_t now_ms = clock_mono_ms();

    pthread_mutex_lock(&pool->lock);
    detach(visit);
    if (visit->answered && child->state == CHILD_READY) {
        child->finished++;
        child->heard_ms = now_ms;
        pool->failures = 0;
        if (pool->children != child)
            move_to_front(pool, child);
    }
    child_pool_settle(pool, child, now_ms);
    if (!child_pool_is_patient(pool))
        child_pool_ring(pool->first);
    pthread_mutex_unlock(&pool->lock);
}

/* --- after its end --------------------------------------------------------------------------- */

static void reap_one(struct child_pool *pool, struct child *child)
{
    const struct stderr_about about = {pool->log, child->program.pid, NULL};

    program_signal(&child->program, SIGKILL); /* what is left of its group */
    child_hear_errors(child, &about);
    stderr_log_end(&child->errors, &about);
    (void)program_reap(&child->program, NULL);
    pool->leaving_count--;
    free(child->in);
    free(child);
}

/* The end of its stdin was the first word. */
static void urge(struct child *child, int64_t now_ms)
{
    if (child->end_ms == 0 || now_ms < child->end_ms)
        return;
    program_signal(&child->program, child->told_to_go ? SIGKILL : SIGTERM);
    child->told_to_go = true;
    child->end_ms = now_ms + CHILD_LEAVE_MS;
}

void child_pool_reap(struct child_pool *pool, int64_t now_ms)
{
    for (struct child **at = &pool->leaving; *at != NULL;) {
        struct child *child = *at;
        if (program_ended(&child->program)) {
            *at = child->next;
            reap_one(pool, child);
        } else {
            const struct stderr_about about = {pool->log, child->program.pid, NULL};
            child_hear_errors(child, &about);
            urge(child, now_ms);
            at = &child->next;
        }
    }
}
