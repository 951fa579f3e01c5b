/*
 * origin: from which source a global option has its value: the environment, the file, or nowhere.
 */
#ifndef CONFIG_ORIGIN_H
#define CONFIG_ORIGIN_H

#include "config/loader.h"

/* The environment's variable; NULL: not set, or empty, which is the same. */
const char *origin_variable(const char *name);

/* Has the environment a value for that global option? It stands above the file. */
bool origin_is_environment(const char *path);

/* Sets one option from `text`; a fault is put down to `name`, as in "--redis". */
void origin_set(struct loader *loader, const struct option *option, const char *text,
                const char *name, struct buf *errors);

/* Sets every global option that the environment has a value for. */
void origin_read_environment(struct loader *loader, struct buf *errors);

/* A fault of a global option, put down to where its value came from. */
void origin_fault(const struct loader *loader, struct buf *errors, const char *path,
                  const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
