#include <inttypes.h>

#include "admin/dlq_print.h"
#include "admin/view/story_phrase.h"
#include "admin/view/story_words.h"
#include "dlq/backoff.h"

/* --- next ----------------------------------------------------------------------------------- */

/* What a failure of the attempt that comes, or runs, would lead to. */
static void next_failure(const struct story *story, FILE *out)
{
    const struct queue_conf *conf = story->facts->conf;
    uint32_t attempt = story->record.attempt + 1, most = story_attempts_max(story);
    char text[DLQ_AGE_MAX];

    if (most == 0)
        return;
    if (attempt >= most) {
        fputs(" If that fails it goes to the dead-letter queue: it is the last one.", out);
        return;
    }
    if (conf == NULL)
        return;
    struct retry_conf policy = conf->retry;
    policy.jitter_full = false;
    policy.jitter_percent = 0;
    int64_t delay_ms = backoff_delay_ms(&policy, attempt, 0);
    fprintf(out, " If that fails it is tried again after about %s.",
            delay_ms < 1000 ? "a moment" : dlq_age_format(delay_ms, text));
}

static void next_in_line(const struct story *story, FILE *out)
{
    const struct record *record = &story->record;
    bool over = record->expires_at_wall_ms > 0 && record->expires_at_wall_ms <= story->now_wall_ms;
    const struct story_fingerprint *fingerprint = &story->fingerprint;
    bool duplicate = fingerprint->known && fingerprint->holder[0] != '\0' && !record->force &&
                     record->attempt == 0 &&
                     !slice_equal(slice_of(fingerprint->holder), story->claim);

    if (story->fault != RECORD_OK)
        fputs("When a worker takes it, it goes to the dead-letter queue, unread.", out);
    else if (over)
        fputs("When a worker takes it, it is dropped and counted as expired.", out);
    else if (duplicate)
        fputs("When a worker takes it, it is dropped and counted as a duplicate.", out);
    if (story->fault != RECORD_OK || over || duplicate)
        return;
    fputs("A worker takes it when its turn comes, and runs it as ", out);
    phrase_attempt(out, story, record->attempt + 1);
    fputs(".", out);
    next_failure(story, out);
}

static void next_due(const struct story *story, FILE *out)
{
    if (story->place.due_wall_ms > story->now_wall_ms) {
        fputs("In ", out);
        phrase_in(out, story, story->place.due_wall_ms);
        fputs(" it goes back in line. ", out);
    } else {
        fputs("It goes in line with the next take of a worker. ", out);
    }
    next_in_line(story, out);
}

/* Of a handler that runs. */
static void next_end(const struct story *story, FILE *out)
{
    const struct queue_conf *conf = story->facts->conf;
    int64_t timeout_ms = story->record.timeout_ms > 0 ? story->record.timeout_ms
                         : conf != NULL               ? conf->timeout_ms
                                                      : 0;

    fputs("Its handler ends", out);
    if (timeout_ms > 0 && story->run.since_wall_ms > 0) {
        fputs(", or is stopped at its timeout in ", out);
        phrase_span(out, story->run.since_wall_ms + timeout_ms - story->now_wall_ms);
    }
    fputs(": this is ", out);
}

static void next_held(const struct story *story, FILE *out)
{
    bool lives = story->holder != NULL && story->holder->state == WORKER_ALIVE;

    if (!lives) {
        fputs("Another worker gives it back, next in line, as soon as it has seen that the lease "
              "is over; a job that workers die of goes to the dead-letter queue.",
              out);
        return;
    }
    if (story->cancelled_wall_ms > 0 && story->run.runs) {
        fputs("Its handler is being stopped; then it goes to the dead-letter queue, reason "
              "cancelled.",
              out);
        return;
    }
    if (story->run.runs)
        next_end(story, out);
    else
        fputs("Its handler runs, or has run, as ", out);
    phrase_attempt(out, story, story->record.attempt + 1);
    fputs(".", out);
    next_failure(story, out);
}

static void next_gone(const struct story *story, FILE *out)
{
    enum result_state state = story->result.state;
    bool moves = state == RESULT_RUNNING || state == RESULT_RETRYING || state == RESULT_SNOOZED;
    fputs(moves ? "It may have moved while it was looked for: ask again." : "Nothing.", out);
}

void story_next(const struct story *story, FILE *out)
{
    if (!story->found)
        next_gone(story, out);
    else if (story->place.key == KEY_DLQ)
        fputs("Nothing by itself: it stays here until somebody retries it or drops it.", out);
    else if (story->place.key == KEY_COUNT)
        next_held(story, out);
    else if (phrase_obstacle(out, story))
        return;
    else if (story->place.key == KEY_RETRY || story->place.key == KEY_SCHEDULED)
        next_due(story, out);
    else
        next_in_line(story, out);
}

/* --- what one can do ------------------------------------------------------------------------ */

static void command(const struct story *story, FILE *out, const char *verb, bool with_id)
{
    fprintf(out, "navvy %s ", verb);
    phrase_word(out, slice_of(story->queue));
    if (with_id) {
        fputs(" ", out);
        phrase_word(out, story->claim.len > 0 ? story->claim : story->id);
    }
    fputs("\n", out);
}

void story_commands(const struct story *story, FILE *out)
{
    if (!story->found) {
        if (story->result.state == RESULT_DONE) {
            fputs("navvy result ", out);
            phrase_word(out, story->id);
            fputs(" --queue ", out);
            phrase_word(out, slice_of(story->queue));
            fputs("\n", out);
        }
        return;
    }
    if (story->place.key == KEY_DLQ) {
        command(story, out, "dlq show", true);
        command(story, out, "dlq retry", true);
        command(story, out, "dlq drop", true);
        return;
    }
    if (story->place.key == KEY_COUNT && story->cancelled_wall_ms == 0)
        command(story, out, "cancel", true);
    if (story->facts->paused)
        command(story, out, "resume", false);
}
