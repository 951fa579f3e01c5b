/*
 * limit: at most so many jobs of a queue run at once in this process: as ordered, else as the
 * configuration says, else as many as there are threads.
 *
 * Only a queue whose limit is below the number of threads is counted: its jobs in the pool, from
 * the hand-over until the loop has them back. The others wait in a list of their queue's own, so
 * that they hold up nobody in the pool's ring. Takes know the limit as well (plan.h).
 */
#include "base/log.h"
#include "consumer/worker.h"

uint32_t limit_of(const struct queue *queue)
{
    uint32_t limit =
        queue->orders.concurrency > 0 ? queue->orders.concurrency : queue->conf->concurrency;
    return limit == 0 || limit >= queue->worker->config->pool_max ? UINT32_MAX : limit;
}

bool limit_has_room(const struct queue *queue)
{
    return queue->pool_jobs < limit_of(queue);
}

void limit_wait(struct job *job)
{
    joblist_push(&job_queue(job)->limited, job);
    job_queue(job)->worker->limited++;
}

/* Those of one queue, as many as there is room for, in their order. */
static void limit_release(struct queue *queue, struct joblist *out)
{
    struct worker *worker = queue->worker;
    uint32_t limit = limit_of(queue);
    uint32_t room = limit > queue->pool_jobs ? limit - queue->pool_jobs : 0;

    while (queue->limited.head != NULL && room > 0) {
        struct job *job = joblist_pop(&queue->limited);
        worker->limited--;
        if (job->state == JOB_STATE_LOST) {
            job_advance(job, JOB_EV_FINISH);
            continue;
        }
        joblist_push(suspect_is(job) ? &worker->suspects : out, job);
        room--;
    }
}

void limit_turn(struct worker *worker)
{
    struct joblist first = {0};

    if (worker->limited == 0)
        return;
    for (size_t i = 0; i < worker->queue_count; i++)
        limit_release(worker->queues[i], &first);
    while (worker->dispatch.head != NULL)
        joblist_push(&first, joblist_pop(&worker->dispatch));
    worker->dispatch = first;
}

void limit_changed(struct worker *worker)
{
    struct joblist first = {0};

    for (struct job *job = pool_take_back(worker->pool), *next; job != NULL; job = next) {
        next = job->next;
        worker->pool_jobs--;
        job_queue(job)->pool_jobs--;
        suspect_finished(worker, job);
        joblist_push(suspect_is(job) ? &worker->suspects : &first, job);
    }
    while (worker->dispatch.head != NULL)
        joblist_push(&first, joblist_pop(&worker->dispatch));
    worker->dispatch = first;
    worker_wake(worker);
}
