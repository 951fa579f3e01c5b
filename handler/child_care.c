#include "handler/child_care.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "handler/child_hearing.h"
#include "handler/child_start.h"

enum { PING_LINE_MAX = 48 };

/* --- one child, idle: the loop has both roles ------------------------------------------------ */

static bool hear(struct child_pool *pool, struct child *child, char why[CHILD_WHY_MAX])
{
    const struct stderr_about about = {pool->log, child->program.pid, NULL};
    struct hearing hearing = {pool, child, &pool->care};
    bool ended = program_ended(&child->program);

    child_hear_errors(child, &about);
    return child_hear(child, ended, &about, &pool->conf->limits, child_hearing_take, &hearing, why);
}

/* A whole line or nothing: a pipe takes so little at once. One that is full is not read. */
static void ping(struct child_pool *pool, struct child *child, int64_t now_ms)
{
    char line[PING_LINE_MAX];

    pthread_mutex_lock(&pool->lock);
    int64_t number = ++child->ping_number;
    child->pinged_ms = now_ms;
    pthread_mutex_unlock(&pool->lock);
    int len = snprintf(line, sizeof(line), "{\"ping\":%lld}\n", (long long)number);
    (void)!write(child->program.input_fd, line, (size_t)len);
}

/* False: it must go. */
static bool is_well(struct child_pool *pool, struct child *child, int64_t now_ms,
                    char why[CHILD_WHY_MAX])
{
    int64_t health_ms = pool->conf->health_ms;
    char limit[UNITS_TEXT_MAX];

    if (!hear(pool, child, why))
        return false;
    if (!child->hello.pings || health_ms == 0)
        return true;
    pthread_mutex_lock(&pool->lock);
    int64_t heard_ms = child->heard_ms, pinged_ms = child->pinged_ms;
    pthread_mutex_unlock(&pool->lock);
    if (pinged_ms == 0 && now_ms - heard_ms >= health_ms)
        ping(pool, child, now_ms);
    if (pinged_ms == 0 || now_ms - pinged_ms < health_ms)
        return true;
    (void)snprintf(why, CHILD_WHY_MAX, "did not answer a ping within %s",
                   units_format_duration(health_ms, limit));
    return false;
}

static void care_for_idle(struct child_pool *pool, struct child *child, int64_t now_ms)
{
    char why[CHILD_WHY_MAX];
    bool well = is_well(pool, child, now_ms, why);

    pthread_mutex_lock(&pool->lock);
    if (!well)
        child_pool_break(pool, child, why);
    child->reader = NULL;
    if (child->visits != NULL)
        child_pool_ring(child->visits);
    child_pool_drop_writer(child);
    child_pool_settle(pool, child, now_ms);
    pthread_mutex_unlock(&pool->lock);
}

/* --- all of them ----------------------------------------------------------------------------- */

enum need { NEED_NOTHING, NEED_CARE, NEED_GREETING };

/* Under the lock: takes what it takes to care for it. */
static enum need need_of(struct child_pool *pool, struct child *child)
{
    if (child->state == CHILD_STARTING && !child->attended) {
        child->attended = true;
        return NEED_GREETING;
    }
    if (child->state != CHILD_READY || child->reader != NULL || child->writer != NULL ||
        child->visit_count > 0)
        return NEED_NOTHING;
    child->reader = &pool->care;
    child->writer = &pool->care;
    return NEED_CARE;
}

static void retire_if_large(struct child_pool *pool, struct child *child)
{
    if (pool->conf->recycle_memory_bytes == 0 || child->program.pid == 0 ||
        child_memory_bytes(child) < pool->conf->recycle_memory_bytes)
        return;
    child->retiring = true;
}

/* The one at `index` of the list, which changes while we work; nobody else frees one of it. */
static struct child *child_at(const struct child_pool *pool, uint32_t index)
{
    struct child *child = pool->children;

    while (child != NULL && index-- > 0)
        child = child->next;
    return child;
}

/* False: there is none. */
static bool care_for(struct child_pool *pool, uint32_t index, int64_t now_ms)
{
    pthread_mutex_lock(&pool->lock);
    struct child *child = child_at(pool, index);
    enum need need = child != NULL ? need_of(pool, child) : NEED_NOTHING;
    if (child != NULL && child->state == CHILD_READY)
        retire_if_large(pool, child);
    pthread_mutex_unlock(&pool->lock);
    if (need == NEED_CARE)
        care_for_idle(pool, child, now_ms);
    else if (need == NEED_GREETING)
        child_start_look(pool, child);
    return child != NULL;
}

void child_care(struct child_pool *pool, int64_t now_ms)
{
    for (uint32_t i = 0; care_for(pool, i, now_ms); i++)
        ;
    pthread_mutex_lock(&pool->lock);
    child_pool_reap(pool, now_ms);
    pthread_mutex_unlock(&pool->lock);
}

/* Nobody has a role: no run is under way. */
bool child_care_end(struct child_pool *pool, bool now)
{
    int64_t now_ms = clock_mono_ms();

    pthread_mutex_lock(&pool->lock);
    while (pool->children != NULL)
        child_pool_retire(pool, pool->children, now_ms + CHILD_LEAVE_MS);
    for (struct child *child = now ? pool->leaving : NULL; child != NULL; child = child->next) {
        program_signal(&child->program, SIGKILL);
        child->end_ms = 0;
    }
    do
        child_pool_reap(pool, now_ms);
    while (now && pool->leaving != NULL);
    bool over = pool->leaving == NULL;
    pthread_mutex_unlock(&pool->lock);
    if (over)
        child_pool_free(pool);
    return over;
}
