#include "tests/support/sweep_ledger.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/folder.h"
#include "tests/support/test.h"

enum { LINES_MAX = 1024, WORDS = 5 };

/* payload claim delivery attempt START|END */
struct line {
    char *word[WORDS];
};

static size_t lines_read(char *text, struct line lines[LINES_MAX])
{
    size_t count = 0;

    for (char *line; (line = strsep(&text, "\n")) != NULL && *line != '\0'; count++) {
        CHECK(count < LINES_MAX);
        for (int i = 0; i < WORDS; i++) {
            lines[count].word[i] = strsep(&line, " ");
            CHECK(lines[count].word[i] != NULL);
        }
    }
    return count;
}

static bool same(const struct line *a, const struct line *b, int word)
{
    return strcmp(a->word[word], b->word[word]) == 0;
}

/* Nothing before it has the same payload, and the same claim and delivery. */
static void count_line(struct sweep_ledger *ledger, const struct line lines[], size_t at)
{
    bool start = strcmp(lines[at].word[WORDS - 1], "START") == 0;
    bool new_payload = true, new_delivery = true;

    for (size_t i = 0; i < at; i++) {
        if (!same(&lines[i], &lines[at], WORDS - 1))
            continue;
        new_payload &= !same(&lines[i], &lines[at], 0);
        new_delivery &= !same(&lines[i], &lines[at], 1) || !same(&lines[i], &lines[at], 2);
    }
    ledger->runs += start;
    ledger->payloads += start && new_payload;
    ledger->same_delivery += start && !new_delivery;
    ledger->ended += !start && new_payload;
}

struct sweep_ledger sweep_ledger_read(const char *path)
{
    static struct line lines[LINES_MAX];
    struct sweep_ledger ledger = {0};
    char *text = file_text(path);
    size_t count = lines_read(text, lines);

    for (size_t i = 0; i < count; i++)
        count_line(&ledger, lines, i);
    free(text);
    return ledger;
}
