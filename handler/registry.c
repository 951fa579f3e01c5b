#include "handler/registry.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "handler/middleware.h"

struct entry {
    struct entry *next;
    char *queue;
    struct handler_conf conf; /* a copy: it may outlive the configuration that it came with */
    void *shared;
    size_t refs; /* configurations that use it; 0: closing */
};

/* The loop's. */
static struct entry *entries;

enum { CLOSE_LOOK_MS = 10 };

static const struct handler *entry_handler(const struct entry *entry)
{
    return &handler_table[entry->conf.kind];
}

static bool same_type(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct entry *entry_find(const char *queue, const struct handler_conf *conf)
{
    for (struct entry *entry = entries; entry != NULL; entry = entry->next) {
        if (entry->refs > 0 && strcmp(entry->queue, queue) == 0 &&
            same_type(entry->conf.type, conf->type) && handler_conf_equal(&entry->conf, conf))
            return entry;
    }
    return NULL;
}

static void entry_free(struct entry *entry)
{
    handler_conf_free(&entry->conf);
    free(entry->queue);
    free(entry);
}

static struct entry *entry_new(const char *queue, const struct handler_conf *conf,
                               char error[HANDLER_ERROR_MAX])
{
    struct entry *entry = calloc(1, sizeof(*entry));

    strcpy(error, "no memory");
    if (entry == NULL || !handler_conf_copy(conf, &entry->conf)) {
        free(entry);
        return NULL;
    }
    entry->queue = strdup(queue);
    if (entry->queue != NULL)
        entry->shared = entry_handler(entry)->open(entry->queue, &entry->conf, error);
    if (entry->shared == NULL) {
        entry_free(entry);
        return NULL;
    }
    entry->next = entries;
    entries = entry;
    return entry;
}

/* Names the option that is at fault: queues.email.handler.plugin, queues.email.routes.mail.http. */
static void fault(const char *queue, const struct handler_conf *conf, const char *error,
                  struct buf *errors)
{
    if (conf->type != NULL)
        buf_printf(errors, "queues.%s.routes.%s.%s: %s\n", queue, conf->type,
                   handler_kind_name(conf->kind), error);
    else
        buf_printf(errors, "queues.%s.handler.%s: %s\n", queue, handler_kind_name(conf->kind),
                   error);
}

static bool open_one(const char *queue, struct handler_conf *conf, struct buf *errors)
{
    const struct handler *handler = &handler_table[conf->kind];
    char error[HANDLER_ERROR_MAX];

    if (handler->open == NULL)
        return true;
    struct entry *entry = entry_find(queue, conf);
    if (entry != NULL && handler->keep != NULL)
        handler->keep(entry->shared);
    if (entry == NULL)
        entry = entry_new(queue, conf, error);
    if (entry == NULL) {
        fault(queue, conf, error, errors);
        return false;
    }
    entry->refs++;
    conf->opened = entry;
    return true;
}

static bool check_one(const char *queue, const struct handler_conf *conf, struct buf *errors)
{
    const struct handler *handler = &handler_table[conf->kind];
    char error[HANDLER_ERROR_MAX];

    if (handler->check == NULL || handler->check(conf, error))
        return true;
    fault(queue, conf, error, errors);
    return false;
}

/* True if it is over, and off the list. */
static bool close_one(struct entry **at, bool now)
{
    struct entry *entry = *at;

    if (entry->refs > 0 || !entry_handler(entry)->close(entry->shared, now))
        return false;
    *at = entry->next;
    entry_free(entry);
    return true;
}

static void close_unused(bool now)
{
    for (struct entry **at = &entries; *at != NULL;) {
        if (!close_one(at, now))
            at = &(*at)->next;
    }
}

static void release_one(struct handler_conf *conf)
{
    struct entry *entry = conf->opened;

    if (entry != NULL)
        entry->refs--;
    conf->opened = NULL;
}

bool registry_open_queue(struct queue_conf *queue, struct buf *errors)
{
    bool fine = open_one(queue->name, &queue->handler, errors);

    for (size_t i = 0; i < queue->route_count; i++)
        fine = open_one(queue->name, &queue->routes[i], errors) && fine;
    if (!fine)
        registry_release_queue(queue);
    return fine;
}

void registry_release_queue(struct queue_conf *queue)
{
    release_one(&queue->handler);
    for (size_t i = 0; i < queue->route_count; i++)
        release_one(&queue->routes[i]);
    close_unused(false);
}

bool registry_open(struct config *config, struct buf *errors)
{
    bool fine = middleware_open(config, errors);

    for (size_t i = 0; i < config->queue_count; i++)
        fine = registry_open_queue(&config->queues[i], errors) && fine;
    if (!fine)
        registry_release(config);
    return fine;
}

bool registry_check(const struct config *config, struct buf *errors)
{
    bool fine = middleware_check(config, errors);

    for (size_t i = 0; i < config->queue_count; i++) {
        const struct queue_conf *queue = &config->queues[i];
        fine = check_one(queue->name, &queue->handler, errors) && fine;
        for (size_t j = 0; j < queue->route_count; j++)
            fine = check_one(queue->name, &queue->routes[j], errors) && fine;
    }
    return fine;
}

void registry_release(struct config *config)
{
    for (size_t i = 0; i < config->queue_count; i++)
        registry_release_queue(&config->queues[i]);
}

void registry_tick(int64_t now_ms)
{
    close_unused(false);
    for (struct entry *entry = entries; entry != NULL; entry = entry->next) {
        if (entry->refs > 0 && entry_handler(entry)->tick != NULL)
            entry_handler(entry)->tick(entry->shared, now_ms);
    }
}

void registry_close(int64_t limit_ms)
{
    int64_t until_ms = clock_mono_ms() + limit_ms;

    close_unused(false);
    while (entries != NULL && clock_mono_ms() < until_ms) {
        poll(NULL, 0, CLOSE_LOOK_MS);
        close_unused(false);
    }
    close_unused(true);
    middleware_close();
}

void *registry_shared(const struct handler_conf *conf)
{
    const struct entry *entry = conf->opened;
    return entry != NULL ? entry->shared : NULL;
}
