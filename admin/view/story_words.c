#include "admin/view/story_words.h"

#include <inttypes.h>
#include <string.h>

#include "admin/view/story_phrase.h"
#include "dlq/verdict.h"

/* --- where it is ---------------------------------------------------------------------------- */

static void explain_waiting(const struct story *story, FILE *out)
{
    int64_t waiting = fleet_queue_waiting(story->facts);

    fputs(story->place.key == KEY_READY ? "It has come back and waits in line: "
                                        : "It waits in line: ",
          out);
    if (story->ahead == 0) {
        fputs("it is the next one.\n", out);
        return;
    }
    phrase_jobs(out, story->ahead);
    fprintf(out, " %s ahead of it; %" PRId64 " wait in all.\n", story->ahead == 1 ? "is" : "are",
            waiting > story->ahead ? waiting : story->ahead + 1);
}

static void explain_run(const struct story *story, FILE *out)
{
    if (story->run.runs && story->run.since_wall_ms > 0) {
        fputs("Its handler began ", out);
        phrase_ago(out, story, story->run.since_wall_ms);
        fputs(" and has not ended.\n", out);
    } else if (story->run.runs) {
        fputs("Its handler runs.\n", out);
    } else if (story->run.known) {
        fputs("It is not among the running jobs that this worker last spoke of: it waits there for "
              "a free thread, or has just begun or ended.\n",
              out);
    }
    if (story->cancelled_wall_ms > 0) {
        fputs("An operator ordered its end ", out);
        phrase_ago(out, story, story->cancelled_wall_ms);
        fputs(".\n", out);
    }
}

static void explain_lease(const char *before, int64_t ms, const char *behind, FILE *out)
{
    fputs(before, out);
    phrase_span(out, ms);
    fputs(behind, out);
}

static void explain_held(const struct story *story, FILE *out)
{
    const struct fleet_worker *holder = story->holder;

    fprintf(out, "Worker ");
    phrase_text(out, slice_of(story->place.worker));
    fputs(" holds it", out);
    if (holder == NULL)
        fputs(", and left while we looked.\n", out);
    else if (holder->state == WORKER_DEAD)
        fputs(", but was declared dead; its jobs are being given back now.\n", out);
    else if (holder->state == WORKER_EXPIRED)
        explain_lease(", but its lease was over ", -holder->lease_ms,
                      " ago: it died, or hears nothing.\n", out);
    else
        explain_lease("; its lease lasts ", holder->lease_ms,
                      " more, and is renewed while it lives.\n", out);
    explain_run(story, out);
}

static void explain_due(const struct story *story, FILE *out)
{
    bool is_retry = story->place.key == KEY_RETRY;
    int64_t due_ms = story->place.due_wall_ms;

    if (is_retry && story->record.attempt == 0)
        fputs("Its handler wants to see it again later (snooze): ", out);
    else if (is_retry)
        fputs("It failed, and will be tried again: ", out);
    else
        fputs("Its producer wants it to run later: ", out);
    fputs(due_ms > story->now_wall_ms ? "it is due in " : "it was due ", out);
    if (due_ms > story->now_wall_ms)
        phrase_in(out, story, due_ms);
    else
        phrase_ago(out, story, due_ms);
    fputs(".\n", out);
}

/* The rest of "It is dead: ". */
static const char *reason_words(struct slice reason)
{
    static const struct {
        const char *reason, *words;
    } rows[] = {
        {"retries", "it has failed as often as it may"},
        {"permanent", "its handler said that it can never succeed"},
        {"poison", "workers died while they had it, again and again"},
        {"malformed", "its header cannot be read"},
        {"unsupported", "its header is of a version that the worker did not know"},
        {"oversize", "it is larger than the queue's max_payload"},
        {"no_handler", "its queue has no handler for jobs of its type"},
        {"cancelled", "an operator cancelled it"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (slice_equal(reason, slice_of(rows[i].reason)))
            return rows[i].words;
    return NULL;
}

static void explain_dead(const struct story *story, FILE *out)
{
    const struct record *record = &story->record;
    const char *words = reason_words(record->reason);

    if (story->claim.len == 0) {
        fputs("It is in the dead-letter queue, but navvy did not write it: somebody pushed it "
              "there.\n",
              out);
        return;
    }
    fputs("It is in the dead-letter queue: ", out);
    if (words != NULL)
        fprintf(out, "%s (", words);
    fputs("reason ", out);
    phrase_text(out, record->reason.len > 0 ? record->reason : slice_of("unknown"));
    fputs(words != NULL ? ").\n" : ".\n", out);
}

/* --- what it came to ------------------------------------------------------------------------ */

static void explain_tag(const struct story *story, FILE *out)
{
    const char *colon = memrchr(story->id.ptr, ':', story->id.len);
    int64_t tag = 0;

    for (const char *at = colon + 1; colon != NULL && at < story->id.ptr + story->id.len; at++)
        tag = *at >= '0' && *at <= '9' && tag < INT32_MAX ? tag * 10 + *at - '0' : tag;
    if (story->next_tag > 0 && tag > 0 && tag < story->next_tag)
        fputs("Its worker lives and has taken it: so it has ended, as done, duplicate or expired, "
              "or was dropped from the dead-letter queue.\n",
              out);
    else if (story->next_tag > 0)
        fputs("Its worker lives, and has not used that number yet.\n", out);
}

static void explain_gone(const struct story *story, FILE *out)
{
    const struct result *result = &story->result;
    bool keeps = story->facts->conf != NULL && story->facts->conf->result_ttl_ms > 0;

    if (result->state == RESULT_UNKNOWN) {
        fputs("No job with this id waits, is held, will be tried again, or is dead.\n", out);
        explain_tag(story, out);
        if (!keeps)
            fputs("What was done is forgotten: set `result_ttl` of the queue to remember it.\n",
                  out);
        return;
    }
    fprintf(out, "It is in none of the queue's lists. The last that was heard of it, ");
    phrase_ago(out, story, result->updated_wall_ms);
    fprintf(out, ", was: %s", result_state_name(result->state));
    if (result->attempt > 0) {
        fputs(", ", out);
        fprintf(out, "attempt %" PRId64, result->attempt);
    }
    if (result->error.len > 0) {
        fputs(": ", out);
        phrase_text(out, result->error);
    }
    fputs(".\n", out);
}

/* --- its past ------------------------------------------------------------------------------- */

static void explain_failures(const struct story *story, FILE *out)
{
    const struct record *record = &story->record;

    if (record->attempt > 0) {
        fputs("Failures so far: ", out);
        fprintf(out, "%" PRIu32, record->attempt);
        if (story_attempts_max(story) > 0)
            fprintf(out, " of at most %" PRIu32, story_attempts_max(story));
        fputs(".", out);
    }
    if (record->failed_at_wall_ms > 0) {
        fputs(record->attempt > 0 ? " The last one was " : "It failed ", out);
        phrase_ago(out, story, record->failed_at_wall_ms);
        fputs(".", out);
    }
    if (record->attempt > 0 || record->failed_at_wall_ms > 0)
        fputs("\n", out);
    if (record->error.len > 0) {
        fputs("The error: ", out);
        phrase_text(out, record->error);
        fputs("\n", out);
    }
    if (record->recoveries > 0)
        fprintf(out,
                "Workers that died with it, one after the other: %" PRIu32
                " (at %d it is dead), while it ran: %" PRIu32 " (at %d).\n",
                record->recoveries, VERDICT_RECOVERIES_MAX, record->crashes, VERDICT_CRASHES_MAX);
    if (record->force)
        fputs("Somebody put it back to work from the dead-letter queue, so it runs even if its "
              "fingerprint is another's.\n",
              out);
}

static void explain_times(const struct story *story, FILE *out)
{
    const struct record *record = &story->record;

    if (record->enqueued_at_wall_ms > 0) {
        fputs("It was enqueued ", out);
        phrase_ago(out, story, record->enqueued_at_wall_ms);
        fputs(".\n", out);
    }
    if (record->expires_at_wall_ms > 0 && story->place.key != KEY_DLQ) {
        bool over = record->expires_at_wall_ms <= story->now_wall_ms;
        fputs(over ? "It expired " : "If it is not taken in ", out);
        if (over)
            phrase_ago(out, story, record->expires_at_wall_ms);
        else
            phrase_in(out, story, record->expires_at_wall_ms);
        fputs(over ? ": when it is taken it will not be run, but counted as expired.\n"
                   : " it will not be run, but counted as expired.\n",
              out);
    }
}

/* A job that has not been accepted yet, and whose fingerprint another one has. */
static bool will_be_duplicate(const struct story *story)
{
    const struct story_fingerprint *fingerprint = &story->fingerprint;
    bool fresh = !story->record.force && story->record.attempt == 0;

    return fresh && story->place.key != KEY_DLQ && fingerprint->known &&
           fingerprint->holder[0] != '\0' &&
           !slice_equal(slice_of(fingerprint->holder), story->claim);
}

static void explain_fingerprint(const struct story *story, FILE *out)
{
    if (!will_be_duplicate(story))
        return;
    fputs("Another job holds its fingerprint, ", out);
    phrase_text(out, slice_of(story->fingerprint.holder));
    if (story->fingerprint.ttl_ms >= 0) {
        fputs(", until ", out);
        phrase_in(out, story, story->now_wall_ms + story->fingerprint.ttl_ms);
    }
    fputs(": so this one is a duplicate.\n", out);
}

static void explain_header(const struct story *story, FILE *out)
{
    if (story->fault == RECORD_OK || story->place.key == KEY_DLQ)
        return;
    fputs("Its header cannot be read", out);
    if (story->fault == RECORD_MALFORMED)
        fprintf(out, ": %s", story->record.why);
    fputs(".\n", out);
}

void story_explain(const struct story *story, FILE *out)
{
    if (!story->found) {
        explain_gone(story, out);
        return;
    }
    if (story->place.key == KEY_COUNT)
        explain_held(story, out);
    else if (story->place.key == KEY_DLQ)
        explain_dead(story, out);
    else if (story->place.key == KEY_RETRY || story->place.key == KEY_SCHEDULED)
        explain_due(story, out);
    else
        explain_waiting(story, out);
    explain_header(story, out);
    explain_failures(story, out);
    explain_times(story, out);
    explain_fingerprint(story, out);
}
