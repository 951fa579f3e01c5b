#include "handler/limits_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ENTRY_BYTES_MAX = 64 * 1024, GROUPS_MAX = 65536 /* NGROUPS_MAX */ };

static bool fault(const struct limits *limits, const char *what, char error[HANDLER_ERROR_MAX])
{
    (void)snprintf(error, HANDLER_ERROR_MAX, "limits.user: %.100s: %s", limits->conf->user, what);
    return false;
}

static bool find_groups(struct limits *limits, char error[HANDLER_ERROR_MAX])
{
    const char *user = limits->conf->user;
    int count = 0;

    (void)getgrouplist(user, limits->gid, NULL, &count);
    if (count > GROUPS_MAX)
        return fault(limits, "is in too many groups", error);
    limits->groups = calloc((size_t)count + 1, sizeof(*limits->groups));
    if (limits->groups == NULL)
        return fault(limits, "no memory", error);
    if (getgrouplist(user, limits->gid, limits->groups, &count) < 0)
        return fault(limits, "its groups are being changed", error);
    limits->group_count = count;
    return true;
}

static bool take_over(struct limits *limits, const struct passwd *entry, struct limits_home *home,
                      char error[HANDLER_ERROR_MAX])
{
    if (entry->pw_uid == geteuid())
        return true;
    if (geteuid() != 0)
        return fault(limits, "only root can run programs as another user", error);
    limits->other_user = true;
    limits->uid = entry->pw_uid;
    limits->gid = entry->pw_gid;
    home->user = limits->conf->user;
    home->folder = strdup(entry->pw_dir);
    if (home->folder == NULL)
        return fault(limits, "no memory", error);
    return find_groups(limits, error);
}

bool limits_find_user(struct limits *limits, struct limits_home *home,
                      char error[HANDLER_ERROR_MAX])
{
    struct passwd entry, *found = NULL;
    bool fine = false;

    if (limits->conf->user == NULL)
        return true;
    char *text = malloc(ENTRY_BYTES_MAX);
    if (text == NULL)
        return fault(limits, "no memory", error);
    int code = getpwnam_r(limits->conf->user, &entry, text, ENTRY_BYTES_MAX, &found);
    if (found != NULL)
        fine = take_over(limits, found, home, error);
    else
        fault(limits, code == 0 ? "there is no such user" : strerror(code), error);
    free(text);
    return fine;
}

/* The C library's own would tell it to all threads of the worker, which are not here. */
#ifdef SYS_setuid32
#define SET_GROUPS SYS_setgroups32
#define SET_GID SYS_setgid32
#define SET_UID SYS_setuid32
#else
#define SET_GROUPS SYS_setgroups
#define SET_GID SYS_setgid
#define SET_UID SYS_setuid
#endif

bool limits_become_user(const struct limits *limits)
{
    if (!limits->other_user)
        return true;
    return syscall(SET_GROUPS, limits->group_count, limits->groups) == 0 &&
           syscall(SET_GID, limits->gid) == 0 && syscall(SET_UID, limits->uid) == 0;
}
