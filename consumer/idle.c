/*
 * idle: the wait for a push, `BLMOVE Q stage RIGHT LEFT 2` on a connection of the queue's own.
 *
 * Whatever it answers, a take follows. What it moved still waits for anyone, in stage, so a lost
 * answer, a dead socket or a stopped process needs no recovery.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "consumer/worker.h"

enum {
    IDLE_WAIT_S = 2,
    IDLE_DEADLINE_MS =
        IDLE_WAIT_S * 1000 + 2000, /* unanswered for so long: the connection is dead */
    IDLE_REFUSED_MS = 100,         /* OOM and the like: between polls */
};

struct idle {
    struct queue *queue;
    struct link *link;
    bool waiting;
};

static void on_idle_change(struct link *link, void *arg)
{
    struct idle *idle = arg;
    (void)link;
    worker_wake(idle->queue->worker);
}

static void on_idle_down(struct link *link, const char *why, void *arg)
{
    (void)why; /* the command connection says it, once for all */
    on_idle_change(link, arg);
}

struct idle *idle_new(struct queue *queue)
{
    const struct config *config = queue->worker->config;
    static const struct link_events events = {on_idle_change, on_idle_down, on_idle_down};
    struct link_options options = {
        .endpoint = &config->redis,
        .name = "navvy-wait",
        .connect_timeout_ms = config->redis_connect_timeout_ms,
        .command_timeout_ms = config->redis_command_timeout_ms,
    };
    struct idle *idle = calloc(1, sizeof(*idle));
    if (idle == NULL)
        return NULL;
    idle->queue = queue;
    idle->link = link_new(queue->worker->base, &options, &events, idle);
    if (idle->link == NULL) {
        free(idle);
        return NULL;
    }
    link_start(idle->link);
    return idle;
}

void idle_free(struct idle *idle)
{
    if (idle == NULL)
        return;
    link_free(idle->link);
    free(idle);
}

bool idle_is_up(const struct idle *idle)
{
    return idle != NULL && link_is_up(idle->link);
}

static void on_idle(const struct reply *reply, void *arg)
{
    struct idle *idle = arg;
    struct queue *queue = idle->queue;
    enum error_class class_ = reply_error(reply);

    idle->waiting = false;
    queue->hungry = true;
    sight_keep(queue, reply_text(reply));
    if (class_ == ERROR_WRONG_TYPE)
        queue->not_before_ms = clock_mono_ms(); /* take says it, and to which key */
    else if (class_ != ERROR_NONE && class_ != ERROR_UNANSWERED)
        queue->not_before_ms = clock_mono_ms() + IDLE_REFUSED_MS;
    worker_wake(queue->worker);
}

void idle_wait(struct idle *idle)
{
    if (!idle_is_up(idle) || idle->waiting)
        return;
    const struct queue_keys *keys = &idle->queue->keys;
    struct args *args = &idle->queue->worker->args;

    args_start(args);
    args_text(args, "BLMOVE");
    args_key(args, keys, KEY_QUEUE);
    args_key(args, keys, KEY_STAGE);
    args_text(args, "RIGHT");
    args_text(args, "LEFT");
    args_int(args, IDLE_WAIT_S);
    idle->waiting = link_call(idle->link, on_idle, idle, IDLE_DEADLINE_MS, args->count, args->word);
}
