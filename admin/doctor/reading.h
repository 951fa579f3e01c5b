/*
 * reading: how the facts come from Redis. What this user may not ask is written down as not read;
 * the rest is read all the same. Each returns false if the connection is gone.
 */
#ifndef ADMIN_DOCTOR_READING_H
#define ADMIN_DOCTOR_READING_H

#include <stdbool.h>

#include "admin/doctor/facts.h"
#include "admin/queue_list.h"
#include "base/check.h"
#include "redis/client.h"

/* The reply if it is an answer, yours; else NULL, and `what` was not read. */
struct reply *reading_of(struct facts *facts, const char *what, struct reply *reply) MUST_CHECK;

/* INFO, CONFIG GET, the clock, round trips, SLOWLOG, LATENCY, CLIENT LIST. */
bool reading_server(struct client *client, struct facts *facts) MUST_CHECK;
/* How much memory is in use, and how much after `look_ms`. */
bool reading_trend(struct client *client, struct facts *facts, int64_t look_ms) MUST_CHECK;

/* Looks at the names of up to `keys_max` keys (reading_walk.c): adds queues to the list, remembers
 * who holds jobs, and takes samples of fingerprints. */
struct walk;
struct walk *reading_walk(struct client *client, struct facts *facts, struct queue_list *queues,
                          int64_t keys_max) MUST_CHECK; /* NULL: no memory, or gone; yours */
void walk_free(struct walk *walk);

/* Each queue of the list; `walk` may be NULL. */
bool reading_queues(struct client *client, struct facts *facts, const struct queue_list *queues,
                    const struct walk *walk) MUST_CHECK;

/* The rights for the configured queues, or for those that were found. */
bool reading_rights(struct client *client, struct facts *facts) MUST_CHECK;

/* Fingerprints of the walk's sample; after the queues. */
bool reading_fingerprints(struct client *client, struct facts *facts,
                          const struct walk *walk) MUST_CHECK;

#endif
