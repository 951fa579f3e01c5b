/*
 * fleet: what all queues and workers look like now, for /metrics, the API and `navvy top`: one
 * pipelined read, one small script for each queue, so that it costs as little with a million jobs
 * as with none. The figures of a queue are of one instant, and its books balance; queues are read
 * one after the other.
 *
 * A queue that cannot be read does not hide the others: it says why in `fault`, and a key of a
 * wrong type in `wrong_types`.
 */
#ifndef ADMIN_VIEW_FLEET_H
#define ADMIN_VIEW_FLEET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/queue_list.h"
#include "admin/snapshot.h"
#include "admin/worker_table.h"
#include "base/check.h"
#include "config/config.h"
#include "redis/client.h"
#include "redis/server.h"

enum {
    FLEET_WORKERS_MAX = 1000, /* named of one queue; all are counted */
    FLEET_FAULT_MAX = 160,
    FLEET_LEVEL_MAX = 16,
};

struct fleet_counters {
#define FLEET_COUNTER(name) int64_t name;
    SNAPSHOT_COUNTERS(FLEET_COUNTER)
#undef FLEET_COUNTER
};

struct fleet_queue {
    char name[QUEUE_NAME_MAX + 1];
    const struct queue_conf *conf; /* NULL: it is not in the configuration */
    char fault[FLEET_FAULT_MAX];   /* not empty: it could not be read, all figures are 0 */
    uint32_t wrong_types;          /* a bit for each enum queue_key of another type */
    bool paused;
    int64_t queue, stage, ready; /* lists: together they wait */
    int64_t held;                /* by the books, also by the dead */
    int64_t retry, scheduled, dlq;
    int64_t retry_due, scheduled_due; /* of these, overdue: nobody has taken them yet */
    int64_t oldest_ms;                /* age of what is taken next; -1: it does not say */
    int64_t alive, expired, dying;    /* workers: with a lease; it is over; being recovered */
    struct fleet_counters counters;   /* ever, of all workers */
    int64_t control_version;          /* of live control; 0: nothing was ever ordered */
    int64_t concurrency;              /* ordered; -1: not */
    char log_level[FLEET_LEVEL_MAX];  /* ordered; "": not */
    /* FLEET_WORKERS: */
    size_t first_worker, worker_count; /* in fleet.worker */
    size_t applied;                    /* of these, how many have applied control_version */
};

/* One worker in one queue. */
struct fleet_worker {
    char id[WORKER_ID_MAX];
    size_t queue; /* in fleet.queue */
    enum worker_state state;
    int64_t lease_ms; /* until it is over; less than 0: since; of the dying: 0 */
    int64_t held;
    json_t *status; /* what it says of itself, an object; NULL: nothing, or nothing readable */
};

struct fleet {
    int64_t at_wall_ms; /* by Redis */
    int64_t rtt_us;     /* of one small command */
    bool server_known;  /* false: no right to INFO, the next three are empty */
    struct server_facts server;
    int64_t used_memory_bytes, maxmemory_bytes; /* 0: no limit */
    struct fleet_queue *queue;
    size_t queue_count;
    struct fleet_worker *worker;
    size_t worker_count;
};

enum fleet_depth { FLEET_QUEUES, FLEET_WORKERS };

/*
 * The queues of `names`. `config`: says which are configured; borrowed as long as the fleet lives.
 * False: Redis does not answer, or no memory; printed why, nothing to free.
 */
bool fleet_read(struct client *client, const struct config *config, const struct queue_list *names,
                enum fleet_depth depth, struct fleet *out) MUST_CHECK;
void fleet_free(struct fleet *fleet);

int64_t fleet_queue_waiting(const struct fleet_queue *queue);
/* What workers have to do now: waiting, held, and due although nobody has taken it. */
int64_t fleet_queue_backlog(const struct fleet_queue *queue);

/*
 * What is wrong with the queue, in words for people, worst first: calls `each` with a short name,
 * one of FLEET_TROUBLE_NAMES, and a sentence.
 */
#define FLEET_TROUBLE_NAMES                                                                        \
    "unreadable", "quarantined", "dlq_full", "no_worker", "recovering", "expired", "paused"
typedef void fleet_each_trouble(const char *name, const char *words, void *arg);
void fleet_queue_trouble(const struct fleet_queue *queue, fleet_each_trouble *each, void *arg);

#endif
