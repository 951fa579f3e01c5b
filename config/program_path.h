/*
 * program_path: is there such a program? Asked when a configuration is loaded, so that a typing
 * error shows then and not with the first job.
 */
#ifndef CONFIG_PROGRAM_PATH_H
#define CONFIG_PROGRAM_PATH_H

#include <stdbool.h>

/* Like execvp(3): a name with a slash as it is, any other along PATH. A folder is no program. */
bool program_path_found(const char *program);

#endif
