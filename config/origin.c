#include "config/origin.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *origin_variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != 0 ? value : NULL;
}

bool origin_is_environment(const char *path)
{
    return origin_variable(option_find(OPTION_GLOBAL, path)->env) != NULL;
}

void origin_set(struct loader *loader, const struct option *option, const char *text,
                const char *name, struct buf *errors)
{
    char error[OPTION_ERROR_MAX];
    bool fine = option_set(option, loader->config, text, error);

    if (!fine)
        buf_printf(errors, "%s: %s\n", name, error);
    loader->broken[option - option_table] = !fine;
}

void origin_read_environment(struct loader *loader, struct buf *errors)
{
    char name[OPTION_ERROR_MAX];

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->env == NULL || origin_variable(option->env) == NULL)
            continue;
        (void)snprintf(name, sizeof name, "%s (in the environment)", option->env);
        origin_set(loader, option, origin_variable(option->env), name, errors);
    }
}

void origin_fault(const struct loader *loader, struct buf *errors, const char *path,
                  const char *fmt, ...)
{
    char text[512];
    const yaml_node_t *node = loader_given(loader, OPTION_GLOBAL, path);
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (origin_is_environment(path))
        buf_printf(errors, "%s (in the environment): %s\n", option_find(OPTION_GLOBAL, path)->env,
                   text);
    else if (node != NULL)
        yaml_fault(loader->file, node, path, "%s", text);
    else
        buf_printf(errors, "%s: %s\n", path, text);
}
