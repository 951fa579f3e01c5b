/*
 * config: where values come from, in which order, and what must hold between them.
 */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/loader.h"

static void free_argv(char **argv)
{
    for (char **arg = argv; arg != NULL && *arg != NULL; arg++)
        free(*arg);
    free(argv);
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->queue_count; i++) {
        free(config->queues[i].name);
        free_argv(config->queues[i].handler.argv);
    }
    free(config->queues);
    free(config->redis_url);
    free(config->redis_user);
    free(config->redis_password);
    free(config->redis_password_file);
    free(config);
}

const struct queue_conf *config_queue(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->queue_count; i++) {
        if (strcmp(config->queues[i].name, name) == 0)
            return &config->queues[i];
    }
    return NULL;
}

static void set_from(struct config *config, const struct option *option, const char *name,
                     const char *value, struct buf *errors)
{
    char error[OPTION_ERROR_MAX];
    if (value != NULL && !option_set(option, config, value, error))
        buf_printf(errors, "%s (in the environment): %s\n", name, error);
}

static void set_defaults(struct config *config, struct buf *errors)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_GLOBAL)
            set_from(config, option, option->path, option->initial, errors);
    }
    set_from(config, option_find(OPTION_GLOBAL, "redis.url"), "REDIS_URL", getenv("REDIS_URL"),
             errors);
}

static void read_environment(struct config *config, struct buf *errors)
{
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->env != NULL)
            set_from(config, option, option->env, getenv(option->env), errors);
    }
}

static void read_file(struct config *config, const char *path, struct buf *errors)
{
    struct yaml_file file;
    struct loader loader = {.config = config, .file = &file};

    if (!yaml_file_load(&file, path, errors))
        return;
    loader_read(&loader);
    yaml_file_free(&file);
}

/* The first line of a secret's file, without its end. */
static bool read_secret(const char *path, char out[ENDPOINT_TEXT_MAX], struct buf *errors)
{
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(out, ENDPOINT_TEXT_MAX, file) != NULL;

    if (!read)
        buf_printf(errors, "redis.password_file: %s cannot be read: %s\n", path,
                   file == NULL ? strerror(errno) : "it is empty");
    else
        out[strcspn(out, "\r\n")] = 0;
    if (file != NULL)
        (void)fclose(file);
    return read;
}

static void put_word(char out[ENDPOINT_TEXT_MAX], const char *what, const char *word,
                     struct buf *errors)
{
    if (word == NULL)
        return;
    if (strlen(word) >= ENDPOINT_TEXT_MAX)
        buf_printf(errors, "redis.%s: longer than %d bytes\n", what, ENDPOINT_TEXT_MAX - 1);
    else
        (void)snprintf(out, ENDPOINT_TEXT_MAX, "%s", word);
}

static void make_endpoint(struct config *config, const struct endpoint *given, struct buf *errors)
{
    char error[ENDPOINT_ERROR_MAX];

    if (given != NULL) { /* a login of the file is for another server */
        config->redis = *given;
        return;
    }
    if (!endpoint_parse(config->redis_url, &config->redis, error)) {
        buf_printf(errors, "redis.url: %s\n", error);
        return;
    }
    if (config->redis_db != 0)
        config->redis.db = (int)config->redis_db;
    put_word(config->redis.user, "user", config->redis_user, errors);
    put_word(config->redis.password, "password", config->redis_password, errors);
    if (config->redis_password_file != NULL)
        (void)read_secret(config->redis_password_file, config->redis.password, errors);
}

static void check(const struct config *config, struct buf *errors)
{
    if (config->pool_min > config->pool_max)
        buf_printf(errors, "pool: min (%u) is more than max (%u)\n", config->pool_min,
                   config->pool_max);
}

struct config *config_load(const struct config_source *source, struct buf *errors)
{
    struct config *config = calloc(1, sizeof(*config));
    const struct option *url = option_find(OPTION_GLOBAL, "redis.url");

    if (config != NULL)
        config->queues = calloc(CONFIG_QUEUES_MAX, sizeof(*config->queues));
    if (config == NULL || config->queues == NULL) {
        buf_append_str(errors, "no memory\n");
        config_free(config);
        return NULL;
    }
    size_t before = errors->len;
    set_defaults(config, errors);
    if (source->path != NULL)
        read_file(config, source->path, errors);
    read_environment(config, errors);
    set_from(config, url, "--redis", source->redis_url, errors);
    if (errors->len == before)
        make_endpoint(config, source->endpoint, errors);
    if (errors->len == before)
        check(config, errors);
    if (errors->len == before && !errors->failed)
        return config;
    config_free(config);
    return NULL;
}
