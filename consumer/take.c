/*
 * take: moves jobs from the queue to our held hash, and makes the answer into jobs.
 *
 * A queue is hungry while there may be something to take: at first, after its idle wait answered,
 * when a job falls due, while an answer says that more is waiting. Tags only grow, so a take whose
 * answer was lost is never sent again: what it took shows when Redis is compared with the table
 * (resync.c).
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/random.h"
#include "consumer/plan.h"
#include "consumer/worker.h"

static uint32_t queue_decided(const struct queue *queue)
{
    return queue->done.count + queue->duplicate.count + queue->other.count + queue->stopped.count;
}

static uint32_t queue_unfinished(const struct queue *queue)
{
    return queue->jobs + queue->asked_jobs - queue->settling - queue_decided(queue);
}

void queue_due(struct queue *queue, int64_t at_ms)
{
    if (at_ms != 0 && (queue->due_ms == 0 || at_ms < queue->due_ms))
        queue->due_ms = at_ms;
}

static void queue_rate(struct queue *queue, int64_t now_ms)
{
    int64_t elapsed_ms = now_ms - queue->rate_ms;
    if (elapsed_ms < PLAN_AHEAD_MS / 4)
        return;
    queue->done_per_ms =
        plan_rate(queue->done_per_ms, queue->finished, elapsed_ms, plan_ahead_ms(queue->fetch_ms));
    queue->finished = 0;
    queue->rate_ms = now_ms;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* What a limit keeps from running takes no thread from other queues. */
void take_survey(struct worker *worker, int64_t now_ms)
{
    struct take_load load = {0};
    for (size_t i = 0; i < worker->queue_count; i++) {
        struct queue *queue = worker->queues[i];
        queue_rate(queue, now_ms);
        load.done_per_ms += queue->done_per_ms;
        load.unfinished += least(queue_unfinished(queue), limit_of(queue));
        load.asked += queue->asked_jobs;
        load.backlog += queue->backlog;
        load.hungry +=
            queue->hungry && queue->phase == QUEUE_OPEN && now_ms >= queue->not_before_ms;
    }
    worker->load = load;
}

static uint32_t take_size(const struct queue *queue)
{
    const struct worker *worker = queue->worker;
    const struct take_load *load = &worker->load;
    uint32_t used = worker->jobs + load->asked;
    struct plan_view view = {
        .threads = worker->config->pool_max,
        .pool_jobs = load->unfinished,
        .queue_jobs = queue_unfinished(queue),
        .queue_max = limit_of(queue),
        .hungry = load->hungry > 0 ? load->hungry : 1,
        .table_free = used < WORKER_JOBS_MAX ? WORKER_JOBS_MAX - used : 0,
        .done_per_ms = queue->done_per_ms,
        .fetch_ms = queue->fetch_ms,
        .pool_per_ms = load->done_per_ms,
    };
    return plan_take(&view);
}

/* Settles that Redis does not answer must not pile up: then nothing more is taken. */
static bool take_possible(const struct queue *queue, int64_t now_ms)
{
    const struct worker *worker = queue->worker;
    uint32_t unsettled = queue_decided(queue) + queue->settling;
    double bound =
        4.0 * (worker->config->pool_max + queue->done_per_ms * plan_ahead_ms(queue->fetch_ms));

    return queue->phase == QUEUE_OPEN && queue->orders.heard && now_ms >= queue->not_before_ms &&
           queue->takes < TAKES_UNDER_WAY_MAX && unsettled < bound;
}

static bool take_wanted(const struct queue *queue)
{
    const struct worker *worker = queue->worker;
    return !worker->quiet && !queue->removed && !suspect_holds_up(worker) &&
           worker->held_bytes < WORKER_HELD_BYTES_MAX;
}

static const char *const take_refusals[] = {"lost", "paused", "full", "replay"};
enum take_refusal { TAKE_LOST, TAKE_PAUSED, TAKE_FULL, TAKE_REPLAY, TAKE_OK };

static enum take_refusal take_status(struct slice status)
{
    for (int i = 0; i < TAKE_OK; i++) {
        if (slice_equal(status, slice_of(take_refusals[i])))
            return (enum take_refusal)i;
    }
    return TAKE_OK;
}

static void take_refused(struct queue *queue, enum take_refusal refusal)
{
    int64_t now_ms = clock_mono_ms();
    if (refusal == TAKE_LOST) {
        queue_lose(queue);
        return;
    }
    queue->hungry = true;
    queue->not_before_ms = now_ms + QUEUE_PAUSED_MS;
    if (refusal == TAKE_FULL)
        LOG_SPARSE_OF(
            queue->log, LOG_ERROR, "dlq_full", LOG_I("max", queue->conf->dlq_max),
            LOG_S("do", "the queue stands still; see navvy dlq list, then retry or drop"));
    if (refusal == TAKE_REPLAY)
        resync_start(queue);
}

static void take_error(struct queue *queue, const struct reply *reply)
{
    enum error_class class_ = reply_error(reply);
    int64_t pause_ms = QUEUE_RETRY_MS + (int64_t)(random_u64() % QUEUE_RETRY_MS);

    queue->hungry = true;
    if (class_ == ERROR_UNANSWERED)
        return;
    if (class_ == ERROR_NO_SCRIPT)
        pause_ms = 0;
    else if (class_ == ERROR_WRONG_TYPE) {
        pause_ms = QUEUE_QUARANTINE_MS;
        LOG_SPARSE_OF(queue->log, LOG_ERROR, "quarantine", LOG_B("err", reply_error_text(reply)),
                      LOG_S("do", "rename or delete that key; the queue goes on by itself"));
    } else {
        LOG_SPARSE_OF(queue->log, LOG_WARN, "take", LOG_B("err", reply_error_text(reply)));
    }
    queue->not_before_ms = clock_mono_ms() + pause_ms;
}

enum job_end take_fit(const struct queue *queue, struct job *job)
{
    if (job->end != JOB_END_RESULT)
        return job->end;
    if (job->record.payload.len > queue->conf->payload_bytes_max) {
        /* Buried as the script buries it: the whole element behind a header of ours. */
        job->record = (struct record){.payload = {job->bytes, job->len}, .id = job->record.id};
        return JOB_END_OVERSIZE;
    }
    int64_t expires_ms = job->record.expires_at_wall_ms;
    if (expires_ms > 0 && expires_ms <= worker_redis_now_ms(queue->worker))
        return JOB_END_EXPIRED;
    if (config_handler(queue->conf, job->record.type) == NULL)
        return JOB_END_NO_HANDLER;
    return JOB_END_RESULT;
}

void take_adopt(struct queue *queue, uint64_t tag, struct slice element, bool claimed)
{
    struct job *job = job_table_add(queue, tag, element);
    if (job == NULL) { /* held in Redis all the same: found again later */
        resync_later(queue, QUEUE_RETRY_MS);
        return;
    }
    job->claim_sent = claimed;
    enum job_end end = take_fit(queue, job);
    if (end == JOB_END_RESULT && cancel_meets(queue, job))
        end = JOB_END_CANCELLED;
    if (end != JOB_END_RESULT)
        settle_later(job, end, JOB_EV_DECIDE);
    else if (claimed)
        claim_dispatch(job);
    else
        claim_begin(job);
}

/* A claim is a round trip more. */
static void take_fetched(struct queue *queue)
{
    double trips = queue->conf->idempotency_ttl_ms > 0 ? 2 : 1;
    double trip_ms = (double)link_rtt_us(queue->worker->command) / 1000;
    queue->fetch_ms = plan_fetch(queue->fetch_ms, trips * trip_ms);
}

static void take_answer(struct queue *queue, uint64_t first_tag, const struct reply *reply)
{
    bool claimed = slice_equal(reply_text(reply_at(reply, 0)), slice_of("claimed"));
    size_t count = reply_count(reply) - 3;
    int64_t due_ms = reply_int(reply_at(reply, 1));
    int64_t waiting = reply_int(reply_at(reply, 2)) - (int64_t)queue->asked_jobs;
    int64_t now_ms = clock_mono_ms();

    take_fetched(queue);
    for (size_t i = 0; i < count; i++)
        take_adopt(queue, first_tag + i, reply_text(reply_at(reply, 3 + i)), claimed && i == 0);
    queue_due(queue, due_ms < 0 ? 0 : now_ms + due_ms);
    queue->backlog = waiting > 0 ? (uint64_t)waiting : 0;
    queue->hungry = queue->backlog > 0 || due_ms == 0;
    look_pace(queue, count > 0, now_ms);
    FAULT_POINT(after_take);
}

static void take_measure(struct queue *queue, const struct reply *reply, enum take_refusal status)
{
    bool whole = reply_error(reply) == ERROR_NONE && reply_count(reply) >= 3;
    enum measure_take take = MEASURE_TAKE_NONE;

    if (reply_error(reply) == ERROR_UNANSWERED)
        take = MEASURE_TAKE_UNANSWERED;
    else if (reply_error(reply) == ERROR_WRONG_TYPE)
        take = MEASURE_TAKE_WRONG_TYPE;
    else if (!whole)
        take = MEASURE_TAKE_ERROR;
    else if (status == TAKE_PAUSED)
        take = MEASURE_TAKE_PAUSED;
    else if (status == TAKE_FULL)
        take = MEASURE_TAKE_FULL;
    else if (status == TAKE_OK && reply_count(reply) > 3)
        take = MEASURE_TAKE_JOBS;
    measure_take(queue, take);
}

static void on_take(const struct reply *reply, void *arg)
{
    struct take take = *(struct take *)arg;
    struct queue *queue = take.queue;

    ((struct take *)arg)->asked = 0;
    queue->takes--;
    queue->asked_jobs -= take.asked;
    enum take_refusal status = take_status(reply_text(reply_at(reply, 0)));
    if (queue->phase == QUEUE_AWAY)
        ; /* the lease was lost meanwhile: what this brought is held under the old name */
    else if (reply_error(reply) != ERROR_NONE || reply_count(reply) < 3)
        take_error(queue, reply);
    else if (status != TAKE_OK)
        take_refused(queue, status);
    else
        take_answer(queue, take.first_tag, reply);
    take_measure(queue, reply, status);
    worker_wake(queue->worker);
}

static bool take_send(struct queue *queue, uint32_t jobs, int64_t now_ms)
{
    struct worker *worker = queue->worker;
    struct take *take = queue->take[0].asked == 0 ? &queue->take[0] : &queue->take[1];

    FAULT_POINT(before_take);
    *take = (struct take){queue, queue->next_tag, jobs};
    struct sight sight;
    bool sighted = sight_claim(queue, take->first_tag, &sight);
    size_t keys = args_take(&worker->args, queue, take, sighted ? &sight : NULL);
    if (!link_script(worker->command, SCRIPT_TAKE, on_take, take, keys, worker->args.count,
                     worker->args.word)) {
        take->asked = 0;
        return false;
    }
    queue->next_tag += jobs;
    queue->asked_jobs += jobs;
    queue->takes++;
    queue->took_ms = now_ms;
    queue->due_ms = 0; /* the answer says it anew */
    worker->load.unfinished += jobs;
    worker->load.asked += jobs;
    queue->backlog -= jobs < queue->backlog ? jobs : queue->backlog;
    queue->hungry = queue->backlog > 0;
    return true;
}

bool take_turn(struct queue *queue, int64_t now_ms)
{
    bool due = queue->due_ms != 0 && now_ms >= queue->due_ms;
    queue->hungry |= due;
    bool possible = take_possible(queue, now_ms), wanted = take_wanted(queue);
    uint32_t jobs = possible && wanted ? take_size(queue) : 0;
    if (jobs == 0) {
        if (possible || !wanted) /* by choice: all is well with it */
            meter_set(&queue->meters->busy_ms, now_ms);
        return false;
    }
    if (queue->hungry)
        return take_send(queue, jobs, now_ms);
    if (queue->takes > 0)
        return false;
    idle_wait(queue->idle);
    return look_turn(queue, now_ms) && take_send(queue, jobs, now_ms);
}
