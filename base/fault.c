#include "base/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

#define FAULT_POINT_NAME(name) [FAULT_##name] = #name,
static const char *const names[FAULT_POINT_COUNT] = {FAULT_POINTS(FAULT_POINT_NAME)};

const char *fault_point_name(enum fault_point point)
{
    CHECK(point < FAULT_POINT_COUNT);
    return names[point];
}

/* One byte less in the file: one death less to come. */
static bool death_is_left(const char *path)
{
    struct stat file;
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && fstat(fd, &file) == 0 && file.st_size > 0 &&
           ftruncate(fd, file.st_size - 1) == 0;
}

void fault_point(enum fault_point point)
{
    static _Atomic long reached;
    const char *plan = getenv("NAVVY_FAULT"); /* never changed while the program runs */
    size_t len = strlen(fault_point_name(point));
    char *rest;

    if (plan == NULL || strncmp(plan, names[point], len) != 0 || plan[len] != ':')
        return;
    long nth = strtol(plan + len + 1, &rest, 10);
    if (atomic_fetch_add(&reached, 1) + 1 == nth && (*rest != '@' || death_is_left(rest + 1)))
        CHECK(raise(SIGKILL) == 0);
}
