#include "config/program_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_IF_UNSET "/bin:/usr/bin" /* as confstr(_CS_PATH) says it for execvp(3) */

/* 0, ENOENT or EACCES. */
static int look_at(const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return errno == EACCES ? EACCES : ENOENT;
    return S_ISREG(about.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

int program_path_find(const char *name, char out[PATH_MAX])
{
    const char *path = getenv("PATH");
    int fault = ENOENT;

    if (name[0] == 0)
        return ENOENT;
    for (const char *at = path != NULL ? path : PATH_IF_UNSET;; at++) {
        size_t len = strcspn(at, ":"); /* nothing between two colons is the current folder */
        int wrote = snprintf(out, PATH_MAX, "%.*s%s%s", (int)len, at, len > 0 ? "/" : "./", name);
        int found = wrote > 0 && wrote < PATH_MAX ? look_at(out) : ENOENT;
        if (found == 0)
            return 0;
        if (found == EACCES)
            fault = EACCES;
        at += len;
        if (*at == 0)
            return fault;
    }
}

int program_path_absolute(const char *path, char out[PATH_MAX])
{
    if (getcwd(out, PATH_MAX) == NULL)
        return errno;
    size_t len = strlen(out);
    int wrote = snprintf(out + len, PATH_MAX - len, "/%s", path);
    return wrote > 0 && (size_t)wrote < PATH_MAX - len ? 0 : ENAMETOOLONG;
}

bool program_path_found(const char *program)
{
    char path[PATH_MAX];

    if (strchr(program, '/') != NULL)
        return look_at(program) == 0;
    return program_path_find(program, path) == 0;
}
