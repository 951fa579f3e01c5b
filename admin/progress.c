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

/* Is it time? Then the line is empty. */
static bool begin_line(struct progress *progress, int64_t now_ms)
{
    if (!progress->enabled || now_ms < progress->next_ms)
        return false;
    progress->next_ms = now_ms + EVERY_MS;
    progress->shown = true;
    fputs("\r\033[K", stderr);
    return true;
}

void progress_show(struct progress *progress, uint64_t done, uint64_t jobs)
{
    int64_t now_ms = progress->enabled ? clock_mono_ms() : 0;

    if (!begin_line(progress, now_ms))
        return;
    if (progress->total > 0)
        draw_bar(done, progress->total);
    uint64_t elapsed_ms = (uint64_t)(now_ms - progress->started_ms);
    fprintf(stderr, "%" PRIu64 " jobs, %" PRIu64 "/s", jobs, jobs * 1000 / elapsed_ms);
    fflush(stderr);
}

void progress_show_percent(struct progress *progress, int percent, const char *what)
{
    if (!begin_line(progress, progress->enabled ? clock_mono_ms() : 0))
        return;
    if (percent >= 0)
        draw_bar((uint64_t)percent, 100);
    fputs(what, stderr);
    fflush(stderr);
}

void progress_fini(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
