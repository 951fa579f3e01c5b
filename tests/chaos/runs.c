#include "tests/chaos/runs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "tests/support/folder.h"

enum { WORDS_BEGIN = 9, WORDS_END = 10 };

/* A line of the ledger, as tests/chaos/ledger.c writes it. */
struct line {
    struct run run;
    const char *pid;
    bool ends;
};

static bool line_read(char *text, struct line *line)
{
    char *word[WORDS_END];
    size_t count = 0;

    while (count < WORDS_END && (word[count] = strsep(&text, " ")) != NULL)
        count++;
    line->ends = count == WORDS_END;
    if (count < WORDS_BEGIN || strcmp(word[0], line->ends ? "E" : "B") != 0)
        return false;
    line->run = (struct run){.launch = word[2],
                             .queue = word[3],
                             .claim = word[4],
                             .payload = word[8],
                             .delivery = strtol(word[5], NULL, 10),
                             .attempt = strtol(word[6], NULL, 10),
                             .began_wall_ms = strtoll(word[1], NULL, 10),
                             .status = RUN_UNENDED};
    line->pid = word[7];
    if (line->ends) {
        line->run.ended_wall_ms = line->run.began_wall_ms;
        line->run.status = (int)strtol(word[9], NULL, 10);
    }
    return true;
}

/* A claim id is unique in its queue. */
static int runs_compare_job(const struct run *a, const struct run *b)
{
    int order = strcmp(a->queue, b->queue);
    return order != 0 ? order : strcmp(a->claim, b->claim);
}

bool run_is_same_job(const struct run *a, const struct run *b)
{
    return runs_compare_job(a, b) == 0;
}

/* Begin and end of a run stand together. */
static int line_compare(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int order = runs_compare_job(&x->run, &y->run);

    if (order == 0)
        order = (x->run.delivery > y->run.delivery) - (x->run.delivery < y->run.delivery);
    if (order == 0)
        order = strcmp(x->pid, y->pid);
    return order != 0 ? order : x->ends - y->ends;
}

static bool ends_it(const struct line *begin, const struct line *end)
{
    return !begin->ends && end->ends && run_is_same_job(&begin->run, &end->run) &&
           begin->run.delivery == end->run.delivery && strcmp(begin->pid, end->pid) == 0;
}

static void runs_join(struct runs *runs, const struct line lines[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct run *run = &runs->run[runs->count++];
        *run = lines[i].run;
        if (lines[i].ends) {
            runs->bad_lines++; /* an end without a begin */
        } else if (i + 1 < count && ends_it(&lines[i], &lines[i + 1])) {
            i++;
            run->ended_wall_ms = lines[i].run.ended_wall_ms;
            run->status = lines[i].run.status;
        }
    }
}

struct runs runs_read(const char *path)
{
    struct runs runs = {.text = file_text(path)};
    size_t lines_max = file_lines(path), count = 0;
    struct line *lines = calloc(lines_max + 1, sizeof *lines);
    char *rest = runs.text;

    runs.run = calloc(lines_max + 1, sizeof *runs.run);
    CHECK(lines != NULL && runs.run != NULL);
    for (char *text; count < lines_max && (text = strsep(&rest, "\n")) != NULL;) {
        if (line_read(text, &lines[count]))
            count++;
        else
            runs.bad_lines++;
    }
    qsort(lines, count, sizeof *lines, line_compare);
    runs_join(&runs, lines, count);
    free(lines);
    return runs;
}

void runs_free(struct runs *runs)
{
    free(runs->run);
    free(runs->text);
    *runs = (struct runs){0};
}
