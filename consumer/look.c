/*
 * look: is there work in a queue that has no connection to wait on?
 *
 * `EXISTS Q stage ready` asks, one cheap command; a take follows only if one of them is there. What
 * falls due in retry and scheduled does not show so: for that a take comes every LOOK_TAKE_MS, as
 * often as after an idle wait. Looks are made at multiples of their pause, so that all queues which
 * are as idle share a turn and a write.
 */
#include "base/clock.h"
#include "consumer/worker.h"

enum { LOOK_TAKE_MS = 2000 };

void look_pace(struct queue *queue, bool found, int64_t now_ms)
{
    if (found)
        queue->poll_ms = QUEUE_POLL_MS_MIN;
    else if (2 * queue->poll_ms <= QUEUE_POLL_MS_MAX)
        queue->poll_ms *= 2;
    else
        queue->poll_ms = QUEUE_POLL_MS_MAX;
    queue->look_ms = (now_ms / queue->poll_ms + 1) * queue->poll_ms;
}

/* An error too is a matter for take, which says it; no answer may mean anything. */
static void on_look(const struct reply *reply, void *arg)
{
    struct queue *queue = arg;

    queue->looking = false;
    if (reply_error(reply) != ERROR_NONE || reply_int(reply) > 0)
        queue->hungry = true;
    else
        look_pace(queue, false, clock_mono_ms());
    worker_wake(queue->worker);
}

static void look_send(struct queue *queue)
{
    static const enum queue_key places[] = {KEY_QUEUE, KEY_STAGE, KEY_READY};
    struct args *args = &queue->worker->args;

    args_start(args);
    args_text(args, "EXISTS");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        args_key(args, &queue->keys, places[i]);
    queue->looking = link_call(queue->worker->command, on_look, queue, 0, args->count, args->word);
}

bool look_turn(struct queue *queue, int64_t now_ms)
{
    if (idle_is_up(queue->idle) || queue->looking || now_ms < queue->look_ms)
        return false;
    if (now_ms - queue->took_ms >= LOOK_TAKE_MS)
        return true;
    look_send(queue);
    return false;
}
