#include "tests/chaos/jobs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/support/test.h"

enum { FEW_MAX = 6, BURST_MAX = 60, LARGE_BYTES = 70000, PAYLOAD_MAX = 48, DELAY_MS_MAX = 1500 };

#define CHAOS_QUEUE_ROW(name, ledger, once, conf) [QUEUE_##name] = {#name, ledger, once, conf},
const struct chaos_queue_row chaos_queues[CHAOS_QUEUE_COUNT] = {CHAOS_QUEUES(CHAOS_QUEUE_ROW)};

const char *chaos_key(enum chaos_queue queue, enum queue_key key)
{
    static struct queue_keys keys[CHAOS_QUEUE_COUNT];
    if (keys[queue].name[key][0] == '\0')
        queue_keys_init(&keys[queue], slice_of(chaos_queues[queue].name));
    return keys[queue].name[key];
}

/* As tests/chaos/ledger.c understands them; most are done at once. */
static const char *const kinds[] = {"quick", "quick", "quick", "quick", "quick", "slow",
                                    "slow",  "flaky", "flaky", "never", "fails", "large"};

static size_t job_add(struct chaos_jobs *jobs, enum chaos_queue queue, const char *kind)
{
    if (jobs->count == jobs->cap) {
        jobs->cap = jobs->cap > 0 ? 2 * jobs->cap : 1024;
        jobs->job = realloc(jobs->job, jobs->cap * sizeof jobs->job[0]);
        CHECK(jobs->job != NULL);
    }
    jobs->job[jobs->count] = (struct chaos_job){queue, kind, 0};
    return jobs->count++;
}

static void push(struct chaos_jobs *jobs, struct redis_server *server, size_t number,
                 unsigned delay_ms)
{
    static char large[LARGE_BYTES];
    struct chaos_job *job = &jobs->job[number];
    const char *queue = chaos_queues[job->queue].name;
    int len = snprintf(large, PAYLOAD_MAX, "%s-%zu", job->kind, number);
    struct slice payload = {large, (size_t)len};

    if (strcmp(job->kind, "large") == 0) {
        memset(large + len, '.', sizeof large - (size_t)len);
        payload.len = sizeof large;
    }
    if (delay_ms == 0)
        redis_run(server, "LPUSH %s %b", queue, &payload);
    else
        redis_run(server, "ZADD %s %lld %b", chaos_key(job->queue, KEY_SCHEDULED),
                  (long long)(clock_wall_ms() + delay_ms), &payload);
    job->pushes++;
    jobs->pushed[job->queue]++;
}

void jobs_push_some(struct chaos_jobs *jobs, struct redis_server *server, struct dice dice)
{
    unsigned few = dice_roll(&dice, FEW_MAX);
    unsigned burst = dice_roll(&dice, 8) == 0 ? dice_roll(&dice, BURST_MAX) : few;

    for (unsigned i = 0; i < few; i++) {
        enum chaos_queue queue = dice_roll(&dice, 3) == 0 ? QUEUE_mail : QUEUE_orders;
        const char *kind = kinds[dice_roll(&dice, ARRAY_COUNT(kinds))];
        unsigned delay_ms = dice_roll(&dice, 5) == 0 ? 1 + dice_roll(&dice, DELAY_MS_MAX) : 0;
        unsigned again = dice_roll(&dice, 4);
        size_t number = job_add(jobs, queue, kind);

        push(jobs, server, number, delay_ms);
        if (again == 0 && delay_ms == 0) /* a ZADD of the same would be the same element */
            push(jobs, server, number, 0);
    }
    for (unsigned i = 0; i < burst; i++) {
        size_t number = job_add(jobs, i % 8 == 7 ? QUEUE_flaky : QUEUE_fast, "quick");
        push(jobs, server, number, 0);
        if (dice_roll(&dice, 10) == 0)
            push(jobs, server, number, 0);
    }
}

void jobs_free(struct chaos_jobs *jobs)
{
    free(jobs->job);
    *jobs = (struct chaos_jobs){0};
}

bool jobs_find(const struct chaos_jobs *jobs, struct slice payload, size_t *number)
{
    char text[PAYLOAD_MAX] = "";
    char *dash, *end;

    memcpy(text, payload.ptr, payload.len < sizeof text ? payload.len : sizeof text - 1);
    dash = strchr(text, '-');
    if (dash == NULL)
        return false;
    *dash = '\0';
    size_t found = strtoul(dash + 1, &end, 10);
    if (end == dash + 1 || (*end != '\0' && *end != '.') || found >= jobs->count ||
        strcmp(jobs->job[found].kind, text) != 0)
        return false;
    *number = found;
    return true;
}
