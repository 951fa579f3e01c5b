/*
 * loader: walks the YAML tree along the option table. It never goes deeper than the table does, so
 * no file, however nested or aliased, makes it work long.
 */
#ifndef CONFIG_LOADER_H
#define CONFIG_LOADER_H

#include "config/config.h"
#include "config/option.h"
#include "config/yaml_file.h"

struct loader {
    struct config *config;
    struct yaml_file *file;
    bool given[OPTION_COUNT_OF_ALL]; /* set in the mapping that is being read; for what excludes
                                        what */
};

/* The whole file into loader->config; faults go to the file's errors. */
void loader_read(struct loader *loader);

/* One queue's options as the defaults have them; nothing is allocated in it. */
void loader_queue_defaults(struct queue_conf *queue);

#endif
