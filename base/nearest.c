#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of Levenshtein's matrix at a time. */
static size_t edits(struct slice from, struct slice to)
{
    size_t row[NEAREST_WORD_MAX + 1];

    for (size_t j = 0; j <= to.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= from.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= to.len; j++) {
            size_t replaced = diagonal + (from.ptr[i - 1] != to.ptr[j - 1]);
            diagonal = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[to.len];
}

struct nearest nearest_to(struct slice wanted)
{
    return (struct nearest){.wanted = wanted, .distance = SIZE_MAX};
}

void nearest_try(struct nearest *nearest, struct slice word)
{
    struct slice wanted = nearest->wanted;

    if (wanted.len == 0 || wanted.len > NEAREST_WORD_MAX || word.len > NEAREST_WORD_MAX)
        return;
    size_t distance = edits(wanted, word);
    if (wanted.len <= word.len && memcmp(word.ptr, wanted.ptr, wanted.len) == 0)
        distance = least(distance, 1);
    if (distance < nearest->distance && distance <= (word.len + 1) / 2) {
        nearest->found = word;
        nearest->distance = distance;
    }
}
