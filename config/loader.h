/*
 * loader: walks the YAML tree along the option table. It never goes deeper than the table does and
 * refuses mappings and lists that are longer than any need be, so no file, however nested or
 * aliased, makes it work long.
 */
#ifndef CONFIG_LOADER_H
#define CONFIG_LOADER_H

#include "config/config.h"
#include "config/option.h"
#include "config/yaml_file.h"

enum { LOADER_KEYS_MAX = 256 }; /* of one mapping; more than CONFIG_QUEUES_MAX */

struct loader {
    struct config *config;
    struct yaml_file *file; /* NULL: there is none */
    /* Where each option was given in the file, those of a queue in the one that is being read;
     * NULL: nowhere. `broken`: what was given was no value for it. */
    const yaml_node_t *given[OPTION_COUNT_OF_ALL];
    bool broken[OPTION_COUNT_OF_ALL];
    bool in_defaults; /* what is read is for all queues */
};

/* A mapping that is being read: which options may stand in it, and where they go. */
struct place {
    enum option_scope scope;
    void *base;
    const char *section; /* "", "pool", "retry" */
    const char *shown;   /* as errors call it: "queues.email.retry" */
};

/* The whole file into loader->config; faults go to the file's errors. */
void loader_read(struct loader *loader);

/* The parts of it: */
void loader_read_place(struct loader *loader, const yaml_node_t *node, const struct place *place);
void loader_read_queues(struct loader *loader, const yaml_node_t *defaults,
                        const yaml_node_t *queues);

/* What a queue's `handler:` and `routes:` say. */
void loader_read_handler(struct loader *loader, const yaml_node_t *node, struct queue_conf *queue,
                         const char *shown);
void loader_read_routes(struct loader *loader, const yaml_node_t *node, struct queue_conf *queue,
                        const char *shown);

/* A fault of the option `path` below `shown`. */
void loader_fault_below(struct loader *loader, const yaml_node_t *node, const char *shown,
                        const char *path, const char *what);
/* A new mapping of options of this scope begins. */
void loader_forget_given(struct loader *loader, enum option_scope scope);

/* Is it a mapping of a sane size? */
bool loader_is_mapping(struct loader *loader, const yaml_node_t *node, const char *shown);

/* The pair's key; NULL: it is none, or not the first of its name, and the fault is noted. */
const char *loader_key(struct loader *loader, const yaml_node_t *mapping,
                       const yaml_node_pair_t *pair, const char *shown);

/* The node where an option was given, or NULL. */
const yaml_node_t *loader_given(const struct loader *loader, enum option_scope scope,
                                const char *path);

#endif
