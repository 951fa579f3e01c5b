#include "consumer/plan.h"

#include <stdbool.h>

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Free threads are shared by the queues that want them; the caller lets another go first each turn.
 */
static uint32_t share_of_free_threads(const struct plan_view *view)
{
    if (view->pool_jobs >= view->threads) {
        bool one_ends_soon = view->pool_per_ms * (double)PLAN_AHEAD_MS >= 1;
        return view->queue_jobs == 0 && one_ends_soon;
    }
    uint32_t free = view->threads - view->pool_jobs;
    return (free + view->hungry - 1) / view->hungry;
}

double plan_ahead_ms(double fetch_ms)
{
    return PLAN_AHEAD_MS + PLAN_FETCHES * fetch_ms;
}

uint32_t plan_take(const struct plan_view *view)
{
    double ahead = view->done_per_ms * plan_ahead_ms(view->fetch_ms);
    uint32_t target = ahead < (double)view->table_free + view->queue_jobs
                          ? (uint32_t)ahead
                          : view->table_free + view->queue_jobs;
    uint32_t extra = target > view->queue_jobs ? target - view->queue_jobs : 0;
    uint32_t room = view->queue_max > view->queue_jobs ? view->queue_max - view->queue_jobs : 0;
    uint32_t share = least(share_of_free_threads(view), room);
    uint32_t want = least(share + extra, view->table_free);

    /* A fast queue with half of its jobs still here waits until a take is worth its round trip. */
    uint32_t worth = least(target / 2, PLAN_TAKE_MAX);
    if (target >= 4 * view->threads && view->queue_jobs > target / 2 && want < worth)
        return 0;
    return least(want, PLAN_TAKE_MAX);
}

double plan_rate(double done_per_ms, uint32_t finished, int64_t elapsed_ms, double ahead_ms)
{
    double now = (double)finished / (double)elapsed_ms;
    double part = (double)elapsed_ms / (2 * ahead_ms);
    double weight = part < 1 ? part : 1;
    return done_per_ms + (now - done_per_ms) * weight;
}

double plan_fetch(double fetch_ms, double now_ms)
{
    double now = now_ms < PLAN_FETCH_MS_MAX ? now_ms : PLAN_FETCH_MS_MAX;
    return fetch_ms + (now - fetch_ms) / 4;
}
