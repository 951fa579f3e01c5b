/*
 * orders: what an operator may order of workers at run time, and how many have heard it: for the
 * verbs pause, resume, concurrency, loglevel, quiet, stop and cancel, and for the API.
 *
 * An order is written by one script together with its line in the journal (redis/lua/order.lua), so
 * one that was interrupted is there whole or not at all, and may be given again.
 */
#ifndef ADMIN_VIEW_ORDERS_H
#define ADMIN_VIEW_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/queue_list.h"
#include "admin/view/journal.h"
#include "base/check.h"
#include "base/log.h"
#include "job/claim_id.h"
#include "redis/client.h"
#include "redis/keys.h"

enum {
    ORDERS_MAX = 1000, /* in force for one queue at the same time: each cancel is one */
    ORDER_FIELD_MAX = sizeof("cancel:") + CLAIM_ID_MAX + WORKER_ID_MAX,
    ORDER_VALUE_MAX = 24,
    ORDER_CONCURRENCY_MAX = 1024,
    ORDER_RANDOM_DIGITS = 16, /* the end of a worker's id */
};

struct order {
    const char *what; /* its name in the journal */
    char field[ORDER_FIELD_MAX];
    char value[ORDER_VALUE_MAX];
    char worker[WORKER_ID_MAX]; /* only if that one is there; "": whoever is */
    const char *filter;         /* for the journal: which job or worker; borrowed */
};

struct order order_pause(bool pause);
struct order order_concurrency(int64_t jobs);    /* 0: as configured */
struct order order_log_level(const char *level); /* NULL: as configured */
/* `word`: quiet, work or stop. `id` is borrowed, as is `claim`, which is no longer than a claim id
 * may be. */
struct order order_worker(const char *id, const char *word);
struct order order_cancel(const char *claim);

/* Is that the name of a level? */
bool order_is_log_level(const char *text);

enum order_status {
    ORDER_GIVEN = 1,
    ORDER_SAME,   /* it is so already */
    ORDER_GONE,   /* no such worker in this queue */
    ORDER_MANY,   /* ORDERS_MAX are in force: printed */
    ORDER_FAILED, /* printed why */
};

/* Gives it, signed by who and where of `sign`. `version`: after it, of the queue's orders. */
enum order_status order_give(struct client *client, const struct queue_keys *keys,
                             const char *queue, const struct order *order,
                             const struct journal_entry *sign, int64_t *version) MUST_CHECK;

/* How many workers of the queue are alive, and how many of them have done what was ordered up to
 * that version. */
struct order_heard {
    int64_t workers, applied;
};
/* `worker`: only that one counts, if it is there; NULL: all. False: printed why. */
bool order_heard(struct client *client, const struct queue_keys *keys, const char *worker,
                 int64_t version, struct order_heard *out) MUST_CHECK;

/* A worker in a queue. */
struct order_place {
    char queue[QUEUE_NAME_MAX + 1];
    char worker[WORKER_ID_MAX];
};

/*
 * Where the worker `name` works, among these queues: its id, or host and pid alone, which are those
 * of one process. malloc'd, yours; *count 0: nowhere. False: printed why.
 */
bool order_find_worker(struct client *client, const struct queue_list *queues, const char *name,
                       struct order_place **places, size_t *count) MUST_CHECK;

#endif
