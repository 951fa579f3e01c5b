/*
 * verdict: all is quiet. What was pushed against what the handlers wrote, the dead-letter queues
 * and the books.
 *
 *   lost        a payload that never ended well and is in no dead-letter queue
 *   unexpected  something ran or died that nobody pushed, or died without a reason to
 *   duplicated  a run too many: nothing that befell its worker explains it; or its delivery number
 *               was given twice, so that no handler could fence its effect
 *   again       runs too many that a kill, a stop or a cut explains
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/record.h"
#include "redis/keys.h"
#include "tests/chaos/chaos.h"
#include "tests/chaos/runs.h"
#include "tests/support/test.h"

/* A blow explains a run that began shortly before it was noticed; and one that a stopped worker
 * began after it was woken. */
enum { BLOW_BEFORE_MS = 30000, BLOW_AFTER_MS = 5000, LINES_MAX = 20 };

/* What became of a payload. */
struct fate {
    int64_t well;          /* claims of it with a run that ended well */
    int64_t dead;          /* in the dead-letter queue */
    int64_t well_and_dead; /* poison, after it had had its effect */
};

struct court {
    struct chaos *chaos;
    struct runs runs;
    struct fate *fate; /* one for each of the jobs */
    struct verdict_figures figures;
    int lines;
};

static void accuse(struct court *court, int64_t *figure, const char *what, const char *payload,
                   const char *claim)
{
    ++*figure;
    if (court->lines++ < LINES_MAX)
        print_error("%s: %s %s\n", what, payload, claim);
}

/* ---- what died ---- */

static bool ended_well(const struct court *court, const char *queue, struct slice claim)
{
    for (size_t i = 0; i < court->runs.count; i++) {
        const struct run *run = &court->runs.run[i];
        if (run->status == 0 && strcmp(run->queue, queue) == 0 &&
            slice_equal(slice_of(run->claim), claim))
            return true;
    }
    return false;
}

/* It may die of what it is, and anything may die of too many deaths of its workers. */
static bool may_die(const struct chaos_job *job, struct slice reason)
{
    if (slice_equal(reason, slice_of("poison")))
        return true;
    return strcmp(job->kind, slice_equal(reason, slice_of("permanent")) ? "never" : "fails") == 0;
}

static void judge_dead(struct court *court, struct slice element)
{
    static char scratch[RECORD_HEADER_MAX];
    struct record record;
    size_t number;

    court->figures.dead++;
    if (record_parse(element.ptr, element.len, scratch, &record) != RECORD_OK ||
        !jobs_find(&court->chaos->jobs, record.payload, &number)) {
        accuse(court, &court->figures.unexpected, "a dead letter that nobody pushed", "", "");
        return;
    }
    const struct chaos_job *job = &court->chaos->jobs.job[number];
    if (!may_die(job, record.reason))
        accuse(court, &court->figures.unexpected, "died without a reason", job->kind, element.ptr);
    court->fate[number].dead++;
    if (ended_well(court, chaos_queues[job->queue].name, record.claim))
        court->fate[number].well_and_dead++;
}

static void read_dead_letters(struct court *court, enum chaos_queue queue)
{
    struct reply *all =
        redis_ask(court->chaos->server, "LRANGE %s 0 -1", chaos_key(queue, KEY_DLQ));
    for (size_t i = 0; i < reply_count(all); i++)
        judge_dead(court, reply_text(reply_at(all, i)));
    client_reply_free(all);
}

/* ---- what ran ---- */

static const struct launch *launch_of(const struct court *court, const char *name)
{
    const struct fleet *fleet = &court->chaos->fleet;
    for (size_t i = 0; i < fleet->launches; i++) {
        if (strcmp(fleet->launch[i]->name, name) == 0)
            return fleet->launch[i];
    }
    return NULL;
}

/* Of two runs of a job in a row: why the second one? */
static bool is_explained(const struct court *court, const struct run *first,
                         const struct run *second)
{
    const struct launch *launch = launch_of(court, first->launch);

    if (first->status > 0)
        return true; /* it failed, and was tried again */
    for (size_t i = 0; launch != NULL && i < launch->blows; i++) {
        int64_t blow_ms = launch->blow_wall_ms[i];
        if (blow_ms >= first->began_wall_ms - BLOW_BEFORE_MS &&
            blow_ms <= second->began_wall_ms + BLOW_AFTER_MS)
            return true;
    }
    return false;
}

static void judge_run(struct court *court, size_t at)
{
    const struct run *run = &court->runs.run[at];
    const struct run *before = at > 0 ? &court->runs.run[at - 1] : NULL;
    bool first = before == NULL || !run_is_same_job(before, run);
    size_t number;

    court->figures.runs++;
    if (!jobs_find(&court->chaos->jobs, slice_of(run->payload), &number)) {
        accuse(court, &court->figures.unexpected, "ran, and nobody pushed it", run->payload,
               run->claim);
        return;
    }
    if (first)
        return;
    if (before->delivery == run->delivery)
        accuse(court, &court->figures.duplicated, "ran twice as the same delivery", run->payload,
               run->claim);
    else if (!is_explained(court, before, run))
        accuse(court, &court->figures.duplicated, "ran again, and nothing had happened",
               run->payload, run->claim);
    else if (before->status <= 0)
        court->figures.again++;
}

/* Each claim that ended well counts once, however often it did. */
static void count_well(struct court *court)
{
    const struct run *last = NULL;
    for (size_t i = 0; i < court->runs.count; i++) {
        const struct run *run = &court->runs.run[i];
        size_t number;
        if (run->status != 0 || (last != NULL && run_is_same_job(last, run)) ||
            !jobs_find(&court->chaos->jobs, slice_of(run->payload), &number))
            continue;
        court->fate[number].well++;
        last = run;
    }
}

/* ---- each payload ---- */

static void judge_payload(struct court *court, size_t number, int64_t done[CHAOS_QUEUE_COUNT])
{
    const struct chaos_job *job = &court->chaos->jobs.job[number];
    const struct fate *fate = &court->fate[number];
    int64_t ended = fate->well + fate->dead - fate->well_and_dead;
    char name[48];

    if (!chaos_queues[job->queue].ledger)
        return;
    (void)snprintf(name, sizeof name, "%s-%zu", job->kind, number);
    done[job->queue] += fate->well - fate->well_and_dead;
    if (ended == 0 || (!chaos_queues[job->queue].once && ended < job->pushes))
        accuse(court, &court->figures.lost, "lost", name, chaos_queues[job->queue].name);
    if (ended > job->pushes)
        accuse(court, &court->figures.duplicated, "ended more often than it was pushed", name,
               chaos_queues[job->queue].name);
    if (chaos_queues[job->queue].once && fate->well > 1 && fate->dead == 0 &&
        strcmp(job->kind, "never") != 0)
        accuse(court, &court->figures.duplicated, "had its effect under two claims", name,
               chaos_queues[job->queue].name);
}

/* ---- each queue ---- */

static void judge_queue(struct court *court, enum chaos_queue queue, int64_t done)
{
    const char *name = chaos_queues[queue].name;
    struct books books = books_read(court->chaos->server, name);
    int64_t pushed = court->chaos->jobs.pushed[queue];
    int64_t ended = books.done + books.duplicate + books.dlq;

    court->figures.pushed += pushed;
    court->figures.done += books.done;
    court->figures.duplicates += books.duplicate;
    court->figures.recovered += books.recovered;
    if (!books_balance(&books))
        accuse(court, &court->figures.unexpected, "books that do not balance", name, "");
    if (ended < pushed)
        court->figures.lost += pushed - ended;
    if (ended > pushed)
        court->figures.unexpected += ended - pushed;
    if (chaos_queues[queue].ledger && books.done != done) {
        print_error("%s: the books say %lld done, the ledger %lld\n", name, (long long)books.done,
                    (long long)done);
        court->figures.unexpected++;
    }
}

struct verdict_figures verdict_of(struct chaos *chaos)
{
    struct court court = {.chaos = chaos, .runs = runs_read(chaos->fleet.ledger)};
    int64_t done[CHAOS_QUEUE_COUNT] = {0};

    court.fate = calloc(chaos->jobs.count + 1, sizeof *court.fate);
    CHECK(court.fate != NULL);
    court.figures.unexpected += (int64_t)court.runs.bad_lines;
    for (size_t i = 0; i < court.runs.count; i++)
        judge_run(&court, i);
    count_well(&court);
    for (int queue = 0; queue < CHAOS_QUEUE_COUNT; queue++)
        read_dead_letters(&court, (enum chaos_queue)queue);
    for (size_t i = 0; i < chaos->jobs.count; i++)
        judge_payload(&court, i, done);
    for (int queue = 0; queue < CHAOS_QUEUE_COUNT; queue++)
        judge_queue(&court, (enum chaos_queue)queue, done[queue]);
    free(court.fate);
    runs_free(&court.runs);
    return court.figures;
}
