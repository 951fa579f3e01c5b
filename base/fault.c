#include "base/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void fault_point(const char *step)
{
    static _Atomic long reached;
    const char *plan = getenv("NAVVY_FAULT"); /* never changed while the program runs */
    size_t len = strlen(step);

    if (plan == NULL || strncmp(plan, step, len) != 0 || plan[len] != ':')
        return;
    if (atomic_fetch_add(&reached, 1) + 1 == strtol(plan + len + 1, NULL, 10))
        CHECK(raise(SIGKILL) == 0);
}
