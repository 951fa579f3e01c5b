/*
 * memory: what large payloads needed is kept for the next ones, and given back when nothing is
 * here.
 *
 * Left to itself, glibc returns the end of the heap to the kernel whenever 128 KiB of it are free:
 * with payloads of 64 KiB and answers of 4 MiB every job then costs 30 page faults, half of its
 * CPU.
 */
#include <malloc.h>

#include "consumer/worker.h"

enum {
    KEPT_BYTES_MAX = WORKER_HELD_BYTES_MAX, /* free and kept, while jobs come */
    MAPPED_BYTES_MIN = 32 * 1024 * 1024,    /* larger pieces are mapped one by one; glibc's limit */
    LARGE_BYTES = 1024 * 1024,              /* held at once: worth giving back */
};

void memory_init(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
#endif
}

void memory_held(struct worker *worker)
{
    if (worker->held_bytes > LARGE_BYTES)
        worker->memory_large = true;
}

void memory_turn(struct worker *worker)
{
    if (!worker->memory_large || worker->jobs > 0)
        return;
    worker->memory_large = false;
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}
