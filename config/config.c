/*
 * config: where values come from, in which order, and what must hold between them.
 */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "config/loader.h"
#include "config/login.h"
#include "config/origin.h"

static void free_queue(struct queue_conf *queue)
{
    free(queue->name);
    handler_conf_free(&queue->handler);
    for (size_t i = 0; i < queue->route_count; i++)
        handler_conf_free(&queue->routes[i]);
    free(queue->routes);
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->queue_count; i++)
        free_queue(&config->queues[i]);
    free(config->queues);
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == OPTION_GLOBAL)
            option_free(&option_table[i], config);
    }
    free(config);
}

const struct handler_conf *config_handler(const struct queue_conf *queue, struct slice type)
{
    for (size_t i = 0; type.ptr != NULL && i < queue->route_count; i++) {
        if (slice_equal(type, slice_of(queue->routes[i].type)))
            return &queue->routes[i];
    }
    return queue->handler.kind != HANDLER_NONE ? &queue->handler : NULL;
}

const struct queue_conf *config_queue(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->queue_count; i++) {
        if (strcmp(config->queues[i].name, name) == 0)
            return &config->queues[i];
    }
    return NULL;
}

static void set_defaults(struct config *config)
{
    char error[OPTION_ERROR_MAX];

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_GLOBAL && option->initial != NULL)
            CHECK(option_set(option, config, option->initial, error));
    }
}

/* The command line, or REDIS_URL if nobody else says where Redis is. */
static void read_url(struct loader *loader, const char *command_line, struct buf *errors)
{
    const struct option *url = option_find(OPTION_GLOBAL, "redis.url");
    const char *common = origin_variable("REDIS_URL");
    bool given = loader->given[url - option_table] != NULL || origin_is_environment(url->path);

    if (command_line != NULL)
        origin_set(loader, url, command_line, "--redis", errors);
    else if (!given && common != NULL)
        origin_set(loader, url, common, "REDIS_URL (in the environment)", errors);
}

static bool is_broken(const struct loader *loader, const char *path)
{
    return loader->broken[option_find(OPTION_GLOBAL, path) - option_table];
}

static bool is_given(const struct loader *loader, const char *path)
{
    return origin_is_environment(path) || loader_given(loader, OPTION_GLOBAL, path) != NULL;
}

/* What must hold between options, as far as they have values. */
static void check(struct loader *loader, const struct config_source *source, struct buf *errors)
{
    struct config *config = loader->config;

    if (source->endpoint != NULL) /* a login of the file is for another server */
        config->redis = *source->endpoint;
    else if (!is_broken(loader, "redis.url"))
        login_make(loader, source->redis_url != NULL, errors);
    if (config->pool_min > config->pool_max && !is_given(loader, "pool.min"))
        config->pool_min = config->pool_max; /* only max was said */
    if (config->pool_min > config->pool_max && !is_broken(loader, "pool.min") &&
        !is_broken(loader, "pool.max"))
        origin_fault(loader, errors, is_given(loader, "pool.max") ? "pool.max" : "pool.min",
                     "pool.min (%u) is more than pool.max (%u)", config->pool_min,
                     config->pool_max);
}

static void read_all(struct config *config, const struct config_source *source, struct buf *errors)
{
    struct yaml_file file = {0};
    struct loader loader = {.config = config};
    bool read = source->path == NULL;

    set_defaults(config);
    if (source->path != NULL && yaml_file_load(&file, source->path, errors)) {
        loader.file = &file;
        loader_read(&loader);
        read = true;
    }
    origin_read_environment(&loader, errors);
    read_url(&loader, source->redis_url, errors);
    if (read) /* else what is missing may stand in the file */
        check(&loader, source, errors);
    if (loader.file != NULL)
        yaml_file_free(loader.file);
}

static struct config *config_new(void)
{
    struct config *config = calloc(1, sizeof(*config));

    if (config != NULL)
        config->queues = calloc(CONFIG_QUEUES_MAX, sizeof(*config->queues));
    if (config != NULL && config->queues != NULL)
        return config;
    config_free(config);
    return NULL;
}

struct config *config_load(const struct config_source *source, struct buf *errors)
{
    struct config *config = config_new();
    size_t before = errors->len;

    if (config == NULL) {
        buf_append_str(errors, "no memory\n");
        return NULL;
    }
    read_all(config, source, errors);
    if (errors->len == before && !errors->failed)
        return config;
    config_free(config);
    return NULL;
}
