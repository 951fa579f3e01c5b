/*
 * program_path: where a program is. Asked when a configuration is loaded, so that a typing error
 * shows then and not with the first job, and each time one is started.
 */
#ifndef CONFIG_PROGRAM_PATH_H
#define CONFIG_PROGRAM_PATH_H

#include <limits.h>
#include <stdbool.h>

#include "base/check.h"

/* Like execvp(3): a name with a slash as it is, any other along PATH. A folder is no program. */
bool program_path_found(const char *program);

/* A name without a slash, along PATH. 0, ENOENT, or EACCES: what there is of that name cannot be
 * executed. */
int program_path_find(const char *name, char out[PATH_MAX]) MUST_CHECK;

/* A path that holds wherever one goes. 0 or errno. */
int program_path_absolute(const char *path, char out[PATH_MAX]) MUST_CHECK;

#endif
