/* Judgements of each queue. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor/checks.h"
#include "admin/doctor/quote.h"

enum { DLQ_PERCENT_MAX = 80, OVERDUE_MS_MAX = 30000, LEASES_LATE = 2 };

/* The i-th queue whose figures are known, from `at` on; NULL: no more. */
static const struct queue_facts *next_queue(const struct facts *facts, size_t *at)
{
    while (*at < facts->queue_count)
        if (facts->queue[(*at)++]->whole)
            return facts->queue[*at - 1];
    return NULL;
}

#define EACH_QUEUE(queue, facts)                                                                   \
    const struct queue_facts *queue;                                                               \
    for (size_t at_ = 0; (queue = next_queue(facts, &at_)) != NULL;)

/* For a command line. */
struct quoted {
    char text[QUOTED_MAX];
};
static struct quoted quoted(const char *word)
{
    struct quoted out;
    quote_shell(word, out.text);
    return out;
}

void judge_types(const struct facts *facts, struct findings *out)
{
    for (size_t i = 0; i < facts->queue_count; i++) {
        const struct queue_facts *queue = facts->queue[i];
        for (int key = 0; key < KEY_COUNT; key++) {
            const char *type = queue->type[key], *name = queue->keys.name[key];
            const char *wanted = facts_type_of((enum queue_key)key);
            if (type[0] == '\0' || strcmp(type, "none") == 0 || strcmp(type, wanted) == 0)
                continue;
            char aside[KEY_MAX + 16];
            snprintf(aside, sizeof(aside), "aside:%s", name);
            finding_add(out, SEVERITY_CRITICAL, queue->name, "%s is a %s, not a %s", name, type,
                        wanted);
            finding_mend(out, "%s RENAMENX %s %s", facts->cli, quoted(name).text,
                         quoted(aside).text);
        }
    }
}

void judge_books(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        int64_t missing = snapshot_missing(&queue->sizes);
        if (missing == 0)
            continue;
        finding_add(out, SEVERITY_CRITICAL, queue->name,
                    missing > 0 ? "%" PRId64 " jobs that were taken are nowhere"
                                : "%" PRId64 " jobs more than were ever taken",
                    missing > 0 ? missing : -missing);
        finding_mend(out, "navvy audit %s%s", quoted(queue->name).text, facts->options);
    }
}

void judge_held(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        if (queue->held.count == 0)
            continue;
        finding_add(out, SEVERITY_CRITICAL, queue->name,
                    "%" PRId64 " jobs are held by %" PRId64 " workers that nobody knows, as %s",
                    queue->held_jobs, queue->held.count, queue->held.worker);
        finding_mend(out, "%s ZADD %s 0 %s  # its jobs are then recovered by any worker",
                     facts->cli, quoted(queue->keys.name[KEY_DEAD]).text,
                     quoted(queue->held.worker).text);
    }
}

/* Late: for two leases nobody has done what any worker does within one. */
static bool is_late(const struct facts *facts, const struct snapshot_worker *worker)
{
    return facts->now_ms - worker->lease_wall_ms > LEASES_LATE * facts->config->lease_ms;
}

void judge_recovery(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        const struct snapshot *sizes = &queue->sizes;
        int64_t late = 0, jobs = 0;
        const char *worker = NULL;
        for (size_t i = 0; i < sizes->worker_count; i++)
            if (is_late(facts, &sizes->workers[i])) {
                late++;
                jobs += sizes->workers[i].held;
                worker = sizes->workers[i].id;
            }
        if (late == 0)
            continue;
        finding_add(out, jobs > 0 ? SEVERITY_CRITICAL : SEVERITY_WARNING, queue->name,
                    "%" PRId64 " dead workers are not recovered, with %" PRId64 " jobs, as %s",
                    late, jobs, worker);
        finding_mend(out, "navvy run%s  # a worker of this queue recovers them within a lease",
                     facts->options);
    }
}

static void say_leftover(const struct facts *facts, struct findings *out,
                         const struct queue_facts *queue, const struct leftover *left,
                         enum queue_key in, const char *prefix)
{
    char field[WORKER_ID_MAX + 8];

    if (left->count == 0)
        return;
    snprintf(field, sizeof(field), "%s%s", prefix, left->worker);
    finding_add(out, SEVERITY_NOTE, queue->name,
                "%s has %" PRId64 " fields of workers that are gone", queue->keys.name[in],
                left->count);
    finding_mend(out, "%s HDEL %s %s", facts->cli, quoted(queue->keys.name[in]).text,
                 quoted(field).text);
}

void judge_leftovers(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        say_leftover(facts, out, queue, &queue->next, KEY_META, "next:");
        say_leftover(facts, out, queue, &queue->status, KEY_STATUS, "");
    }
}

static int64_t alive(const struct facts *facts, const struct queue_facts *queue)
{
    int64_t count = 0;

    for (size_t i = 0; i < queue->sizes.worker_count; i++) {
        const struct snapshot_worker *worker = &queue->sizes.workers[i];
        count += !worker->dead && worker->lease_wall_ms > facts->now_ms;
    }
    return count;
}

static int64_t to_be_done(const struct queue_facts *queue)
{
    const struct snapshot *sizes = &queue->sizes;
    return snapshot_waiting(sizes) + sizes->held + sizes->retry + sizes->scheduled;
}

void judge_unserved(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        int64_t jobs = to_be_done(queue);
        if (queue->conf == NULL || alive(facts, queue) > 0)
            continue;
        finding_add(out, jobs > 0 ? SEVERITY_CRITICAL : SEVERITY_WARNING, queue->name,
                    "no worker serves it, and %" PRId64 " jobs are there", jobs);
        finding_mend(out, "systemctl restart navvy  # or: navvy run%s", facts->options);
    }
}

void judge_paused(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        if (!queue->sizes.paused)
            continue;
        finding_add(out, SEVERITY_WARNING, queue->name, "it is paused, and %" PRId64 " jobs wait",
                    snapshot_waiting(&queue->sizes));
        finding_mend(out, "navvy resume %s%s", quoted(queue->name).text, facts->options);
    }
}

/* Other workers may serve it with another configuration: then all is well. */
void judge_unknown(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        int64_t jobs = to_be_done(queue) + queue->sizes.dlq;
        if (!facts->configured || queue->conf != NULL || alive(facts, queue) > 0 || queue->is_bench)
            continue;
        finding_add(out, jobs > 0 ? SEVERITY_WARNING : SEVERITY_NOTE, queue->name,
                    "Redis has this queue with %" PRId64
                    " jobs, the configuration does not, and nobody serves it",
                    jobs);
        finding_mend(out, "navvy audit %s%s  # then add it under queues:, or let others serve it",
                     quoted(queue->name).text, facts->options);
    }
}

void judge_dlq(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        uint64_t most = queue->conf ? queue->conf->dlq_max : 0, dead = (uint64_t)queue->sizes.dlq;
        if (most == 0 || dead * 100 < most * DLQ_PERCENT_MAX)
            continue;
        finding_add(out, dead >= most ? SEVERITY_CRITICAL : SEVERITY_WARNING, queue->name,
                    "%" PRIu64 " of at most %" PRIu64 " dead jobs%s", dead, most,
                    dead >= most ? ": nothing of this queue is taken any more" : "");
        finding_mend(out, "navvy dlq groups %s%s  # why? Then navvy dlq retry, export or drop",
                     quoted(queue->name).text, facts->options);
    }
}

void judge_overdue(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        int64_t due_ms = queue->retry_due_ms;
        if (due_ms < 0 || (queue->scheduled_due_ms >= 0 && queue->scheduled_due_ms < due_ms))
            due_ms = queue->scheduled_due_ms;
        if (due_ms < 0 || facts->now_ms - due_ms < OVERDUE_MS_MAX)
            continue;
        finding_add(out, SEVERITY_WARNING, queue->name, "a %s is due since %" PRId64 " s%s",
                    due_ms == queue->retry_due_ms ? "retry" : "scheduled job",
                    (facts->now_ms - due_ms) / 1000,
                    queue->sizes.paused        ? ": the queue is paused"
                    : alive(facts, queue) == 0 ? ": no worker serves the queue"
                                               : "");
        if (queue->sizes.paused)
            finding_mend(out, "navvy resume %s%s", quoted(queue->name).text, facts->options);
        else
            finding_mend(out, "navvy workers %s%s  # none? navvy run", quoted(queue->name).text,
                         facts->options);
    }
}

void judge_bench(const struct facts *facts, struct findings *out)
{
    EACH_QUEUE(queue, facts)
    {
        if (!queue->is_bench || alive(facts, queue) > 0)
            continue;
        finding_add(out, SEVERITY_NOTE, queue->name, "a benchmark has left its queue behind");
        char pattern[KEY_MAX + 2];
        size_t prefix = queue->keys.len[KEY_META] - strlen("meta");
        snprintf(pattern, sizeof(pattern), "%.*s*", (int)prefix, queue->keys.name[KEY_META]);
        finding_mend(out, "%s --scan --pattern %s | xargs -d '\\n' %s UNLINK %s", facts->cli,
                     quoted(pattern).text, facts->cli, quoted(queue->name).text);
    }
}
