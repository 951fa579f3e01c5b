#include "consumer/control.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/units.h"
#include "consumer/worker.h"

void args_control_key(struct args *args, const struct queue *queue, enum queue_key key)
{
    args_key(args, &queue->keys, queue->orders.denied ? KEY_META : key);
}

void control_renamed(struct queue *queue)
{
    buf_reset(&queue->orders.told_status);
}

void control_free(struct queue *queue)
{
    free(queue->orders.cancels);
    buf_free(&queue->orders.told_status);
}

/* --- obeying --------------------------------------------------------------------------------- */

void worker_quiet(struct worker *worker, bool quiet, const char *why)
{
    if (worker->quiet == quiet || worker->stop != STOP_NO)
        return;
    worker->quiet = quiet;
    LOG(LOG_INFO, quiet ? "quiet" : "continue", LOG_I("jobs", worker->jobs), LOG_S("why", why));
    worker_wake(worker);
}

static void obey_concurrency(struct queue *queue, struct slice value)
{
    uint32_t before = limit_of(queue);
    uint64_t number;

    if (value.len == 0 || !units_parse_u64(value, &number) || number > POOL_THREADS_MAX)
        number = 0; /* nobody ordered it, or what was ordered is no number of threads */
    queue->orders.concurrency = (uint32_t)number;
    if (limit_of(queue) != before)
        limit_changed(queue->worker);
}

static void obey_log_level(struct queue *queue, struct slice value)
{
    int level = LOG_LEVEL_UNSAID;

    for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (slice_equal(value, slice_of(log_level_name((enum log_level)i))))
            level = i;
    }
    queue_log_level(queue, level);
}

/* What was told before is done, and perhaps undone since, by a signal. */
static void obey_told(struct queue *queue, struct slice value)
{
    struct worker *worker = queue->worker;
    char *told = queue->orders.told;

    if (value.len >= CONTROL_WORD_MAX || slice_equal(value, slice_of(told)))
        return;
    memcpy(told, value.ptr, value.len);
    told[value.len] = 0;
    if (strcmp(told, "quiet") == 0) {
        worker_quiet(worker, true, "ordered");
    } else if (strcmp(told, "work") == 0) {
        worker_quiet(worker, false, "ordered");
    } else if (strcmp(told, "stop") == 0 && worker->stop == STOP_NO) {
        atomic_store(&worker->box->dismissed, true);
        drain_start(worker, SIGTERM);
    }
}

/* A pause is looked at by each take: one that follows at once sees that it began, or is over. */
static void control_obey(struct queue *queue, const struct reply *reply, int64_t version)
{
    FAULT_POINT(before_obey);
    obey_concurrency(queue, reply_text(reply_at(reply, 1)));
    obey_log_level(queue, reply_text(reply_at(reply, 2)));
    obey_told(queue, reply_text(reply_at(reply, 3)));
    cancel_read(queue, reply, 4);
    cancel_turn(queue);
    if (version != 0)
        LOG_OF(queue->log, LOG_INFO, "orders", LOG_I("version", version),
               LOG_I("concurrency", queue->orders.concurrency), LOG_S("told", queue->orders.told),
               LOG_I("cancels", queue->orders.cancel_count));
    if (queue->orders.version != CONTROL_UNKNOWN) {
        queue->not_before_ms = 0;
        queue->hungry = true;
    }
    queue->orders.version = version;
    meter_set(&queue->meters->control, (uint64_t)version);
    FAULT_POINT(after_obey);
}

/* --- answers --------------------------------------------------------------------------------- */

static void control_denied(struct queue *queue)
{
    if (!queue->orders.denied)
        LOG_OF(queue->log, LOG_ERROR, "control_denied",
               LOG_S("why", "this user may not use the keys of live control; work goes on"),
               LOG_S("do", "see the ACL in docs/protocol.md"));
    queue->orders.denied = true;
    queue->orders.not_before_ms = clock_mono_ms() + CONTROL_DENIED_MS;
}

/* Whatever it was, the next look is soon. What was told may not have been heard. */
static void control_error(struct queue *queue, const struct reply *reply)
{
    enum error_class class_ = reply_error(reply);

    control_renamed(queue);
    if (class_ == ERROR_NO_SCRIPT)
        queue->worker->control_ms = 0;
    else if (class_ == ERROR_DENIED)
        control_denied(queue);
    else if (class_ != ERROR_UNANSWERED)
        LOG_SPARSE_OF(queue->log, LOG_WARN, "control", LOG_B("err", reply_error_text(reply)));
}

void on_report(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;
    enum error_class class_ = reply_error(reply);
    int64_t version = reply_int(reply_at(reply, 0));

    queue->orders.asked = false;
    queue->orders.heard |= class_ != ERROR_UNANSWERED && class_ != ERROR_NO_SCRIPT;
    if (class_ != ERROR_NONE || reply_count(reply) == 0) {
        control_error(queue, reply);
    } else {
        queue->orders.denied = false;
        if (reply_count(reply) >= 4 && version != queue->orders.version) {
            control_obey(queue, reply, version);
            report_survey(queue->worker);
            (void)report_turn(queue, clock_mono_ms()); /* whoever ordered it waits for that */
        }
    }
    worker_wake(queue->worker);
}

static void on_version(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;

    queue->orders.asked = false;
    if (reply_error(reply) != ERROR_NONE) {
        control_error(queue, reply);
        worker_wake(queue->worker);
    } else if (reply_int(reply) != queue->orders.version) {
        (void)report_ask(queue);
    }
}

/* --- the look -------------------------------------------------------------------------------- */

static void control_look(struct queue *queue)
{
    struct args *args = &queue->worker->args;

    args_start(args);
    args_bytes(args, "HGET", 4);
    args_key(args, &queue->keys, KEY_CONTROL);
    args_bytes(args, "version", 7);
    queue->orders.asked =
        link_call(queue->worker->beat, on_version, queue, 0, args->count, args->word);
}

static bool control_due(const struct queue *queue, int64_t now_ms)
{
    return (queue->phase == QUEUE_OPEN || queue->phase == QUEUE_SYNCING) && !queue->orders.asked &&
           now_ms >= queue->orders.not_before_ms;
}

void control_turn(struct worker *worker, int64_t now_ms)
{
    if (now_ms < worker->control_ms || !link_is_up(worker->beat))
        return;
    worker->control_ms = now_ms + CONTROL_LOOK_MS;
    report_survey(worker);
    for (size_t i = 0; i < worker->queue_count; i++) {
        struct queue *queue = worker->queues[i];
        if (control_due(queue, now_ms) && !report_turn(queue, now_ms))
            control_look(queue);
    }
}

int64_t control_next_ms(const struct worker *worker)
{
    return link_is_up(worker->beat) ? worker->control_ms : 0;
}
