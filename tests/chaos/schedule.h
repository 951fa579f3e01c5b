/*
 * schedule: what chaos does at each step, from nothing but the seed. Pure: step 17 of seed 4 is the
 * same on every machine, whatever the steps before it met.
 */
#ifndef CHAOS_SCHEDULE_H
#define CHAOS_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* name, how often, at least and at most so many steps until it is undone, what it is */
#define ACTS(X)                                                                                    \
    X(calm, 10, 0, 0, "nothing")                                                                   \
    X(kill, 8, 0, 20, "kill -9 of a worker; its host is away for a while")                         \
    X(crash, 14, 0, 0, "a worker that dies at a fault point")                                      \
    X(freeze, 6, 2, 22, "SIGSTOP of a worker, at times for longer than its lease")                 \
    X(term, 5, 0, 8, "SIGTERM of a worker")                                                        \
    X(term_twice, 3, 0, 8, "SIGTERM twice")                                                        \
    X(reload, 4, 0, 0, "SIGHUP with another configuration")                                        \
    X(cut_request, 6, 0, 0, "a connection ends before a call reaches Redis")                       \
    X(cut_reply, 10, 0, 0, "a connection ends between a call and its reply")                       \
    X(cut_inside, 6, 0, 0, "a connection ends in the middle of a reply")                           \
    X(hold_reply, 5, 1, 12, "a reply that is late")                                                \
    X(cut_all, 3, 0, 0, "all connections of a worker end")                                         \
    X(partition, 4, 2, 22, "nothing gets from a worker to Redis and back, and nobody is told")     \
    X(client_kill, 4, 0, 0, "CLIENT KILL TYPE normal")                                             \
    X(flush, 4, 0, 0, "SCRIPT FLUSH")                                                              \
    X(memory, 4, 1, 10, "maxmemory is reached")                                                    \
    X(read_only, 3, 1, 8, "REPLICAOF")                                                             \
    X(clients, 3, 1, 8, "maxclients is reached, and all are thrown out")                           \
    X(pause, 3, 1, 15, "CLIENT PAUSE WRITE")                                                       \
    X(replicas, 3, 1, 15, "min-replicas-to-write is not met")                                      \
    X(busy, 3, 1, 12, "somebody's endless script")                                                 \
    X(redis_freeze, 4, 1, 18, "SIGSTOP of Redis, at times for longer than a lease")                \
    X(redis_kill, 4, 0, 8, "kill -9 of Redis")                                                     \
    X(redis_restart, 3, 0, 5, "SIGTERM of Redis")                                                  \
    X(dlq_retry, 8, 0, 0, "navvy dlq retry of what is dead")                                       \
    X(queue_pause, 3, 1, 8, "navvy pause, and resume")

#define ACT_ENUM(name, weight, min, max, text) ACT_##name,
enum act { ACTS(ACT_ENUM) ACT_COUNT };

const char *act_name(enum act act);
const char *act_text(enum act act);

/* Random numbers of one step: splitmix64 (Steele et al., 2014). */
struct dice {
    uint64_t state;
};

struct dice dice_of(uint64_t seed, uint64_t step);
unsigned dice_roll(struct dice *dice, unsigned sides); /* 0 to sides - 1 */

struct step {
    unsigned number; /* 1, 2... */
    enum act act;
    unsigned worker;
    unsigned length;  /* undone so many steps later */
    const char *call; /* of a cut */
    unsigned nth;     /* of that call, or of the fault point */
    unsigned point;   /* enum fault_point */
    unsigned deaths;  /* in a row */
    unsigned pause_ms;
    struct dice jobs; /* for what is pushed meanwhile */
};

struct step schedule_step(uint64_t seed, unsigned number, unsigned workers);

/* One line, without its end. */
void step_format(const struct step *step, char *out, size_t size);

#endif
