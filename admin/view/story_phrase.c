#include "admin/view/story_phrase.h"

#include <inttypes.h>
#include <string.h>

#include "admin/command.h"
#include "admin/dlq_print.h"

enum { TEXT_COLUMNS = 300 };

static const char *age(int64_t ms, char out[DLQ_AGE_MAX])
{
    if (ms > 0 && ms < 1000)
        snprintf(out, DLQ_AGE_MAX, "%" PRId64 "ms", ms);
    else
        dlq_age_format(ms > 0 ? ms : 0, out);
    return out;
}

void phrase_in(FILE *out, const struct story *story, int64_t wall_ms)
{
    char left[DLQ_AGE_MAX], time[DLQ_TIME_MAX];
    fprintf(out, "%s (%s)", age(wall_ms - story->now_wall_ms, left),
            dlq_time_format(wall_ms, time));
}

void phrase_ago(FILE *out, const struct story *story, int64_t wall_ms)
{
    char past[DLQ_AGE_MAX], time[DLQ_TIME_MAX];
    fprintf(out, "%s ago (%s)", age(story->now_wall_ms - wall_ms, past),
            dlq_time_format(wall_ms, time));
}

void phrase_span(FILE *out, int64_t ms)
{
    char text[DLQ_AGE_MAX];
    fputs(age(ms, text), out);
}

void phrase_jobs(FILE *out, int64_t count)
{
    fprintf(out, "%" PRId64 " job%s", count, count == 1 ? "" : "s");
}

void phrase_text(FILE *out, struct slice text)
{
    if (text.len > 0)
        print_escaped_to(out, text, TEXT_COLUMNS);
}

void phrase_attempt(FILE *out, const struct story *story, uint32_t attempt)
{
    uint32_t most = story_attempts_max(story);
    fprintf(out, "attempt %" PRIu32, attempt);
    if (most > 0)
        fprintf(out, " of %" PRIu32, most);
}

/* Nothing in it means anything to a shell. */
static bool is_safe(struct slice word)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] == '\0' || strchr(safe, word.ptr[i]) == NULL)
            return false;
    return word.len > 0 && word.ptr[0] != '-';
}

static bool is_printable(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if ((unsigned char)word.ptr[i] < ' ' || (unsigned char)word.ptr[i] >= 0x7f)
            return false;
    return true;
}

/* Bytes that are no plain text are written as $'\xHH', which bash and zsh read. */
void phrase_word(FILE *out, struct slice word)
{
    bool printable = is_printable(word);

    if (is_safe(word)) {
        fwrite(word.ptr, 1, word.len, out);
        return;
    }
    fputs(printable ? "'" : "$'", out);
    for (size_t i = 0; i < word.len; i++) {
        unsigned char byte = (unsigned char)word.ptr[i];
        if (printable && byte == '\'')
            fputs("'\\''", out);
        else if (!printable && (byte < ' ' || byte >= 0x7f || byte == '\'' || byte == '\\'))
            fprintf(out, "\\x%02x", byte);
        else
            fputc(byte, out);
    }
    fputc('\'', out);
}

bool phrase_obstacle(FILE *out, const struct story *story)
{
    const struct fleet_queue *facts = story->facts;
    uint64_t dlq_max = facts->conf != NULL ? facts->conf->dlq_max : 0;

    if (facts->wrong_types != 0)
        fputs("Nothing: a key of this queue holds another type, so workers leave it alone; "
              "`navvy doctor` says which.",
              out);
    else if (facts->paused)
        fputs("Nothing: the queue is paused, and workers take no job of it until it is resumed.",
              out);
    else if (dlq_max > 0 && (uint64_t)facts->dlq >= dlq_max)
        fprintf(out,
                "Nothing: the dead-letter queue is full (%" PRId64 " of %" PRIu64
                "), and workers take no job until there is room.",
                facts->dlq, dlq_max);
    else if (facts->alive == 0)
        fputs("Nothing until a worker serves this queue: none is alive. Start one with "
              "`navvy run`.",
              out);
    else
        return false;
    return true;
}
