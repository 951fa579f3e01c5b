#include "handler/exec_verdict.h"

#include <stdio.h>
#include <sys/wait.h>

#include "handler/ending.h"
#include "handler/limits_breach.h"

enum {
    EXIT_PERMANENT = 65, /* EX_DATAERR: these bytes will never do */
    WHAT_MAX = SAID_WHY_MAX + ENDING_WHAT_MAX,
};

/* "what: the end of its stderr; note" */
static void fail(struct job *job, enum job_outcome outcome, const char *what, struct tail *errors,
                 const char *note)
{
    size_t taken = strlen(what) + strlen(": ") + strlen(note);
    struct slice why = tail_text(errors, taken < RECORD_ERROR_MAX ? RECORD_ERROR_MAX - taken : 0);

    job_fail(job, outcome, "%s%s%.*s%s", what, why.len > 0 ? ": " : "", (int)why.len, why.ptr,
             note);
}

/* --- by its exit ----------------------------------------------------------------------------- */

/* What it wrote is what it returns. Of too much, the length is all that job_done() needs. */
static void done(struct job *job, const struct said *said)
{
    struct slice result = {NULL, 0};

    if (said->output_bytes > said->answer_bytes_max)
        result = (struct slice){"", said->output_bytes};
    else if (said->output.len == said->output_bytes && said->output.len > 0)
        result = (struct slice){said->output.data, said->output.len};
    job_done(job, result, said->answer_bytes_max);
}

static void failed(const struct task *task, const struct ending *ending, const char *what,
                   struct said *said)
{
    bool permanent = WIFEXITED(ending->status) && WEXITSTATUS(ending->status) == EXIT_PERMANENT;
    struct slice errors = tail_text(&said->errors.tail, TAIL_BYTES_MAX);
    struct breach breach = {"", ""};

    if (ending->status != -1 && !permanent)
        breach = limits_breach(&task->conf->limits, ending->status, &ending->usage, errors);
    fail(task->job, permanent ? JOB_PERMANENT : JOB_RETRY,
         breach.what[0] != '\0' ? breach.what : what, &said->errors.tail, breach.note);
}

/* --- by its answer --------------------------------------------------------------------------- */

static void settle(struct job *job, struct said *said)
{
    const struct answer *answer = &said->answer;

    answer_settle(answer, job, said->answer_bytes_max);
    if (answer->outcome == JOB_DONE && job->result.bytes == NULL && job->result.error == NULL)
        done(job, said);
    else if (answer->outcome != JOB_DONE && answer->outcome != JOB_SNOOZE && answer->error.len == 0)
        fail(job, answer->outcome,
             answer->outcome == JOB_RETRY ? "answered retry" : "answered permanent",
             &said->errors.tail, "");
}

/* That it is done, or should come later, is believed only of a program that ended well. */
static bool contradicts(const struct said *said, bool well)
{
    return !well && (said->answer.outcome == JOB_DONE || said->answer.outcome == JOB_SNOOZE);
}

void exec_judge(const struct task *task, const struct ending *ending, struct said *said)
{
    char how[ENDING_WHAT_MAX], what[2 * WHAT_MAX];
    bool well = ending_describe(ending->status, how);

    if (said->why[0] != '\0') {
        (void)snprintf(what, sizeof(what), "%s%s%s", said->why, well ? "" : "; ", well ? "" : how);
        fail(task->job, JOB_RETRY, what, &said->errors.tail, "");
    } else if (said->answered && contradicts(said, well)) {
        (void)snprintf(what, sizeof(what), "answered %s, but %s",
                       job_outcome_name(said->answer.outcome), how);
        fail(task->job, JOB_RETRY, what, &said->errors.tail, "");
    } else if (said->answered) {
        settle(task->job, said);
    } else if (well) {
        done(task->job, said);
    } else {
        failed(task, ending, how, said);
    }
}

/* Whatever it made of TERM: an exit with 0 may be its way to go, and does not mean that it is done.
 */
void exec_judge_stopped(const struct task *task, enum job_stop why, struct said *said)
{
    struct job *job = task->job;
    char what[WHAT_MAX];

    handler_stopped(job, why);
    if (job->result.error != NULL) {
        (void)snprintf(what, sizeof(what), "%s", job->result.error);
        fail(job, job->result.outcome, what, &said->errors.tail, "");
    }
}
