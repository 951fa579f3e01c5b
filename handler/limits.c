#include "handler/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handler/limits_env.h"
#include "handler/limits_user.h"

enum { SECOND_MS = 1000 };

/* --- what can be had ------------------------------------------------------------------------- */

/* May a program have that much, which is no more than the worker itself may have? */
static bool allowed(const char *option, int resource, uint64_t value, char error[HANDLER_ERROR_MAX])
{
    struct rlimit own;

    if (getrlimit((__rlimit_resource_t)resource, &own) != 0 || own.rlim_max == RLIM_INFINITY ||
        value <= own.rlim_max)
        return true;
    (void)snprintf(error, HANDLER_ERROR_MAX,
                   "limits.%s: %" PRIu64 " is more than the worker itself may have, %" PRIu64,
                   option, value, (uint64_t)own.rlim_max);
    return false;
}

static uint64_t cpu_seconds(const struct limits_conf *conf)
{
    return (uint64_t)(conf->cpu_ms / SECOND_MS);
}

static bool check_amounts(const struct limits_conf *conf, char error[HANDLER_ERROR_MAX])
{
    if (conf->cpu_ms % SECOND_MS != 0) {
        (void)snprintf(error, HANDLER_ERROR_MAX, "limits.cpu: is in whole seconds, as in 2s");
        return false;
    }
    return allowed("memory", RLIMIT_AS, conf->memory_bytes, error) &&
           allowed("cpu", RLIMIT_CPU, cpu_seconds(conf), error) &&
           allowed("files", RLIMIT_NOFILE, conf->files, error);
}

/* Is it there? Whether its user may enter it is seen when a program does. */
static bool check_folder(const char *folder, char error[HANDLER_ERROR_MAX])
{
    struct stat about;

    if (folder == NULL)
        return true;
    int fault = stat(folder, &about) != 0 ? errno : S_ISDIR(about.st_mode) ? 0 : ENOTDIR;
    if (fault == 0)
        return true;
    (void)snprintf(error, HANDLER_ERROR_MAX, "limits.folder: %.300s: %s", folder, strerror(fault));
    return false;
}

static bool check_env(char *const *names, char error[HANDLER_ERROR_MAX])
{
    for (; names != NULL && *names != NULL; names++) {
        if (strchr(*names, '=') == NULL)
            continue;
        (void)snprintf(error, HANDLER_ERROR_MAX,
                       "limits.env: \"%.200s\" is more than a variable's name", *names);
        return false;
    }
    return true;
}

struct limits *limits_new(const struct limits_conf *conf, char error[HANDLER_ERROR_MAX])
{
    struct limits *limits = calloc(1, sizeof(*limits));
    struct limits_home home = {NULL, NULL};

    if (limits == NULL) {
        strcpy(error, "no memory");
        return NULL;
    }
    limits->conf = conf;
    bool fine = check_amounts(conf, error) && check_folder(conf->folder, error) &&
                check_env(conf->env, error) && limits_find_user(limits, &home, error) &&
                limits_make_env(limits, &home, error);
    free(home.folder);
    if (fine)
        return limits;
    limits_free(limits);
    return NULL;
}

void limits_free(struct limits *limits)
{
    if (limits == NULL)
        return;
    free(limits->groups);
    free(limits->env);
    free(limits);
}

bool limits_check(const struct limits_conf *conf, char error[HANDLER_ERROR_MAX])
{
    struct limits *limits = limits_new(conf, error);
    bool fine = limits != NULL;

    limits_free(limits);
    return fine;
}

/* --- in the child ---------------------------------------------------------------------------- */

static bool set(int resource, uint64_t soft, uint64_t hard)
{
    struct rlimit limit = {.rlim_cur = (rlim_t)soft, .rlim_max = (rlim_t)hard};
    return soft == 0 || setrlimit((__rlimit_resource_t)resource, &limit) == 0;
}

static bool be_nicer(uint32_t by)
{
    errno = 0; /* -1 may be a niceness, too */
    return by == 0 || nice((int)by) != -1 || errno == 0;
}

/* The folder is entered as the user, who needs the right to. Address space comes last: from then on
 * there may be none left. */
int limits_apply(const struct limits *limits, const char **what)
{
    const struct limits_conf *conf = limits->conf;
    uint64_t cpu_s = cpu_seconds(conf);

    if (!be_nicer(conf->nice))
        *what = "limits.nice";
    else if (!limits_become_user(limits))
        *what = "limits.user";
    else if (conf->folder != NULL && chdir(conf->folder) != 0)
        *what = "limits.folder";
    else if (!set(RLIMIT_CPU, cpu_s, cpu_s + 1)) /* XCPU, and a second later KILL */
        *what = "limits.cpu";
    else if (!set(RLIMIT_NOFILE, conf->files, conf->files))
        *what = "limits.files";
    else if (!set(RLIMIT_AS, conf->memory_bytes, conf->memory_bytes))
        *what = "limits.memory";
    else
        return 0;
    return errno;
}
