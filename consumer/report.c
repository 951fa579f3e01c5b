/*
 * report: what this process is doing in each queue, one line of JSON in the queue's status, for
 * people. Written when it has changed and it is time to look anyway, so an idle worker writes
 * nothing, and a busy one about once a second for each queue that it works on.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "consumer/worker.h"

enum {
    REPORT_TYPE_MAX = 64,   /* bytes of a job's type that are told */
    REPORT_POOL_MS = 10000, /* a queue without jobs tells of the pool so often at most */
    REPORT_CLOCK_MS = 100,  /* the clock of Redis must move by so much before times are told anew */
};

/* --- who runs -------------------------------------------------------------------------------- */

struct runner {
    const struct job *job;
    int64_t since_wall_ms;
};

static struct runner runners[POOL_THREADS_MAX]; /* the loop's; of one survey */
static size_t runner_count;

/* The first look at a job settles since when it runs, so that it is told the same each time. */
static void report_note(const struct job *running, int64_t running_ms, void *arg)
{
    struct worker *worker = arg;
    struct job *job = &worker->slab[running - worker->slab]; /* the loop owns them all */

    if (runner_count == POOL_THREADS_MAX || job->state != JOB_STATE_WORKING)
        return;
    if (job->since_wall_ms == 0)
        job->since_wall_ms = clock_mono_ms() - running_ms + worker->report_offset_ms;
    runners[runner_count++] = (struct runner){job, job->since_wall_ms};
}

static int oldest_first(const void *a, const void *b)
{
    const struct runner *x = a, *y = b;
    if (x->since_wall_ms != y->since_wall_ms)
        return x->since_wall_ms < y->since_wall_ms ? -1 : 1;
    return (x->job->tag > y->job->tag) - (x->job->tag < y->job->tag);
}

void report_survey(struct worker *worker)
{
    int64_t moved_ms = worker->redis_offset_ms - worker->report_offset_ms;

    if (moved_ms > REPORT_CLOCK_MS || moved_ms < -REPORT_CLOCK_MS)
        worker->report_offset_ms = worker->redis_offset_ms;
    runner_count = 0;
    if (worker->pool_jobs > 0)
        pool_running(worker->pool, report_note, worker);
    qsort(runners, runner_count, sizeof runners[0], oldest_first);
    worker->report_pool = pool_stats(worker->pool);
}

/* --- the line -------------------------------------------------------------------------------- */

/* At most `max` bytes of it; what is no UTF-8 becomes U+FFFD. */
static void json_text(struct buf *out, struct slice text, size_t max)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    size_t left = text.len < max ? text.len : max;
    uint32_t point;

    buf_append(out, "\"", 1);
    while (left > 0) {
        size_t len = utf8_decode(at, left, &point);
        if (len == 0)
            buf_append_str(out, "\\ufffd");
        else if (point < 0x20 || point == '"' || point == '\\')
            buf_printf(out, "\\u%04x", (unsigned)point);
        else
            buf_append(out, at, len);
        at += len > 0 ? len : 1;
        left -= len > 0 ? len : 1;
    }
    buf_append(out, "\"", 1);
}

static void report_jobs(struct buf *out, const struct queue *queue)
{
    const char *comma = "";
    size_t told = 0;

    buf_append_str(out, ",\"running\":[");
    for (size_t i = 0; i < runner_count && told < REPORT_RUNNING_MAX; i++) {
        const struct job *job = runners[i].job;
        if (job->owner != queue)
            continue;
        buf_printf(out, "%s{\"tag\":%" PRIu64 ",\"claim\":", comma, job->tag);
        json_text(out, slice_of(job->claim), CLAIM_ID_MAX);
        if (job->record.type.ptr != NULL) {
            buf_append_str(out, ",\"type\":");
            json_text(out, job->record.type, REPORT_TYPE_MAX);
        }
        buf_printf(out, ",\"since_ms\":%" PRId64 ",\"attempt\":%" PRIu32 "}",
                   runners[i].since_wall_ms, job->record.attempt + 1);
        comma = ",";
        told++;
    }
    buf_append_str(out, "]");
}

/* All but when it is written, and the pool, which are no news by themselves. */
static void report_render(struct buf *out, const struct queue *queue)
{
    const struct worker *worker = queue->worker;
    uint32_t limit = limit_of(queue);

    buf_append_str(out, ",\"version\":\"" NAVVY_VERSION "\",\"host\":");
    json_text(out, slice_of(worker->host), sizeof worker->host);
    buf_printf(out, ",\"pid\":%d,\"started_ms\":%" PRId64 ",\"quiet\":%s,\"applied\":%" PRId64,
               (int)getpid(), worker->started_ms + worker->report_offset_ms,
               worker->quiet ? "true" : "false", queue->orders.version);
    if (limit != UINT32_MAX)
        buf_printf(out, ",\"concurrency\":%" PRIu32, limit);
    report_jobs(out, queue);
}

static void report_head(struct buf *out, const struct worker *worker)
{
    const struct pool_stats *pool = &worker->report_pool;

    buf_printf(out, "{\"at_ms\":%" PRId64 ",\"pool\":{\"running\":%" PRIu32 ",\"idle\":%" PRIu32,
               worker_redis_now_ms(worker), pool->running, pool->idle);
    buf_printf(out, ",\"waiting\":%" PRIu32 ",\"capacity\":%" PRIu32 "}", pool->waiting,
               pool->capacity);
}

/* --- telling --------------------------------------------------------------------------------- */

static bool report_send(struct queue *queue, struct slice status)
{
    struct orders *orders = &queue->orders;
    struct args *args = &queue->worker->args;

    args_start(args);
    args_key(args, &queue->keys, KEY_WORKERS);
    args_key(args, &queue->keys, KEY_CONTROL);
    args_key(args, &queue->keys, KEY_STATUS);
    args_text(args, queue->id);
    args_int(args, orders->version);
    args_slice(args, status);
    args_int(args, CONTROL_CANCEL_OLD_MS);
    orders->asked = link_script(queue->worker->beat, SCRIPT_REPORT, on_report, queue, 3,
                                args->count, args->word);
    return orders->asked;
}

bool report_ask(struct queue *queue)
{
    return report_send(queue, (struct slice){"", 0});
}

static bool pool_is_news(const struct queue *queue, int64_t now_ms)
{
    const struct pool_stats *is = &queue->worker->report_pool, *was = &queue->orders.told_pool;
    bool same = is->running == was->running && is->idle == was->idle &&
                is->waiting == was->waiting && is->capacity == was->capacity;

    return !same && (queue->pool_jobs > 0 || now_ms - queue->orders.told_ms >= REPORT_POOL_MS);
}

/* What is sent: the head closed over by the rest, which is kept to be compared with. */
bool report_turn(struct queue *queue, int64_t now_ms)
{
    struct worker *worker = queue->worker;
    struct orders *orders = &queue->orders;
    struct buf *line = &worker->scratch;

    buf_reset(line);
    report_render(line, queue);
    bool same = !line->failed && line->len == orders->told_status.len &&
                memcmp(line->data, orders->told_status.data, line->len) == 0;
    if (line->failed || (same && !pool_is_news(queue, now_ms)))
        return false;
    buf_reset(&orders->told_status);
    buf_append(&orders->told_status, line->data, line->len);
    buf_reset(line);
    report_head(line, worker);
    buf_append(line, orders->told_status.data, orders->told_status.len);
    buf_append_str(line, "}");
    if (line->failed || orders->told_status.failed ||
        !report_send(queue, (struct slice){line->data, line->len})) {
        buf_reset(&orders->told_status); /* next time */
        return false;
    }
    orders->told_pool = worker->report_pool;
    orders->told_ms = now_ms;
    return true;
}
