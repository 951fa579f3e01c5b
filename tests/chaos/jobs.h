/*
 * jobs: what chaos pushes, and remembers. A payload is `kind-number`; the ledger handler does what
 * its kind says. The number is its place in the table, so the ledger and the DLQ can be read back.
 */
#ifndef CHAOS_JOBS_H
#define CHAOS_JOBS_H

#include <stdbool.h>

#include "base/slice.h"
#include "redis/keys.h"
#include "tests/chaos/schedule.h"
#include "tests/support/redis_server.h"

/* name, ledger handler or built in, with fingerprints, its part of the configuration */
#define CHAOS_QUEUES(X)                                                                            \
    X(orders, true, true, "handler: { exec: [\"%s\", \"%s\"] }, idempotency: { ttl: 24h }")        \
    X(mail, true, false, "handler: { exec: [\"%s\", \"%s\"] }, idempotency: { ttl: 0 }")           \
    X(fast, false, true, "handler: { builtin: noop }")                                             \
    X(flaky, false, false, "handler: { builtin: fail, times: 2 }, idempotency: { ttl: 0 }")

#define CHAOS_QUEUE_ENUM(name, ledger, once, conf) QUEUE_##name,
enum chaos_queue { CHAOS_QUEUES(CHAOS_QUEUE_ENUM) CHAOS_QUEUE_COUNT };

struct chaos_queue_row {
    const char *name;
    bool ledger, once;
    const char *conf;
};
extern const struct chaos_queue_row chaos_queues[CHAOS_QUEUE_COUNT];

/* "navvy:{orders}:retry" */
const char *chaos_key(enum chaos_queue queue, enum queue_key key);

struct chaos_job {
    enum chaos_queue queue;
    const char *kind;
    unsigned pushes; /* of the same payload */
};

struct chaos_jobs {
    struct chaos_job *job;
    size_t count, cap;
    int64_t pushed[CHAOS_QUEUE_COUNT]; /* elements that Redis has confirmed */
};

/* Some jobs: pushed, pushed again, scheduled. Redis must take writes. */
void jobs_push_some(struct chaos_jobs *jobs, struct redis_server *server, struct dice dice);
void jobs_free(struct chaos_jobs *jobs);

/* The number in `kind-number...`; false: no payload of ours. */
bool jobs_find(const struct chaos_jobs *jobs, struct slice payload, size_t *number);

#endif
