#include "config/loader.h"

#include <stdio.h>
#include <string.h>

#include "config/expand.h"

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

static bool set_scalar(struct loader *loader, const yaml_node_t *node, const struct option *option,
                       void *base, const char *shown)
{
    char error[OPTION_ERROR_MAX];
    struct buf value = {0};
    const char *text = yaml_scalar(node);
    bool fine = text != NULL && expand_environment(text, &value, error) &&
                option_set(option, base, value.data, error);

    if (text == NULL && node->type == YAML_SCALAR_NODE)
        yaml_fault(loader->file, node, shown, "has a NUL byte in it");
    else if (text == NULL)
        yaml_fault(loader->file, node, shown, "is %s; a single value is wanted", yaml_kind(node));
    else if (!fine)
        yaml_fault(loader->file, node, shown, "%s", error);
    buf_free(&value);
    return fine;
}

/* Ends at the first element that is none: a list that is too long is one fault. */
static bool set_list(struct loader *loader, const yaml_node_t *node, const struct option *option,
                     void *base, const char *shown)
{
    if (node->type != YAML_SEQUENCE_NODE) {
        yaml_fault(loader->file, node, shown, "is %s; a list is wanted, as in [a, b]",
                   yaml_kind(node));
        return false;
    }
    const yaml_node_item_t *item = node->data.sequence.items.start;
    bool fine = item < node->data.sequence.items.top;
    if (!fine)
        yaml_fault(loader->file, node, shown, "is an empty list");
    option_reset_list(option, base);
    for (; fine && item < node->data.sequence.items.top; item++)
        fine = set_scalar(loader, yaml_file_node(loader->file, *item), option, base, shown);
    return fine;
}

static void set_option(struct loader *loader, const yaml_node_t *node, const struct option *option,
                       void *base, const char *shown)
{
    bool fine = option_is_list(option) ? set_list(loader, node, option, base, shown)
                                       : set_scalar(loader, node, option, base, shown);

    loader->given[option - option_table] = node;
    loader->broken[option - option_table] = !fine;
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

const char *loader_key(struct loader *loader, const yaml_node_t *mapping,
                       const yaml_node_pair_t *pair, const char *shown)
{
    const yaml_node_t *node = yaml_file_node(loader->file, pair->key);
    const char *key = yaml_scalar(node);

    if (key == NULL)
        yaml_fault(loader->file, node, shown, "a key is %s; a word is wanted",
                   node->type == YAML_SCALAR_NODE ? "a text with a NUL byte" : yaml_kind(node));
    else if (is_repeated(loader, mapping, pair, key))
        yaml_fault(loader->file, node, shown, "the key \"%.60s\" stands here twice", key);
    else
        return key;
    return NULL;
}

bool loader_is_mapping(struct loader *loader, const yaml_node_t *node, const char *shown)
{
    if (node->type != YAML_MAPPING_NODE) {
        yaml_fault(loader->file, node, shown, "is %s; a mapping is wanted, as in { key: value }",
                   yaml_kind(node));
        return false;
    }
    if (node->data.mapping.pairs.top - node->data.mapping.pairs.start <= LOADER_KEYS_MAX)
        return true;
    yaml_fault(loader->file, node, shown, "has more than %d keys", LOADER_KEYS_MAX);
    return false;
}

const yaml_node_t *loader_given(const struct loader *loader, enum option_scope scope,
                                const char *path)
{
    return loader->given[option_find(scope, path) - option_table];
}

/* Those keys of a queue that are no option. */
static bool read_special(struct loader *loader, const yaml_node_t *value, const char *key,
                         const struct place *place, const char *shown)
{
    if (place->scope != OPTION_QUEUE || place->section[0] != 0)
        return false;
    if (strcmp(key, "handler") == 0)
        loader_read_handler(loader, value, place->base, shown);
    else if (strcmp(key, "routes") == 0)
        loader_read_routes(loader, value, place->base, shown);
    else
        return false;
    return true;
}

static void read_pair(struct loader *loader, const yaml_node_pair_t *pair, const char *key,
                      const struct place *place)
{
    char path[YAML_PATH_MAX], shown[YAML_PATH_MAX];
    const yaml_node_t *value = yaml_file_node(loader->file, pair->value);

    path_join(path, place->section, key);
    path_join(shown, place->shown, key);
    if (read_special(loader, value, key, place, shown))
        return;
    bool word = key[0] != 0 && strchr(key, '.') == NULL; /* "pool.max" is a path, not a key */
    const struct option *option = word ? option_find(place->scope, path) : NULL;
    if (option != NULL) {
        set_option(loader, value, option, place->base, shown);
    } else if (word && option_is_section(place->scope, path)) {
        struct place below = {place->scope, place->base, path, shown};
        loader_read_place(loader, value, &below);
    } else {
        unknown_key(loader, yaml_file_node(loader->file, pair->key), place, key, shown);
    }
}

void loader_read_place(struct loader *loader, const yaml_node_t *node, const struct place *place)
{
    if (yaml_is_nothing(node) || !loader_is_mapping(loader, node, place->shown))
        return;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const char *key = loader_key(loader, node, pair, place->shown);
        if (key != NULL)
            read_pair(loader, pair, key, place);
    }
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
        const char *key = loader_key(loader, root, pair, "");
        if (key != NULL && strcmp(key, "queues") != 0 && strcmp(key, "defaults") != 0)
            read_pair(loader, pair, key, &place);
    }
}

void loader_read(struct loader *loader)
{
    const yaml_node_t *root = yaml_file_root(loader->file);

    if (root == NULL || yaml_is_nothing(root))
        yaml_fault(loader->file, NULL, "", "is empty; at least one queue is wanted under queues:");
    else if (loader_is_mapping(loader, root, "")) {
        read_globals(loader, root);
        loader_read_queues(loader, find_top(loader, root, "defaults"),
                           find_top(loader, root, "queues"));
    }
}
