/*
 * loader_handler: what a queue's `handler:` says, and each of its `routes:`; of which kind it is
 * follows from the one option that names it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/loader.h"
#include "config/program_path.h"

static const yaml_node_t *given(const struct loader *loader, const char *path)
{
    return loader_given(loader, OPTION_HANDLER, path);
}

static const yaml_node_t *given_kind(const struct loader *loader, enum handler_kind kind)
{
    char path[YAML_PATH_MAX];
    (void)snprintf(path, sizeof path, "handler.%s", handler_kind_name(kind));
    return given(loader, path);
}

/* The one kind that is named; HANDLER_NONE: none or more than one, the fault is noted. */
static enum handler_kind find_kind(struct loader *loader, const yaml_node_t *node,
                                   const char *shown)
{
    enum handler_kind found = HANDLER_NONE;
    char text[OPTION_ERROR_MAX];

    for (enum handler_kind kind = HANDLER_NONE + 1; kind < HANDLER_KIND_COUNT; kind++) {
        if (given_kind(loader, kind) == NULL)
            continue;
        if (found != HANDLER_NONE) {
            (void)snprintf(text, sizeof text, "has both %s and %s; leave one of them out",
                           handler_kind_name(kind), handler_kind_name(found));
            yaml_fault(loader->file, given_kind(loader, found), shown, "%s", text);
            return HANDLER_NONE;
        }
        found = kind;
    }
    if (found == HANDLER_NONE)
        yaml_fault(loader->file, node, shown,
                   "says of no handler; one of builtin, exec, child, http, plugin is wanted");
    return found;
}

/* What only other kinds have is a slip. */
static void check_fit(struct loader *loader, enum handler_kind kind, const char *shown)
{
    char text[OPTION_ERROR_MAX];

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope != OPTION_HANDLER || loader->given[i] == NULL ||
            (option->kinds & 1u << kind) != 0)
            continue;
        (void)snprintf(text, sizeof text, "is nothing that %s handlers have",
                       handler_kind_name(kind));
        loader_fault_below(loader, loader->given[i], shown, option->path + strlen("handler."),
                           text);
    }
}

static void check_program(struct loader *loader, const struct handler_conf *handler,
                          const char *shown)
{
    char *const *program = handler_conf_program(handler);
    const char *kind = handler_kind_name(handler->kind);
    char text[OPTION_ERROR_MAX];

    if (program == NULL || program_path_found(program[0]))
        return;
    (void)snprintf(text, sizeof text, "\"%.200s\" is not an executable program%s", program[0],
                   strchr(program[0], '/') != NULL ? "" : " in PATH");
    loader_fault_below(loader, given_kind(loader, handler->kind), shown, kind, text);
}

static void check_url(struct loader *loader, const struct handler_conf *handler, const char *shown)
{
    const char *url = handler->http;

    if (handler->kind != HANDLER_HTTP || strncasecmp(url, "http://", 7) == 0 ||
        strncasecmp(url, "https://", 8) == 0)
        return;
    loader_fault_below(loader, given(loader, "handler.http"), shown, "http",
                       "is no URL that begins with http:// or https://");
}

static void initial_handler(struct handler_conf *handler)
{
    char error[OPTION_ERROR_MAX];

    *handler = (struct handler_conf){0};
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_HANDLER && option->initial != NULL)
            CHECK(option_set(option, handler, option->initial, error));
    }
}

static void read_one(struct loader *loader, const yaml_node_t *node, struct handler_conf *handler,
                     const char *shown)
{
    struct place place = {OPTION_HANDLER, handler, "handler", shown};
    size_t faults = loader->file->faults;

    initial_handler(handler);
    loader_forget_given(loader, OPTION_HANDLER);
    loader_read_place(loader, node, &place);
    if (loader->file->faults > faults)
        return; /* it may only look as if something were missing */
    handler->kind = find_kind(loader, node, shown);
    if (handler->kind == HANDLER_NONE)
        return;
    check_fit(loader, handler->kind, shown);
    check_program(loader, handler, shown);
    check_url(loader, handler, shown);
}

/* Each queue has its own; one for all would be a surprise. */
static bool refused_in_defaults(struct loader *loader, const yaml_node_t *node, const char *shown)
{
    if (loader->in_defaults)
        yaml_fault(loader->file, node, shown, "each queue has a handler of its own");
    return loader->in_defaults;
}

void loader_read_handler(struct loader *loader, const yaml_node_t *node, struct queue_conf *queue,
                         const char *shown)
{
    if (!yaml_is_nothing(node) && !refused_in_defaults(loader, node, shown))
        read_one(loader, node, &queue->handler, shown);
}

static void read_route(struct loader *loader, const yaml_node_pair_t *pair, const char *type,
                       struct queue_conf *queue, const char *routes)
{
    const yaml_node_t *key = yaml_file_node(loader->file, pair->key);
    struct handler_conf *route = &queue->routes[queue->route_count];
    char shown[YAML_PATH_MAX];

    (void)snprintf(shown, sizeof shown, "%.150s.%.100s", routes, type);
    if (queue->route_count == CONFIG_ROUTES_MAX) {
        yaml_fault(loader->file, key, routes, "more than %d routes", CONFIG_ROUTES_MAX);
        return;
    }
    if (type[0] == 0 || strlen(type) > CONFIG_TYPE_MAX) {
        yaml_fault(loader->file, key, shown, "a type has 1 to %d bytes", CONFIG_TYPE_MAX);
        return;
    }
    read_one(loader, yaml_file_node(loader->file, pair->value), route, shown);
    route->type = strdup(type);
    if (route->type == NULL)
        yaml_fault(loader->file, key, shown, "no memory");
    queue->route_count++;
}

void loader_read_routes(struct loader *loader, const yaml_node_t *node, struct queue_conf *queue,
                        const char *shown)
{
    if (yaml_is_nothing(node) || refused_in_defaults(loader, node, shown) ||
        !loader_is_mapping(loader, node, shown))
        return;
    queue->routes = calloc(CONFIG_ROUTES_MAX, sizeof(*queue->routes));
    if (queue->routes == NULL) {
        yaml_fault(loader->file, node, shown, "no memory");
        return;
    }
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const char *type = loader_key(loader, node, pair, shown);
        if (type != NULL)
            read_route(loader, pair, type, queue, shown);
    }
}
