#include "pool/crew.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"

/* --- how many are enough ------------------------------------------------------------------- */

/* True, once for each thread over `limit`: the caller is surplus and must end. */
static bool leave_if_over(struct crew *crew, uint32_t limit)
{
    uint32_t count = atomic_load(&crew->count);

    while (count > limit) {
        if (atomic_compare_exchange_weak(&crew->count, &count, count - 1))
            return true;
    }
    return false;
}

static bool must_leave(struct crew *crew)
{
    if (atomic_load_explicit(&crew->dismissed, memory_order_acquire))
        return leave_if_over(crew, 0);
    if (atomic_load_explicit(&crew->count, memory_order_relaxed) <=
        atomic_load_explicit(&crew->max, memory_order_relaxed))
        return false;
    return leave_if_over(crew, atomic_load(&crew->max));
}

/* Threads over min sleep for idle_ms at most; the others until there is work. */
static int64_t sleep_until(struct crew *crew)
{
    if (atomic_load(&crew->count) <= atomic_load(&crew->min))
        return WAKE_FOREVER;
    return clock_mono_ms() + atomic_load(&crew->idle_ms);
}

/* Only the loop starts threads: ask it, once. */
static void ask_for_growth(struct crew *crew)
{
    if (atomic_load_explicit(&crew->count, memory_order_relaxed) >=
            atomic_load_explicit(&crew->max, memory_order_relaxed) ||
        atomic_load_explicit(&crew->start_failed, memory_order_relaxed))
        return;
    if (!atomic_exchange(&crew->kick_wanted, true))
        finish_list_ring(&crew->finish_list);
}

/*
 * Whoever takes a job and leaves others sees to it that one more thread comes: the loop wakes the
 * first only. So quick jobs are done by few threads, as the ring is empty before a next one is up.
 */
static void call_another(struct crew *crew)
{
    if (ring_len(crew->ring) == 0)
        return;
    if (wake_idle(&crew->wake) == 0)
        ask_for_growth(crew);
    else if (wake_next(&crew->wake))
        atomic_fetch_add_explicit(&crew->wakeups, 1, memory_order_relaxed);
}

/* --- one job after the other --------------------------------------------------------------- */

/* The next job, when there is one; NULL: this thread must end. */
static struct job *next_job(struct crew_thread *self)
{
    struct crew *crew = self->crew;

    while (!must_leave(crew)) {
        struct job *job = ring_pop(crew->ring);
        if (job != NULL)
            return job;

        self->ended_ms = 0;
        uint32_t ticket = wake_announce(&crew->wake);
        job = ring_pop(crew->ring);
        if (job != NULL || must_leave(crew)) {
            wake_withdraw(&crew->wake);
            return job;
        }
        int64_t until_ms = sleep_until(crew);
        if (wake_sleep(&crew->wake, ticket, until_ms) || until_ms == WAKE_FOREVER)
            continue;
        if (clock_mono_ms() >= until_ms && leave_if_over(crew, atomic_load(&crew->min)))
            return NULL;
    }
    return NULL;
}

/*
 * Shows the job to crew_ring(). False: it was asked to stop before it began, and must not begin.
 * Both sides write first and then read (seq_cst): either the loop finds the job here and rings, or
 * we find its request.
 */
static bool begin(struct crew_thread *self, struct job *job, int64_t now_ms)
{
    atomic_store_explicit(&self->began_ms, now_ms, memory_order_relaxed);
    atomic_store(&self->job, job);
    return atomic_load(&job->stop) == JOB_STOP_NONE;
}

/* After this no ring for the job can reach the next one. */
static void let_go(struct crew_thread *self)
{
    uint64_t rings;

    pthread_mutex_lock(&self->lock);
    atomic_store_explicit(&self->job, NULL, memory_order_relaxed);
    if (self->rung)
        CHECK(read(self->stopper.wake_fd, &rings, sizeof(rings)) == sizeof(rings));
    self->rung = false;
    pthread_mutex_unlock(&self->lock);
}

static void run(struct crew_thread *self, struct job *job)
{
    struct stopper *stopper = &self->stopper;
    /* One clock for a job: it begins when the last one ended. */
    int64_t now_ms = self->ended_ms != 0 ? self->ended_ms : clock_mono_ms();

    job->result.outcome = JOB_UNKNOWN;
    job->result.delay_ms = -1;
    if (begin(self, job, now_ms)) {
        job->started_ms = now_ms;
        stopper->job = job;
        stopper->deadline_ms = job->timeout_ms > 0 ? now_ms + job->timeout_ms : 0;
        self->crew->run(job, stopper);
        self->ended_ms = job->finished_ms = clock_mono_ms();
    } else {
        job->started_ms = 0;
        job->finished_ms = now_ms;
        job->result.outcome = JOB_STOPPED;
    }
    let_go(self);
    finish_list_put(&self->crew->finish_list, job);
}

void *crew_thread_main(void *arg)
{
    struct crew_thread *self = arg;
    struct crew *crew = self->crew;
    struct job *job;

    while ((job = next_job(self)) != NULL) {
        call_another(crew);
        run(self, job);
    }
    atomic_store(&self->state, CREW_ENDED);
    atomic_fetch_add(&crew->ended, 1);
    /* To be reaped; and a job that came while we left, perhaps with our wake-up, needs another. */
    atomic_store(&crew->kick_wanted, true);
    finish_list_ring(&crew->finish_list);
    return NULL;
}
