/*
 * What the workers of this supervisor say in their black boxes.
 */
#include "admin/http/metrics_line.h"
#include "dlq/verdict.h"

/* --- families of one sample ------------------------------------------------------------------ */

static void one(struct buf *out, enum metric_id id, uint64_t value)
{
    metrics_family(out, id);
    metrics_count(out, id, NULL, value);
}

static void one_ms(struct buf *out, enum metric_id id, int64_t ms)
{
    metrics_family(out, id);
    metrics_ms(out, id, NULL, ms);
}

/* Since then; nothing if it never was. */
static void one_age(struct buf *out, enum metric_id id, int64_t then_ms, int64_t now_ms)
{
    if (then_ms != 0)
        one_ms(out, id, now_ms - then_ms);
}

static void processes(struct buf *out, const struct metrics_view *view)
{
    const struct meters *meters = &view->sum->meters;

    one(out, METRIC_WORKERS, view->sum->workers);
    one(out, METRIC_WORKERS_READY, view->sum->ready);
    one(out, METRIC_DEATHS, view->sum->deaths);
    one_age(out, METRIC_TURN_AGE, meter_get(&meters->turn_ms), view->now_ms);
    if (meter_get(&meters->started_wall_ms) != 0)
        one_ms(out, METRIC_STARTED, meter_get(&meters->started_wall_ms));
    one(out, METRIC_HELD_BYTES, meter_get(&meters->held_bytes));
    one(out, METRIC_POOL_RUNNING, meter_get(&meters->running));
    one(out, METRIC_POOL_WAITING, meter_get(&meters->waiting));
    one(out, METRIC_POOL_IDLE, meter_get(&meters->idle));
    one(out, METRIC_POOL_THREADS, meter_get(&meters->threads));
    one(out, METRIC_POOL_CAPACITY, meter_get(&meters->capacity));
}

static void connections(struct buf *out, const struct meters *meters)
{
    const struct metrics_label command[] = {{"connection", "command"}, {NULL, NULL}};
    const struct metrics_label beat[] = {{"connection", "beat"}, {NULL, NULL}};

    metrics_family(out, METRIC_RTT);
    metrics_us(out, METRIC_RTT, command, meter_get(&meters->rtt_us));
    metrics_us(out, METRIC_RTT, beat, meter_get(&meters->beat_rtt_us));
    one(out, METRIC_RECONNECTS, meter_get(&meters->reconnects));
    one(out, METRIC_CONNECTS_FAILED, meter_get(&meters->connects_failed));
}

static void configuration(struct buf *out, const struct meters_sum *sum)
{
    const struct metrics_label loaded[] = {{"result", "loaded"}, {NULL, NULL}};
    const struct metrics_label refused[] = {{"result", "refused"}, {NULL, NULL}};
    const struct meters *meters = &sum->meters;
    uint64_t all = meter_get(&meters->reloads), failed = meter_get(&meters->reloads_failed);

    if (meter_get(&meters->config_hash) != 0)
        one(out, METRIC_CONFIG_HASH, meter_get(&meters->config_hash));
    one(out, METRIC_CONFIG_SAME, sum->same_config);
    if (meter_get(&meters->config_wall_ms) != 0)
        one_ms(out, METRIC_CONFIG_LOADED, meter_get(&meters->config_wall_ms));
    metrics_family(out, METRIC_RELOADS);
    metrics_count(out, METRIC_RELOADS, loaded, all > failed ? all - failed : 0);
    metrics_count(out, METRIC_RELOADS, refused, failed);
    one(out, METRIC_RELOAD_FAILED, meter_get(&meters->reload_failed));
}

/* --- families of queues ------------------------------------------------------------------------
 */

static void of_queue(struct buf *out, enum metric_id id, const struct meters_queue *queue,
                     const char *name, const char *value, uint64_t amount)
{
    const struct metrics_label labels[] = {{"queue", queue->name}, {name, value}, {NULL, NULL}};
    metrics_count(out, id, labels, amount);
}

static void counters(struct buf *out, const struct meters *meters, uint32_t queues)
{
    static const struct {
        enum metric_id id;
        enum meters_counter counter;
        const char *answer; /* of a take; NULL: it has no other label */
    } rows[] = {
        {METRIC_TIMEOUTS, METERS_timeouts, NULL},
        {METRIC_RECOVERED, METERS_recovered, NULL},
        {METRIC_ADOPTED, METERS_adopted, NULL},
        {METRIC_RESENT, METERS_settles_resent, NULL},
        {METRIC_STALE, METERS_settles_stale, NULL},
        {METRIC_LEASES_LOST, METERS_leases_lost, NULL},
        {METRIC_TAKES, METERS_takes, "jobs"},
        {METRIC_TAKES, METERS_takes_empty, "none"},
        {METRIC_TAKES, METERS_takes_refused, "refused"},
        {METRIC_TAKES, METERS_takes_unanswered, "unanswered"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *label = rows[i].answer != NULL ? "answer" : NULL;
        if (i == 0 || rows[i].id != rows[i - 1].id)
            metrics_family(out, rows[i].id);
        for (uint32_t j = 0; j < queues; j++)
            of_queue(out, rows[i].id, &meters->queue[j], label, rows[i].answer,
                     meter_get(&meters->queue[j].counter[rows[i].counter]));
    }
}

static void dead(struct buf *out, const struct meters *meters, uint32_t queues)
{
    metrics_family(out, METRIC_DEAD);
    for (uint32_t i = 0; i < queues; i++) {
        for (int reason = DLQ_REASON_NONE + 1; reason < DLQ_REASON_COUNT; reason++)
            of_queue(out, METRIC_DEAD, &meters->queue[i], "reason",
                     dlq_reason_name((enum dlq_reason)reason),
                     meter_get(&meters->queue[i].dead[reason]));
    }
}

static void states(struct buf *out, const struct metrics_view *view, uint32_t queues)
{
    const struct meters *meters = &view->sum->meters;

    metrics_family(out, METRIC_HELD);
    for (uint32_t i = 0; i < queues; i++)
        of_queue(out, METRIC_HELD, &meters->queue[i], NULL, NULL,
                 meter_get(&meters->queue[i].held));
    metrics_family(out, METRIC_APPLIED);
    for (uint32_t i = 0; i < queues; i++) {
        if (meter_get(&meters->queue[i].served))
            of_queue(out, METRIC_APPLIED, &meters->queue[i], NULL, NULL,
                     meter_get(&meters->queue[i].control));
    }
    metrics_family(out, METRIC_TAKE_AGE);
    for (uint32_t i = 0; i < queues; i++) {
        const struct metrics_label labels[] = {{"queue", meters->queue[i].name}, {NULL, NULL}};
        int64_t then_ms = meter_get(&meters->queue[i].answered_ms);
        if (then_ms != 0)
            metrics_ms(out, METRIC_TAKE_AGE, labels, view->now_ms - then_ms);
    }
}

/* All that there can be, so that a series does not come and go. */
static void troubles(struct buf *out, const struct meters *meters, uint32_t queues)
{
    metrics_family(out, METRIC_WORKER_TROUBLE);
    for (int trouble = 0; trouble < METERS_PAUSED; trouble++) {
        const char *name = meters_trouble_name((enum meters_trouble)trouble);
        const struct metrics_label labels[] = {{"trouble", name}, {NULL, NULL}};
        metrics_count(out, METRIC_WORKER_TROUBLE, labels,
                      (meter_get(&meters->trouble) >> trouble) & 1);
    }
    metrics_family(out, METRIC_QUEUE_TROUBLE);
    for (uint32_t i = 0; i < queues; i++) {
        for (int trouble = METERS_PAUSED; trouble < METERS_TROUBLE_COUNT; trouble++)
            of_queue(out, METRIC_QUEUE_TROUBLE, &meters->queue[i], "trouble",
                     meters_trouble_name((enum meters_trouble)trouble),
                     (meter_get(&meters->queue[i].trouble) >> trouble) & 1);
    }
}

/* --- families of types ---------------------------------------------------------------------------
 */

typedef void each_row(struct buf *out, const char *queue, const char *type,
                      const struct meters_row *row);

static bool row_is_empty(const struct meters_row *row)
{
    for (int i = 0; i < JOB_OUTCOME_COUNT; i++) {
        if (meter_get(&row->outcome[i]) != 0)
            return false;
    }
    return true;
}

static void family_of_rows(struct buf *out, enum metric_id id, const struct meters *meters,
                           uint32_t queues, each_row *each)
{
    metrics_family(out, id);
    for (uint32_t i = 0; i < meter_get(&meters->row_count); i++)
        each(out, meters->queue[meters->row[i].queue].name, meters->row[i].type, &meters->row[i]);
    for (uint32_t i = 0; i < queues; i++) {
        if (!row_is_empty(&meters->queue[i].other))
            each(out, meters->queue[i].name, "other", &meters->queue[i].other);
    }
}

static void runs(struct buf *out, const char *queue, const char *type, const struct meters_row *row)
{
    for (int outcome = 0; outcome < JOB_OUTCOME_COUNT; outcome++) {
        const struct metrics_label labels[] = {
            {"queue", queue},
            {"type", type},
            {"outcome", job_outcome_name((enum job_outcome)outcome)},
        };
        metrics_count(out, METRIC_RUNS, labels, meter_get(&row->outcome[outcome]));
    }
}

static void run(struct buf *out, const char *queue, const char *type, const struct meters_row *row)
{
    const struct metrics_label labels[] = {{"queue", queue}, {"type", type}, {NULL, NULL}};
    metrics_histogram(out, METRIC_RUN, labels, &row->run);
}

static void wait(struct buf *out, const char *queue, const char *type, const struct meters_row *row)
{
    const struct metrics_label labels[] = {{"queue", queue}, {"type", type}, {NULL, NULL}};
    metrics_histogram(out, METRIC_WAIT, labels, &row->wait);
}

static void local_wait(struct buf *out, const struct meters *meters, uint32_t queues)
{
    metrics_family(out, METRIC_LOCAL_WAIT);
    for (uint32_t i = 0; i < queues; i++) {
        const struct metrics_label labels[] = {{"queue", meters->queue[i].name}, {NULL, NULL}};
        metrics_histogram(out, METRIC_LOCAL_WAIT, labels, &meters->queue[i].local);
    }
}

void metrics_of_workers(struct buf *out, const struct metrics_view *view)
{
    const struct metrics_label version[] = {{"version", NAVVY_VERSION}, {NULL, NULL}};

    metrics_family(out, METRIC_BUILD);
    metrics_count(out, METRIC_BUILD, version, 1);
    if (view->sum == NULL)
        return;
    const struct meters *meters = &view->sum->meters;
    uint32_t queues = meter_get(&meters->queue_count);

    processes(out, view);
    connections(out, meters);
    configuration(out, view->sum);
    states(out, view, queues);
    troubles(out, meters, queues);
    counters(out, meters, queues);
    dead(out, meters, queues);
    family_of_rows(out, METRIC_RUNS, meters, queues, runs);
    family_of_rows(out, METRIC_RUN, meters, queues, run);
    family_of_rows(out, METRIC_WAIT, meters, queues, wait);
    local_wait(out, meters, queues);
}
