/*
 * orphans: programs whose worker is dead. They belong to jobs that are about to run again, so they
 * are killed, with all of their group. We are their parent now, and they stay zombies until we reap
 * them, so a pid that is found here cannot be somebody else's meanwhile.
 *
 * A program of a worker leads its group and is in our session. What a program has left behind, on
 * purpose or not, has lost its leader, or has a session of its own: that is left alone.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/log.h"
#include "supervisor/gang.h"

static void kill_if_orphan(struct gang *gang, pid_t pid)
{
    if (member_of(gang, pid) != NULL || getpgid(pid) != pid || getsid(pid) != getsid(0))
        return;
    LOG(LOG_DEBUG, "orphan", LOG_I("pid", pid), LOG_S("do", "killed, with its group"));
    (void)kill(-pid, SIGKILL);
}

void orphans_kill(struct gang *gang)
{
    FILE *children = fopen("/proc/thread-self/children", "re");
    int pid;

    if (children == NULL)
        return; /* this kernel does not say */
    while (fscanf(children, "%d", &pid) == 1)
        kill_if_orphan(gang, (pid_t)pid);
    (void)fclose(children);
}
