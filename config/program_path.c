#include "config/program_path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_IF_UNSET "/bin:/usr/bin" /* as confstr(_CS_PATH) says it for execvp(3) */

static bool is_program(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

bool program_path_found(const char *program)
{
    const char *path = getenv("PATH");
    char candidate[PATH_MAX];

    if (program[0] == 0)
        return false;
    if (strchr(program, '/') != NULL)
        return is_program(program);
    for (const char *at = path != NULL ? path : PATH_IF_UNSET;; at++) {
        size_t len = strcspn(at, ":"); /* nothing between two colons is the current folder */
        int wrote = snprintf(candidate, sizeof candidate, "%.*s%s%s", (int)len, at,
                             len > 0 ? "/" : "", program);
        if (wrote > 0 && (size_t)wrote < sizeof candidate && is_program(candidate))
            return true;
        at += len;
        if (*at == 0)
            return false;
    }
}
