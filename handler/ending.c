#include "handler/ending.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

bool ending_describe(int status, char what[ENDING_WHAT_MAX])
{
    if (status == -1) {
        (void)snprintf(what, ENDING_WHAT_MAX, "ended, and somebody else has taken its exit status");
    } else if (WIFSIGNALED(status)) {
        const char *name = sigdescr_np(WTERMSIG(status));
        (void)snprintf(what, ENDING_WHAT_MAX, "killed by signal %d (%s)", WTERMSIG(status),
                       name != NULL ? name : "unknown");
    } else {
        (void)snprintf(what, ENDING_WHAT_MAX, "exit status %d", WEXITSTATUS(status));
    }
    return status == 0;
}
