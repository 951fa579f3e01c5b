#include "config/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/expand.h"
#include "job/queue_name.h"

/* A mapping that is being read: which options may stand in it, and where they go. */
struct place {
    enum option_scope scope;
    void *base;
    const char *section; /* "", "pool", "retry" */
    const char *shown;   /* as errors call it: "queues.email.retry" */
};

static void path_join(char out[YAML_PATH_MAX], const char *left, const char *right)
{
    (void)snprintf(out, YAML_PATH_MAX, "%s%s%s", left, left[0] != 0 ? "." : "", right);
}

static void unknown_key(struct loader *loader, const yaml_node_t *node, const struct place *place,
                        const char *key, const char *shown)
{
    char near[OPTION_ERROR_MAX];
    struct buf allowed = {0};
    bool found = option_nearest(place->scope, place->section, key, near) != NULL;

    option_list(place->scope, place->section, &allowed);
    yaml_fault(loader->file, node, shown, "unknown key;%s%s%s allowed: %s",
               found ? " did you mean \"" : "", found ? near : "", found ? "\"?" : "",
               allowed.failed ? "(no memory)" : allowed.data);
    buf_free(&allowed);
}

static void set_scalar(struct loader *loader, const yaml_node_t *node, const struct option *option,
                       void *base, const char *shown)
{
    char error[OPTION_ERROR_MAX];
    struct buf value = {0};
    const char *text = yaml_scalar(node);

    if (text == NULL)
        yaml_fault(loader->file, node, shown, "is %s; a single value without NUL is wanted",
                   yaml_kind(node));
    else if (!expand_environment(text, &value, error) ||
             !option_set(option, base, value.data, error))
        yaml_fault(loader->file, node, shown, "%s", error);
    buf_free(&value);
}

static void set_list(struct loader *loader, const yaml_node_t *node, const struct option *option,
                     void *base, const char *shown)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        yaml_fault(loader->file, node, shown, "is %s; a list is wanted, as in [a, b]",
                   yaml_kind(node));
        return;
    }
    const yaml_node_item_t *item = node->data.sequence.items.start;
    if (item == node->data.sequence.items.top)
        yaml_fault(loader->file, node, shown, "is an empty list");
    for (; item < node->data.sequence.items.top; item++)
        set_scalar(loader, yaml_file_node(loader->file, *item), option, base, shown);
}

static void set_option(struct loader *loader, const yaml_node_t *node, const struct option *option,
                       void *base, const char *shown)
{
    loader->given[option - option_table] = true;
    if (option->type == OPTION_ARGV || option->type == OPTION_DURATIONS)
        set_list(loader, node, option, base, shown);
    else
        set_scalar(loader, node, option, base, shown);
}

/* Keys are few, so each is compared with those before it. */
static bool is_repeated(struct loader *loader, const yaml_node_t *mapping,
                        const yaml_node_pair_t *pair, const char *key)
{
    const yaml_node_pair_t *other = mapping->data.mapping.pairs.start;
    for (; other < pair; other++) {
        const char *text = yaml_scalar(yaml_file_node(loader->file, other->key));
        if (text != NULL && strcmp(text, key) == 0)
            return true;
    }
    return false;
}

/* The pair's key; NULL: it is none, and the fault is noted. */
static const char *read_key(struct loader *loader, const yaml_node_t *mapping,
                            const yaml_node_pair_t *pair, const char *shown)
{
    const yaml_node_t *node = yaml_file_node(loader->file, pair->key);
    const char *key = yaml_scalar(node);

    if (key == NULL)
        yaml_fault(loader->file, node, shown, "a key is %s; a word is wanted", yaml_kind(node));
    else if (is_repeated(loader, mapping, pair, key))
        yaml_fault(loader->file, node, shown, "the key \"%.60s\" stands here twice", key);
    else
        return key;
    return NULL;
}

static bool is_mapping(struct loader *loader, const yaml_node_t *node, const char *shown)
{
    if (node->type == YAML_MAPPING_NODE)
        return true;
    yaml_fault(loader->file, node, shown, "is %s; a mapping is wanted, as in { key: value }",
               yaml_kind(node));
    return false;
}

static void read_place(struct loader *loader, const yaml_node_t *node, const struct place *place);

static void read_pair(struct loader *loader, const yaml_node_pair_t *pair, const char *key,
                      const struct place *place)
{
    char path[YAML_PATH_MAX], shown[YAML_PATH_MAX];
    const yaml_node_t *value = yaml_file_node(loader->file, pair->value);

    path_join(path, place->section, key);
    path_join(shown, place->shown, key);
    const struct option *option = option_find(place->scope, path);
    if (option != NULL) {
        set_option(loader, value, option, place->base, shown);
    } else if (option_is_section(place->scope, path)) {
        struct place below = {place->scope, place->base, path, shown};
        read_place(loader, value, &below);
    } else {
        unknown_key(loader, yaml_file_node(loader->file, pair->key), place, key, shown);
    }
}

static void read_place(struct loader *loader, const yaml_node_t *node, const struct place *place)
{
    if (!is_mapping(loader, node, place->shown))
        return;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const char *key = read_key(loader, node, pair, place->shown);
        if (key != NULL)
            read_pair(loader, pair, key, place);
    }
}

static bool given(const struct loader *loader, const char *path)
{
    return loader->given[option_find(OPTION_QUEUE, path) - option_table];
}

/* Like execvp(3): a name with a slash as it is, any other along PATH. */
static bool program_exists(const char *program)
{
    const char *path = getenv("PATH");
    char candidate[4096];

    if (strchr(program, '/') != NULL)
        return access(program, X_OK) == 0;
    for (const char *at = path != NULL ? path : "/bin:/usr/bin"; *at != 0;) {
        size_t len = strcspn(at, ":");
        (void)snprintf(candidate, sizeof candidate, "%.*s/%s", (int)len, at, program);
        if (access(candidate, X_OK) == 0)
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

static void check_queue(struct loader *loader, const yaml_node_t *node,
                        const struct queue_conf *queue, const char *shown)
{
    char **argv = queue->handler.argv;
    if (argv != NULL && !program_exists(argv[0]))
        yaml_fault(loader->file, node, shown, "handler.exec: \"%s\" is not an executable program%s",
                   argv[0], strchr(argv[0], '/') != NULL ? "" : " in PATH");
    if (queue->retry.cap_ms < queue->retry.base_ms)
        yaml_fault(loader->file, node, shown, "retry.cap is shorter than retry.base");
}

static void finish_queue(struct loader *loader, const yaml_node_t *node, struct queue_conf *queue,
                         const char *shown)
{
    bool builtin = given(loader, "handler.builtin");
    bool exec = given(loader, "handler.exec");

    if (builtin == exec)
        yaml_fault(loader->file, node, shown,
                   builtin
                       ? "has two handlers; give either handler.exec or handler.builtin"
                       : "has no handler; give one, as in handler: { exec: [/usr/bin/program] }");
    queue->handler.kind = exec ? HANDLER_EXEC : HANDLER_BUILTIN;
    if (queue->retry.delays_count > 0)
        queue->retry.backoff = BACKOFF_LIST;
    check_queue(loader, node, queue, shown);
}

static void read_queue(struct loader *loader, const yaml_node_t *key_node, const char *name,
                       const yaml_node_t *node, const struct queue_conf *defaults)
{
    struct config *config = loader->config;
    char shown[YAML_PATH_MAX];
    const char *fault = queue_name_fault(slice_of(name));

    (void)snprintf(shown, sizeof shown, "queues.%.128s", name);
    if (fault != NULL) {
        yaml_fault(loader->file, key_node, shown, "this queue name %s", fault);
        return;
    }
    if (config->queue_count == CONFIG_QUEUES_MAX) {
        yaml_fault(loader->file, key_node, shown, "more than %d queues", CONFIG_QUEUES_MAX);
        return;
    }
    struct queue_conf *queue = &config->queues[config->queue_count];
    *queue = *defaults;
    queue->name = strdup(name);
    if (queue->name == NULL) {
        yaml_fault(loader->file, key_node, shown, "no memory");
        return;
    }
    config->queue_count++;
    memset(loader->given, 0, sizeof loader->given);
    struct place place = {OPTION_QUEUE, queue, "", shown};
    size_t faults = loader->file->faults;
    read_place(loader, node, &place);
    if (loader->file->faults == faults) /* else it may only look as if something were missing */
        finish_queue(loader, key_node, queue, shown);
}

static void read_queues(struct loader *loader, const yaml_node_t *node,
                        const struct queue_conf *defaults)
{
    if (!is_mapping(loader, node, "queues"))
        return;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const char *name = read_key(loader, node, pair, "queues");
        if (name != NULL)
            read_queue(loader, yaml_file_node(loader->file, pair->key), name,
                       yaml_file_node(loader->file, pair->value), defaults);
    }
}

void loader_queue_defaults(struct queue_conf *queue)
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
    read_place(loader, node, &place);
    if (given(loader, "handler.exec") || given(loader, "handler.builtin"))
        yaml_fault(loader->file, node, "defaults.handler", "each queue has a handler of its own");
    for (char **arg = defaults->handler.argv; arg != NULL && *arg != NULL; arg++)
        free(*arg);
    free(defaults->handler.argv);
    defaults->handler.argv = NULL;
    memset(loader->given, 0, sizeof loader->given);
}

/* The value of a key at the top, or NULL. */
static const yaml_node_t *find_top(struct loader *loader, const yaml_node_t *root, const char *key)
{
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
    for (; pair < root->data.mapping.pairs.top; pair++) {
        const char *text = yaml_scalar(yaml_file_node(loader->file, pair->key));
        if (text != NULL && strcmp(text, key) == 0)
            return yaml_file_node(loader->file, pair->value);
    }
    return NULL;
}

static void read_globals(struct loader *loader, const yaml_node_t *root)
{
    const struct place place = {OPTION_GLOBAL, loader->config, "", ""};
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;

    for (; pair < root->data.mapping.pairs.top; pair++) {
        const char *key = read_key(loader, root, pair, "");
        if (key != NULL && strcmp(key, "queues") != 0 && strcmp(key, "defaults") != 0)
            read_pair(loader, pair, key, &place);
    }
}

void loader_read(struct loader *loader)
{
    const yaml_node_t *root = yaml_file_root(loader->file);
    struct queue_conf defaults;

    if (root == NULL) {
        yaml_fault(loader->file, NULL, "", "is empty; at least one queue is wanted under queues:");
        return;
    }
    if (!is_mapping(loader, root, ""))
        return;
    read_globals(loader, root);
    loader_queue_defaults(&defaults);
    const yaml_node_t *node = find_top(loader, root, "defaults");
    if (node != NULL)
        read_defaults(loader, node, &defaults);
    node = find_top(loader, root, "queues");
    if (node != NULL)
        read_queues(loader, node, &defaults);
    if (loader->config->queue_count == 0 && loader->file->faults == 0)
        yaml_fault(loader->file, node, "queues", "no queue; at least one is wanted");
}
