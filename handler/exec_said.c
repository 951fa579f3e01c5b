#include "handler/exec_said.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

void said_init(struct said *said, const struct task *task)
{
    *said = (struct said){.job = task->job,
                          .answer_bytes_max = task->conf->answer_bytes_max,
                          .errors = {.level = LOG_DEBUG}};
}

void said_free(struct said *said)
{
    if (said->answered)
        answer_free(&said->answer);
    buf_free(&said->line);
    buf_free(&said->output);
}

/* --- stderr ---------------------------------------------------------------------------------- */

static struct stderr_about about(const struct said *said)
{
    return (struct stderr_about){job_log(said->job), 0, said->job->claim};
}

void said_errors(struct said *said, const char *bytes, size_t len)
{
    const struct stderr_about words = about(said);
    stderr_log_take(&said->errors, &words, bytes, len);
}

/* --- answers --------------------------------------------------------------------------------- */

/* The first fault stays, and nothing after it is read as an answer. */
static void fault(struct said *said, const char *what)
{
    if (said->why[0] == '\0')
        (void)snprintf(said->why, sizeof(said->why), "%s", what);
    buf_free(&said->line);
}

/* By either name that the program was told. */
static bool is_about(const struct answer *answer, const struct job *job)
{
    return answer->id.ptr == NULL || slice_equal(answer->id, slice_of(job->claim)) ||
           (job->record.id.ptr != NULL && slice_equal(answer->id, job->record.id));
}

/* Takes the answer. */
static void take_answer(struct said *said, struct answer *answer)
{
    char what[SAID_WHY_MAX];

    if (!is_about(answer, said->job)) {
        (void)snprintf(what, sizeof(what), "answered for another job, \"%.*s\"",
                       (int)(answer->id.len < CLAIM_ID_MAX ? answer->id.len : CLAIM_ID_MAX),
                       answer->id.ptr);
        fault(said, what);
    } else if (answer->kind == ANSWER_PROGRESS) {
        atomic_store(&said->job->percent, answer->percent);
    } else if (said->answered) {
        fault(said, "answered twice");
    } else {
        said->answered = true;
        said->answer = *answer;
        return;
    }
    answer_free(answer);
}

static void take_line(struct said *said)
{
    struct slice line = {said->line.data, said->line.len};
    struct answer answer;
    char why[ANSWER_WHY_MAX], what[SAID_WHY_MAX];

    if (said->line.failed) {
        fault(said, "no memory for its answer");
        return;
    }
    if (line.len == strspn(line.len > 0 ? line.ptr : "", " \t\r"))
        return;
    if (answer_parse(line, &answer, why)) {
        take_answer(said, &answer);
    } else {
        (void)snprintf(what, sizeof(what), "wrote to its answers %s", why);
        fault(said, what);
    }
    buf_reset(&said->line);
}

/* A line or a part of one. */
static void add_to_line(struct said *said, const char *bytes, size_t len)
{
    char limit[UNITS_TEXT_MAX], what[SAID_WHY_MAX];

    if (said->line.len + len <= said->answer_bytes_max) {
        buf_append(&said->line, bytes, len);
        return;
    }
    (void)snprintf(what, sizeof(what), "wrote an answer that is longer than answer_max, %s",
                   units_format_bytes(said->answer_bytes_max, limit));
    fault(said, what);
}

void said_answers(struct said *said, const char *bytes, size_t len)
{
    while (len > 0 && said->why[0] == '\0') {
        const char *end = memchr(bytes, '\n', len);
        size_t part = end != NULL ? (size_t)(end - bytes) : len;

        add_to_line(said, bytes, part);
        if (end != NULL && said->why[0] == '\0')
            take_line(said);
        part += end != NULL ? 1 : 0;
        bytes += part;
        len -= part;
    }
}

void said_end(struct said *said)
{
    const struct stderr_about words = about(said);

    stderr_log_end(&said->errors, &words);
    if (said->why[0] == '\0')
        take_line(said);
}

/* --- stdout ---------------------------------------------------------------------------------- */

/* Of what is too much for a result nothing needs to be kept. */
void said_output(struct said *said, const char *bytes, size_t len)
{
    said->output_bytes += len;
    if (said->output_bytes <= said->answer_bytes_max)
        buf_append(&said->output, bytes, len);
    else
        buf_free(&said->output);
}
