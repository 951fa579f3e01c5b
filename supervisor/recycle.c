/*
 * recycle: a worker that has grown over recycle.memory is replaced, the new one first. Not before
 * it has lived for HEALTHY_MS: a limit below what a fresh one needs must not make us busy with
 * that.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "supervisor/gang.h"

enum { RECYCLE_LOOK_MS = 1000 };

/* 0: it cannot be told. */
static uint64_t resident_bytes(pid_t pid)
{
    char path[64];
    unsigned long long size, resident = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%llu %llu", &size, &resident) != 2)
        resident = 0;
    (void)fclose(file);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void seat_look(struct seat *seat, uint64_t bytes_max, int64_t now_ms)
{
    const struct member *worker = seat->worker;

    if (worker == NULL || seat->replace || now_ms - worker->started_ms < HEALTHY_MS)
        return;
    uint64_t bytes = resident_bytes(worker->pid);
    if (bytes <= bytes_max)
        return;
    LOG(LOG_INFO, "recycle", LOG_I("pid", worker->pid), LOG_I("bytes", bytes),
        LOG_I("limit", bytes_max));
    seat->replace = true;
}

void recycle_turn(struct gang *gang, int64_t now_ms)
{
    uint64_t bytes_max = gang->config->recycle_memory_bytes;

    if (bytes_max == 0 || now_ms < gang->recycle_ms)
        return;
    gang->recycle_ms = now_ms + RECYCLE_LOOK_MS;
    for (uint32_t i = 0; i < gang->seats; i++)
        seat_look(&gang->seat[i], bytes_max, now_ms);
}
