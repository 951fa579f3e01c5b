/*
 * lease: the promise to be alive. Join makes it, a beat renews it on a connection of its own every
 * third of its length, leave takes it back when nothing is held any more.
 *
 * A worker that hears nothing for LEASE_SILENCE leases is cut off, for all it knows, and its jobs
 * run elsewhere: it stops its handlers. Not sooner, because when Redis is down it is the same from
 * here, and then nobody else can have them (amnesty). Should they still be ours after that, they
 * are given back; what had finished is settled.
 *
 * A beat also brings news: who else is dead (recovery.c), and how many jobs Redis holds for us,
 * which shows what a lost answer left behind (resync.c).
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "consumer/worker.h"

enum {
    LEASE_RETRY_MS = 1000, /* after a join that was refused */
    LEASE_SILENCE = 3,
    JOIN_OTHER_STORE = 0, /* what the script answers */
    JOIN_STORE_CHANGED = 2,
};

static int64_t lease_third_ms(const struct queue *queue)
{
    return queue->worker->config->lease_ms / 3;
}

static void lease_error(struct queue *queue, const char *what, const struct reply *reply)
{
    queue->beat_due_ms = clock_mono_ms() + LEASE_RETRY_MS;
    if (reply_error(reply) == ERROR_NO_SCRIPT)
        queue->beat_due_ms = 0;
    else if (reply_error(reply) != ERROR_UNANSWERED)
        LOG_SPARSE_OF(queue->log, LOG_WARN, what,
                      /* msg: join, beat, leave */ LOG_B("err", reply_error_text(reply)));
}

static void lease_heard(struct queue *queue, const struct reply *reply)
{
    if (reply_error(reply) == ERROR_UNANSWERED)
        return;
    queue->heard_ms = clock_mono_ms();
    queue->silent = false;
}

static void lease_listen(struct queue *queue, int64_t now_ms)
{
    int64_t limit_ms = LEASE_SILENCE * queue->worker->config->lease_ms;
    size_t position = 0;

    if (queue->silent || now_ms - queue->heard_ms < limit_ms)
        return;
    queue->silent = true;
    LOG_OF(queue->log, LOG_ERROR, "silence", LOG_S("worker", queue->id),
           LOG_I("running", queue->working), LOG_I("silent_ms", now_ms - queue->heard_ms),
           LOG_S("do", "its handlers are stopped: others may be running these jobs by now"));
    for (struct job *job; (job = job_table_each(queue, &position)) != NULL;) {
        if (job->state == JOB_STATE_WORKING)
            pool_stop_job(queue->worker->pool, job, JOB_STOP_LOST);
    }
}

static const char *lease_store(const struct queue *queue)
{
    return queue->conf->idempotency_store == STORE_WINDOWS ? "windows" : "keys";
}

static void lease_other_store(struct queue *queue)
{
    meters_trouble_set(&queue->meters->trouble, METERS_OTHER_STORE, true);
    queue->beat_due_ms = clock_mono_ms() + LEASE_RETRY_MS;
    LOG_SPARSE_OF(
        queue->log, LOG_ERROR, "join",
        LOG_S("err", "other workers live that keep fingerprints another way"),
        LOG_S("store", lease_store(queue)),
        LOG_S("do", "stop all of them, or give this one their idempotency.store; it waits"));
}

static void on_join(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;

    queue->asked = false;
    lease_heard(queue, reply);
    if (reply_error(reply) != ERROR_NONE) {
        lease_error(queue, "join", reply);
    } else if (reply_int(reply) == JOIN_OTHER_STORE) {
        lease_other_store(queue);
    } else {
        if (reply_int(reply) == JOIN_STORE_CHANGED)
            LOG_OF(queue->log, LOG_WARN, "store", LOG_S("store", lease_store(queue)),
                   LOG_S("why", "it was another one before: fingerprints of then are not seen"));
        FAULT_POINT(after_join);
        meters_trouble_set(&queue->meters->trouble, METERS_OTHER_STORE, false);
        meters_trouble_set(&queue->meters->trouble, METERS_NO_LEASE, false);
        queue->phase = QUEUE_OPEN;
        atomic_store(&queue->worker->box->ready, true);
        queue->beat_due_ms = 0; /* at once: it also asks who is dead */
        LOG_OF(queue->log, LOG_INFO, "join", LOG_S("worker", queue->id));
        recovery_start(queue, NULL, 0);
        queue->worker->control_ms = 0; /* nothing is taken before the orders are known */
    }
    worker_wake(queue->worker);
}

static void lease_join(struct queue *queue)
{
    struct args *args = &queue->worker->args;

    FAULT_POINT(before_join);
    args_start(args);
    args_key(args, &queue->keys, KEY_WORKERS);
    args_text(args, queue->held);
    args_key(args, &queue->keys, KEY_META);
    args_key(args, &queue->keys, KEY_DEAD);
    args_text(args, queue->id);
    args_int(args, queue->worker->config->lease_ms);
    args_text(args, lease_store(queue));
    queue->asked = link_script(queue->worker->command, SCRIPT_JOIN, on_join, queue, 4, args->count,
                               args->word);
}

static void on_time(const struct reply *reply, void *arg)
{
    struct worker *worker = arg;
    if (reply_error(reply) != ERROR_NONE || reply_count(reply) != 2)
        return;
    int64_t redis_ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    worker->redis_offset_ms = redis_ms - clock_mono_ms();
}

void lease_clock(struct worker *worker, struct link *link)
{
    const struct slice words[] = {slice_of("TIME")};
    if (!link_call(link, on_time, worker, 0, 1, words))
        return; /* the link is down: asked again with the next beat */
}

static void on_beat(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;
    bool answered = reply_error(reply) == ERROR_NONE && reply_count(reply) >= 2;

    queue->beating = false;
    lease_heard(queue, reply);
    if (answered)
        FAULT_POINT(after_beat);
    if (!answered)
        lease_error(queue, "beat", reply);
    else if (slice_equal(reply_text(reply_at(reply, 0)), slice_of("lost")))
        queue_lose(queue);
    else if (reply_int(reply_at(reply, 1)) != queue->jobs)
        resync_start(queue);
    if (answered)
        recovery_start(queue, reply, 2);
    worker_wake(queue->worker);
}

static void lease_beat(struct queue *queue, int64_t now_ms)
{
    struct args *args = &queue->worker->args;

    FAULT_POINT(before_beat);
    args_start(args);
    args_key(args, &queue->keys, KEY_WORKERS);
    args_key(args, &queue->keys, KEY_DEAD);
    args_text(args, queue->held);
    args_key(args, &queue->keys, KEY_META);
    args_text(args, queue->id);
    args_int(args, queue->worker->config->lease_ms);
    queue->beating =
        link_script(queue->worker->beat, SCRIPT_BEAT, on_beat, queue, 4, args->count, args->word);
    if (queue->beating)
        queue->beat_due_ms = now_ms + lease_third_ms(queue);
    lease_clock(queue->worker, queue->worker->beat);
}

static void on_leave(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;

    queue->asked = false;
    if (reply_error(reply) != ERROR_NONE) {
        lease_error(queue, "leave", reply);
        if (reply_error(reply) != ERROR_UNANSWERED)
            queue->leave_not_before_ms = queue->beat_due_ms;
    } else if (reply_int(reply) > 0) {
        resync_start(queue); /* something is held that we do not know of */
    } else {
        FAULT_POINT(after_leave);
        blackbox_clear_name(queue->worker->box, queue->box_name);
        queue->phase = QUEUE_LEFT;
    }
    worker_wake(queue->worker);
}

static void lease_leave(struct queue *queue)
{
    struct args *args = &queue->worker->args;

    FAULT_POINT(before_leave);
    args_start(args);
    args_key(args, &queue->keys, KEY_WORKERS);
    args_text(args, queue->held);
    args_key(args, &queue->keys, KEY_META);
    args_control_key(args, queue, KEY_STATUS);
    args_control_key(args, queue, KEY_CONTROL);
    args_text(args, queue->id);
    queue->asked = link_script(queue->worker->command, SCRIPT_LEAVE, on_leave, queue, 5,
                               args->count, args->word);
}

static bool lease_may_leave(const struct queue *queue, int64_t now_ms)
{
    bool going = queue->removed || queue->worker->stop >= STOP_LEAVE;
    return going && queue->phase == QUEUE_OPEN && queue->jobs == 0 && queue->takes == 0 &&
           now_ms >= queue->leave_not_before_ms;
}

/* No lease: get one, or, on the way out, do without. */
static void lease_turn_away(struct queue *queue, bool due)
{
    const struct worker *worker = queue->worker;

    if (queue->asked || queue->beating || queue->takes > 0)
        return; /* still under the old name */
    if (queue->removed || worker->stop >= STOP_LEAVE) {
        blackbox_clear_name(worker->box, queue->box_name);
        queue->phase = QUEUE_LEFT;
        worker_wake(queue->worker); /* it may have been the last one */
    } else if (due && worker->checked && link_is_up(worker->command)) {
        lease_join(queue);
    }
}

void lease_turn(struct queue *queue, int64_t now_ms)
{
    const struct worker *worker = queue->worker;
    bool due = now_ms >= queue->beat_due_ms;

    if (queue->phase == QUEUE_LEFT && !queue->removed && worker->stop < STOP_LEAVE)
        queue_reincarnate(queue); /* a reload brought it back */
    if (queue->phase == QUEUE_LEFT)
        return;
    if (queue->phase != QUEUE_AWAY)
        lease_listen(queue, now_ms);
    if (queue->phase == QUEUE_AWAY)
        lease_turn_away(queue, due);
    else if (lease_may_leave(queue, now_ms) && !queue->asked && !queue->beating)
        lease_leave(queue);
    else if (due && !queue->beating && link_is_up(worker->beat))
        lease_beat(queue, now_ms);
}
