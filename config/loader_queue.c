/*
 * loader_queue: what `defaults:` says, then each queue on top of it, and what must hold in a queue.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "config/loader.h"
#include "job/queue_name.h"

void loader_forget_given(struct loader *loader, enum option_scope scope)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == scope)
            loader->given[i] = NULL;
    }
}

static const yaml_node_t *given(const struct loader *loader, const char *path)
{
    return loader_given(loader, OPTION_QUEUE, path);
}

void loader_fault_below(struct loader *loader, const yaml_node_t *node, const char *shown,
                        const char *path, const char *what)
{
    char whole[YAML_PATH_MAX];
    (void)snprintf(whole, sizeof whole, "%.200s.%.50s", shown, path);
    yaml_fault(loader->file, node, whole, "%s", what);
}

/* A list of delays says all; without one, a backoff that is named puts aside the list of defaults.
 */
static void settle_backoff(struct loader *loader, struct retry_conf *retry, const char *shown)
{
    const yaml_node_t *delays = given(loader, "retry.delays");
    const yaml_node_t *backoff = given(loader, "retry.backoff");

    if (delays != NULL && backoff != NULL)
        loader_fault_below(loader, backoff, shown, "retry.backoff",
                           "retry.delays says every wait already; leave one of them out");
    if (delays == NULL && backoff != NULL)
        retry->delays_count = 0;
    if (retry->delays_count > 0)
        retry->backoff = BACKOFF_LIST;
}

static void check_retry(struct loader *loader, const struct retry_conf *retry, const char *shown)
{
    const yaml_node_t *base = given(loader, "retry.base"), *cap = given(loader, "retry.cap");
    const yaml_node_t *backoff = given(loader, "retry.backoff");

    if (retry->backoff == BACKOFF_LIST || retry->cap_ms >= retry->base_ms)
        return;
    if (base == NULL && cap == NULL && backoff == NULL)
        return; /* it was said of the defaults */
    char text[OPTION_ERROR_MAX], cap_text[UNITS_TEXT_MAX], base_text[UNITS_TEXT_MAX];
    (void)snprintf(text, sizeof text, "%s is shorter than retry.base, %s",
                   units_format_duration(retry->cap_ms, cap_text),
                   units_format_duration(retry->base_ms, base_text));
    loader_fault_below(loader,
                       cap != NULL    ? cap
                       : base != NULL ? base
                                      : backoff,
                       shown, "retry.cap", text);
}

/* The next free queue, as `defaults` has it; NULL: the fault is noted. */
static struct queue_conf *add_queue(struct loader *loader, const yaml_node_t *node,
                                    const char *name, const char *shown,
                                    const struct queue_conf *defaults)
{
    struct config *config = loader->config;
    struct queue_conf *queue = &config->queues[config->queue_count];
    const char *fault = queue_name_fault(slice_of(name));
    char *copy = fault == NULL ? strdup(name) : NULL;

    if (copy == NULL) {
        yaml_fault(loader->file, node, shown, "%s%s", fault != NULL ? "this queue name " : "",
                   fault != NULL ? fault : "no memory");
        return NULL;
    }
    *queue = *defaults;
    queue->name = copy;
    config->queue_count++;
    return queue;
}

static void read_queue(struct loader *loader, const yaml_node_t *key_node, const char *name,
                       const yaml_node_t *node, const struct queue_conf *defaults)
{
    char shown[YAML_PATH_MAX];
    (void)snprintf(shown, sizeof shown, "queues.%.128s", name);
    struct queue_conf *queue = add_queue(loader, key_node, name, shown, defaults);
    if (queue == NULL)
        return;

    struct place place = {OPTION_QUEUE, queue, "", shown};
    size_t faults = loader->file->faults;
    loader_forget_given(loader, OPTION_QUEUE);
    loader_read_place(loader, node, &place);
    if (loader->file->faults > faults)
        return; /* it may only look as if something were missing */
    settle_backoff(loader, &queue->retry, shown);
    check_retry(loader, &queue->retry, shown);
    if (queue->handler.kind == HANDLER_NONE && queue->route_count == 0)
        loader_fault_below(loader, key_node, shown, "handler",
                           "is missing; as in handler: { exec: [/usr/bin/program] }");
}

static void read_queues(struct loader *loader, const yaml_node_t *node,
                        const struct queue_conf *defaults)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_file_node(loader->file, pair->key);
        if (loader->config->queue_count == CONFIG_QUEUES_MAX) {
            yaml_fault(loader->file, key, "queues", "more than %d queues", CONFIG_QUEUES_MAX);
            return;
        }
        const char *name = loader_key(loader, node, pair, "queues");
        if (name != NULL)
            read_queue(loader, key, name, yaml_file_node(loader->file, pair->value), defaults);
    }
}

/* As the option table has them; nothing is allocated in it. */
static void initial_queue(struct queue_conf *queue)
{
    char error[OPTION_ERROR_MAX];

    *queue = (struct queue_conf){0};
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_QUEUE && option->initial != NULL)
            CHECK(option_set(option, queue, option->initial, error));
    }
}

/* What holds for all queues; a handler is each queue's own. */
static void read_defaults(struct loader *loader, const yaml_node_t *node,
                          struct queue_conf *defaults)
{
    struct place place = {OPTION_QUEUE, defaults, "", "defaults"};
    size_t faults = loader->file->faults;

    loader->in_defaults = true;
    loader_read_place(loader, node, &place);
    loader->in_defaults = false;
    if (loader->file->faults == faults) {
        settle_backoff(loader, &defaults->retry, "defaults");
        check_retry(loader, &defaults->retry, "defaults");
    }
}

void loader_read_queues(struct loader *loader, const yaml_node_t *defaults,
                        const yaml_node_t *queues)
{
    struct queue_conf initial;
    size_t faults = loader->file->faults;

    initial_queue(&initial);
    if (defaults != NULL)
        read_defaults(loader, defaults, &initial);
    if (queues != NULL && !yaml_is_nothing(queues) && loader_is_mapping(loader, queues, "queues"))
        read_queues(loader, queues, &initial);
    if (loader->config->queue_count == 0 && loader->file->faults == faults)
        yaml_fault(loader->file, queues, "queues", "no queue; at least one is wanted");
}
