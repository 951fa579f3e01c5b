#include "base/log_scope.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static struct log_scope *scopes[LOG_SCOPES_MAX];
static size_t count;
static int whole = LOG_INFO;
static struct log_scope spare = {LOG_INFO, LOG_LEVEL_UNSAID, LOG_LEVEL_UNSAID, "?"};

static void settle(struct log_scope *scope)
{
    int level = scope->ordered != LOG_LEVEL_UNSAID      ? scope->ordered
                : scope->configured != LOG_LEVEL_UNSAID ? scope->configured
                                                        : whole;
    atomic_store_explicit(&scope->level, level, memory_order_relaxed);
}

static struct log_scope *find(const char *queue)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(scopes[i]->name, queue) == 0)
            return scopes[i];
    }
    return NULL;
}

/* Without memory, or room, some queues share one. */
static struct log_scope *make(const char *queue)
{
    struct log_scope *scope = count < LOG_SCOPES_MAX ? calloc(1, sizeof(*scope)) : NULL;

    if (scope == NULL)
        return &spare;
    scope->configured = scope->ordered = LOG_LEVEL_UNSAID;
    (void)snprintf(scope->name, sizeof scope->name, "%s", queue);
    settle(scope);
    scopes[count++] = scope;
    return scope;
}

struct log_scope *log_scope_of(const char *queue)
{
    (void)pthread_mutex_lock(&mutex);
    struct log_scope *scope = find(queue);
    if (scope == NULL)
        scope = make(queue);
    (void)pthread_mutex_unlock(&mutex);
    return scope;
}

static void change(struct log_scope *scope, int *field, int level)
{
    (void)pthread_mutex_lock(&mutex);
    *field = level;
    settle(scope);
    (void)pthread_mutex_unlock(&mutex);
}

void log_scope_configure(struct log_scope *scope, int level)
{
    change(scope, &scope->configured, level);
}

void log_scope_order(struct log_scope *scope, int level)
{
    change(scope, &scope->ordered, level);
}

void log_scopes_follow(int level)
{
    (void)pthread_mutex_lock(&mutex);
    whole = level;
    for (size_t i = 0; i < count; i++)
        settle(scopes[i]);
    settle(&spare);
    (void)pthread_mutex_unlock(&mutex);
}
