#include <string.h>

#include "config/config.h"
#include "config/option.h"

static bool is_initial(const struct option *option, const struct queue_conf *queue)
{
    struct queue_conf initial = {0};
    char error[OPTION_ERROR_MAX];

    CHECK(option_set(option, &initial, option->initial, error));
    return option_equal(option, queue, &initial);
}

/* Which of a queue's options say nothing, given the others, and are as nobody touched them. */
static bool is_idle(const struct option *option, const struct queue_conf *queue)
{
    const struct handler_conf *handler = &queue->handler;
    bool builtin = handler->kind == HANDLER_BUILTIN;
    bool sleeps = builtin && handler->builtin == BUILTIN_SLEEP;
    bool fails = builtin && handler->builtin == BUILTIN_FAIL;

    if (strcmp(option->path, "handler.builtin") == 0)
        return !builtin;
    if (strcmp(option->path, "handler.sleep") == 0)
        return !sleeps && is_initial(option, queue);
    if (strcmp(option->path, "handler.times") == 0)
        return !fails && is_initial(option, queue);
    return strcmp(option->path, "retry.backoff") == 0 && queue->retry.backoff == BACKOFF_LIST;
}

/* One option, under its section's line if that was not written yet. */
static void render_option(const struct option *option, const void *base, const char *indent,
                          struct slice *section, struct buf *out)
{
    struct buf value = {0};
    const char *dot = strchr(option->path, '.');
    struct slice own = {option->path, dot != NULL ? (size_t)(dot - option->path) : 0};

    if (option_render(option, base, &value) && !value.failed) {
        if (own.len > 0 && !slice_equal(own, *section))
            buf_printf(out, "%s%.*s:\n", indent, (int)own.len, own.ptr);
        *section = own;
        buf_printf(out, "%s%s%s: %s\n", indent, own.len > 0 ? "  " : "",
                   dot != NULL ? dot + 1 : option->path, value.data);
    }
    buf_free(&value);
}

static void render_queue(const struct queue_conf *queue, struct buf *out)
{
    struct slice section = {0};

    buf_append_str(out, "  ");
    option_render_key(out, queue->name);
    buf_append_str(out, ":\n");
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_QUEUE && !is_idle(option, queue))
            render_option(option, queue, "    ", &section, out);
    }
}

void config_render(const struct config *config, struct buf *out)
{
    struct slice section = {0};

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope == OPTION_GLOBAL)
            render_option(option, config, "", &section, out);
    }
    if (config->queue_count > 0)
        buf_append_str(out, "queues:\n");
    for (size_t i = 0; i < config->queue_count; i++)
        render_queue(&config->queues[i], out);
}
