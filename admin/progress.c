#include "admin/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { FIRST_MS = 500, EVERY_MS = 100, BAR_COLUMNS = 30 };

void progress_init(struct progress *progress, uint64_t total)
{
    int64_t now_ms = clock_mono_ms();

    *progress = (struct progress){.enabled = isatty(STDERR_FILENO) == 1,
                                  .total = total,
                                  .started_ms = now_ms,
                                  .next_ms = now_ms + FIRST_MS};
}

static void draw_bar(uint64_t done, uint64_t total)
{
    char bar[BAR_COLUMNS + 1] = "";
    double share = done >= total ? 1.0 : (double)done / (double)total;

    memset(bar, '#', (size_t)(share * (double)BAR_COLUMNS));
    fprintf(stderr, "[%-*s] %3d%% ", BAR_COLUMNS, bar, (int)(share * 100));
}

void progress_show(struct progress *progress, uint64_t done, uint64_t jobs)
{
    if (!progress->enabled)
        return;
    int64_t now_ms = clock_mono_ms();
    if (now_ms < progress->next_ms)
        return;
    progress->next_ms = now_ms + EVERY_MS;
    progress->shown = true;
    fputs("\r\033[K", stderr);
    if (progress->total > 0)
        draw_bar(done, progress->total);
    uint64_t elapsed_ms = (uint64_t)(now_ms - progress->started_ms);
    fprintf(stderr, "%" PRIu64 " jobs, %" PRIu64 "/s", jobs, jobs * 1000 / elapsed_ms);
    fflush(stderr);
}

void progress_fini(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
