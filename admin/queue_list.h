/*
 * queue_list: names of queues: those of the configuration, in its order, then those that Redis
 * knows of (they have a meta key), sorted.
 */
#ifndef ADMIN_QUEUE_LIST_H
#define ADMIN_QUEUE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "config/config.h"
#include "redis/client.h"

enum { QUEUE_LIST_MAX = 10000 };

struct queue_list {
    char **name; /* malloc'd, each and all */
    size_t count;
};

/* False: no memory, or QUEUE_LIST_MAX; printed. Once is enough: a name is never there twice. */
bool queue_list_add(struct queue_list *list, const char *name) MUST_CHECK;
bool queue_list_configured(struct queue_list *list, const struct config *config) MUST_CHECK;

/* By SCAN: a look at every key of the database. False: printed why. */
bool queue_list_discover(struct queue_list *list, struct client *client) MUST_CHECK;

/* The configured ones; if there are none, or `all`, also what Redis knows. False: printed why. */
bool queue_list_read(struct queue_list *list, const struct config *config, struct client *client,
                     bool all) MUST_CHECK;

/* By name, those from the `from`-th on. */
void queue_list_sort(struct queue_list *list, size_t from);

void queue_list_free(struct queue_list *list);

#endif
