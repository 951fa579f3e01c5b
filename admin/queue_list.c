#include "admin/queue_list.h"

#include <stdlib.h>
#include <string.h>

#include "admin/command.h"
#include "admin/keyscan.h"

static bool is_listed(const struct queue_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->name[i], name) == 0)
            return true;
    return false;
}

bool queue_list_add(struct queue_list *list, const char *name)
{
    if (is_listed(list, name))
        return true;
    char **names = NULL;
    if (list->count < QUEUE_LIST_MAX)
        names = realloc(list->name, (list->count + 1) * sizeof(*names));
    char *copy = names ? strdup(name) : NULL;
    if (names != NULL)
        list->name = names;
    if (copy == NULL)
        return command_fault(false, "no room for %zu queues", list->count + 1);
    list->name[list->count++] = copy;
    return true;
}

bool queue_list_configured(struct queue_list *list, const struct config *config)
{
    for (size_t i = 0; i < config->queue_count; i++)
        if (!queue_list_add(list, config->queues[i].name))
            return false;
    return true;
}

static bool on_meta_key(struct slice key, void *arg)
{
    char name[QUEUE_NAME_MAX + 1];
    struct slice queue;

    if (!queue_of_meta_key(key, &queue))
        return true; /* somebody else's key that looks like ours */
    memcpy(name, queue.ptr, queue.len);
    name[queue.len] = '\0';
    return queue_list_add(arg, name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void queue_list_sort(struct queue_list *list, size_t from)
{
    if (list->count > from)
        qsort(list->name + from, list->count - from, sizeof(*list->name), by_name);
}

bool queue_list_discover(struct queue_list *list, struct client *client)
{
    size_t sorted_from = list->count;
    enum keyscan_end end = keyscan(client, slice_of(QUEUE_META_PATTERN), on_meta_key, list);
    if (end == KEYSCAN_FAILED)
        return false;
    if (end == KEYSCAN_CUT)
        command_fault(COMMAND_OK, "this database has too many keys to find all queues");
    queue_list_sort(list, sorted_from);
    return true;
}

bool queue_list_read(struct queue_list *list, const struct config *config, struct client *client,
                     bool all)
{
    if (!queue_list_configured(list, config))
        return false;
    return (list->count > 0 && !all) || queue_list_discover(list, client);
}

void queue_list_free(struct queue_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->name[i]);
    free(list->name);
    *list = (struct queue_list){0};
}
