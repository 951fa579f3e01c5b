#include "admin/view/jobs_cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

static const char letters[JOBS_STATE_COUNT] = {[JOBS_WAITING] = 'w',
                                               [JOBS_HELD] = 'h',
                                               [JOBS_RETRY] = 'r',
                                               [JOBS_SCHEDULED] = 's',
                                               [JOBS_DLQ] = 'd'};

/* Places are below this: what is added to one stays a number. */
#define PLACE_MAX (INT64_C(1) << 53)

static bool read_place(struct slice text, int64_t *out)
{
    uint64_t number = 0;
    if (!units_parse_u64(text, &number) || number > (uint64_t)PLACE_MAX)
        return false;
    *out = (int64_t)number;
    return true;
}

/* What Redis takes for a score: nothing that could be another word of a command. */
static bool is_score(const char *text)
{
    char *end = NULL;
    if (text[0] == '\0' || strspn(text, "0123456789-.einf") != strlen(text))
        return false;
    double number = strtod(text, &end);
    return *end == '\0' && number == number; /* not NaN */
}

static bool read_score(const char *text, struct cursor *out)
{
    const char *bar = strrchr(text, '_');
    size_t len = bar != NULL ? (size_t)(bar - text) : sizeof(out->score);

    if (len >= sizeof(out->score))
        return false;
    memcpy(out->score, text, len);
    out->score[len] = '\0';
    return is_score(out->score) && read_place(slice_of(bar + 1), &out->passed);
}

static bool read_held(const char *text, struct cursor *out)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t digits = strcspn(text, "_");
    const char *worker = text + digits + 1;

    if (text[digits] == '\0' || strlen(worker) >= sizeof(out->worker) ||
        strspn(worker, allowed) != strlen(worker))
        return false;
    memcpy(out->worker, worker, strlen(worker) + 1);
    return read_place((struct slice){text, digits}, &out->passed);
}

bool cursor_read(const char *text, enum jobs_state state, struct cursor *out)
{
    *out = (struct cursor){0};
    if (text == NULL || text[0] == '\0')
        return true;
    out->given = true;
    if (text[0] != letters[state] || strlen(text) >= JOBS_CURSOR_MAX)
        return false;
    if (state == JOBS_HELD)
        return read_held(text + 1, out);
    if (state == JOBS_RETRY || state == JOBS_SCHEDULED)
        return read_score(text + 1, out);
    return read_place(slice_of(text + 1), &out->passed);
}

void cursor_place(char out[JOBS_CURSOR_MAX], enum jobs_state state, int64_t passed)
{
    snprintf(out, JOBS_CURSOR_MAX, "%c%" PRId64, letters[state], passed);
}

void cursor_score(char out[JOBS_CURSOR_MAX], enum jobs_state state, const char *score,
                  int64_t passed)
{
    char plain[CURSOR_SCORE_MAX] = ""; /* in an address a plus may mean a blank */
    for (size_t len = 0; *score != '\0' && len + 1 < sizeof(plain); score++)
        if (*score != '+')
            plain[len++] = *score;
    snprintf(out, JOBS_CURSOR_MAX, "%c%s_%" PRId64, letters[state], plain, passed);
}

void cursor_held(char out[JOBS_CURSOR_MAX], const char *worker, int64_t tag)
{
    snprintf(out, JOBS_CURSOR_MAX, "h%" PRId64 "_%s", tag, worker);
}
