#include "tests/support/gang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

/* The children of the supervisor that are navvy themselves, and not what workers left behind. */
static size_t gang_list(const struct worker_process *worker, pid_t *pids, size_t room)
{
    char path[64], text[4096];
    size_t count = 0;
    int pid = (int)worker->process->pid;

    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[len] = 0;
    for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL && count < room;) {
        if (*word != 0)
            pids[count++] = (pid_t)atoi(word);
    }
    return count;
}

size_t gang_size(const struct worker_process *worker)
{
    pid_t pids[64];
    return gang_list(worker, pids, ARRAY_COUNT(pids));
}

pid_t gang_worker(const struct worker_process *worker, size_t nth)
{
    pid_t pids[64];
    return nth < gang_list(worker, pids, ARRAY_COUNT(pids)) ? pids[nth] : 0;
}
