#include <string.h>

#include "config/config.h"
#include "config/option.h"

/* Which of a handler's options say nothing, given the others: what its kind has not, and what is
 * as nobody touched it. */
static bool is_idle(const struct option *option, const struct handler_conf *handler)
{
    struct handler_conf initial = {0};
    char error[OPTION_ERROR_MAX];
    bool sleeps = handler->kind == HANDLER_BUILTIN && handler->builtin == BUILTIN_SLEEP;
    bool fails = handler->kind == HANDLER_BUILTIN && handler->builtin == BUILTIN_FAIL;

    if ((option->kinds & 1u << handler->kind) == 0)
        return true;
    if (strcmp(option->path, "handler.sleep") == 0 && sleeps)
        return false;
    if (strcmp(option->path, "handler.times") == 0 && fails)
        return false;
    if (option->initial == NULL)
        return false;
    CHECK(option_set(option, &initial, option->initial, error));
    return option_equal(option, handler, &initial);
}

/* One option, as `path` below `indent`, under its section's line if that was not written yet. */
static void render_option(const struct option *option, const char *path, const void *base,
                          const char *indent, struct slice *section, struct buf *out)
{
    struct buf value = {0};
    const char *dot = strchr(path, '.');
    struct slice own = {path, dot != NULL ? (size_t)(dot - path) : 0};

    if (option_render(option, base, &value) && !value.failed) {
        if (own.len > 0 && !slice_equal(own, *section))
            buf_printf(out, "%s%.*s:\n", indent, (int)own.len, own.ptr);
        *section = own;
        buf_printf(out, "%s%s%s: %s\n", indent, own.len > 0 ? "  " : "",
                   dot != NULL ? dot + 1 : path, value.data);
    }
    buf_free(&value);
}

static void render_handler(const struct handler_conf *handler, const char *indent, struct buf *out)
{
    struct slice section = {0};

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_HANDLER && !is_idle(option, handler))
            render_option(option, option->path + strlen("handler."), handler, indent, &section,
                          out);
    }
}

static void render_handlers(const struct queue_conf *queue, struct buf *out)
{
    if (queue->handler.kind != HANDLER_NONE) {
        buf_append_str(out, "    handler:\n");
        render_handler(&queue->handler, "      ", out);
    }
    if (queue->route_count > 0)
        buf_append_str(out, "    routes:\n");
    for (size_t i = 0; i < queue->route_count; i++) {
        buf_append_str(out, "      ");
        option_render_key(out, queue->routes[i].type);
        buf_append_str(out, ":\n");
        render_handler(&queue->routes[i], "        ", out);
    }
}

static void render_queue(const struct queue_conf *queue, struct buf *out)
{
    struct slice section = {0};

    buf_append_str(out, "  ");
    option_render_key(out, queue->name);
    buf_append_str(out, ":\n");
    render_handlers(queue, out);
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        bool listed =
            strcmp(option->path, "retry.backoff") == 0 && queue->retry.backoff == BACKOFF_LIST;
        if (option->scope == OPTION_QUEUE && !listed)
            render_option(option, option->path, queue, "    ", &section, out);
    }
}

void config_render(const struct config *config, struct buf *out)
{
    struct slice section = {0};

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_GLOBAL)
            render_option(option, option->path, config, "", &section, out);
    }
    if (config->queue_count > 0)
        buf_append_str(out, "queues:\n");
    for (size_t i = 0; i < config->queue_count; i++)
        render_queue(&config->queues[i], out);
}
