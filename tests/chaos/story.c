/*
 * story: what happened, line by line, in a file beside the ledger; and, when something is wrong,
 * its end on the terminal, with all that is needed to see it again.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/chaos/chaos.h"
#include "tests/support/test.h"

enum { TAIL_LINES = 25 };

static struct chaos *told; /* whose end is still open */
static int64_t began_ms;

void story_note(struct chaos *chaos, const char *fmt, ...)
{
    va_list args;

    fprintf(chaos->log, "%8lld ", (long long)(clock_mono_ms() - began_ms));
    va_start(args, fmt);
    vfprintf(chaos->log, fmt, args);
    va_end(args);
    fputc('\n', chaos->log);
    fflush(chaos->log);
}

static void print_tail(const struct chaos *chaos)
{
    char path[FOLDER_FILE_MAX];
    char *text = file_text(folder_file(&chaos->fleet.folder, "story", path));
    size_t lines = file_lines(path);
    char *rest = text;

    for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; lines--) {
        if (lines <= TAIL_LINES)
            fprintf(stderr, "  %s\n", line);
    }
    free(text);
}

static void print_where(struct chaos *chaos)
{
    fprintf(stderr, "\nthe last steps:\n");
    print_tail(chaos);
    fprintf(stderr,
            "\nstory and ledger: %s\nredis: %s (its data and log stay)\n"
            "replay: tests/fault/chaos --seed %llu --workers %u --steps %u\n",
            chaos->fleet.folder.path, chaos->server->folder.path, (unsigned long long)chaos->seed,
            chaos->fleet.size, chaos->step.number);
    for (unsigned i = 0; i < chaos->fleet.size; i++) {
        const struct launch *launch = chaos->fleet.place[i].launch;
        if (launch != NULL)
            fprintf(stderr, "worker %s: %s\n", launch->name, launch->process->folder.path);
    }
}

static void on_exit_untold(void)
{
    if (told != NULL)
        print_where(told);
}

void story_begin(struct chaos *chaos)
{
    char path[FOLDER_FILE_MAX];

    began_ms = clock_mono_ms();
    chaos->log = fopen(folder_file(&chaos->fleet.folder, "story", path), "we");
    CHECK(chaos->log != NULL);
    told = chaos;
    CHECK(atexit(on_exit_untold) == 0);
}

void story_over(void)
{
    told = NULL;
}

_Noreturn void story_broken(struct chaos *chaos, const char *fmt, ...)
{
    char what[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    story_note(chaos, "BROKEN: %s", what);
    fprintf(stderr, "\nBROKEN at step %u: %s\n", chaos->step.number, what);
    exit(EXIT_FAILURE); /* and on_exit_untold() says where to look */
}
