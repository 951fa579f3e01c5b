#include "supervisor/health.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What to know of a trouble: does it keep a queue from being consumed, and in which words. */
static const struct {
    bool is_fault; /* else it is what an operator wanted */
    bool explains; /* why no take is answered: a restart would not mend it */
    const char *words;
} troubles[METERS_TROUBLE_COUNT] = {
    [METERS_DISCONNECTED] = {true, true, "no connection to Redis; trying again"},
    [METERS_DENIED] = {true, true, "Redis lets this user not in: check the password and the ACL"},
    [METERS_POLICY] = {true, true,
                       "this Redis may lose jobs or is too old: `navvy check --connect`"},
    [METERS_QUIET] = {false, true, "takes nothing, as it was told (TSTP, quiet)"},
    [METERS_PAUSED] = {false, true, "paused: `navvy resume QUEUE`"},
    [METERS_DLQ_FULL] = {true, true, "its dead-letter queue is full: `navvy dlq list QUEUE`"},
    [METERS_QUARANTINED] = {true, true, "one of its keys has a wrong type: `navvy audit QUEUE`"},
    [METERS_REFUSED] = {true, true, "Redis refuses takes for now"},
    [METERS_NO_LEASE] = {true, true, "no lease: not joined yet, or lost and not joined again"},
    [METERS_OTHER_STORE] = {true, true, "other workers keep its fingerprints another way"},
    [METERS_SILENT] = {true, true, "no heartbeat was answered for so long that handlers stopped"},
};

PRINTF_LIKE(5, 6)
static void add_fault(struct health *out, const char *name, const char *queue, const char *worker,
                      const char *fmt, ...)
{
    va_list args;

    if (out->fault_count++ >= HEALTH_FAULTS_MAX)
        return;
    struct health_fault *fault = &out->fault[out->fault_count - 1];
    *fault = (struct health_fault){.name = name};
    (void)snprintf(fault->queue, sizeof fault->queue, "%s", queue);
    (void)snprintf(fault->worker, sizeof fault->worker, "%s", worker);
    va_start(args, fmt);
    (void)vsnprintf(fault->words, sizeof fault->words, fmt, args);
    va_end(args);
}

PRINTF_LIKE(2, 3) static void add_stuck(struct health *out, const char *fmt, ...)
{
    va_list args;

    if (out->stuck_count++ > 0)
        return;
    va_start(args, fmt);
    (void)vsnprintf(out->stuck, sizeof out->stuck, fmt, args);
    va_end(args);
}

/* The name that it has for some queue, which holds host and pid. */
static const char *name_of(const struct blackbox *box)
{
    for (int i = 0; i < BLACKBOX_NAMES_MAX; i++) {
        if (atomic_load(&box->name[i].used))
            return box->name[i].worker;
    }
    return "";
}

static bool add_troubles(struct health *out, uint32_t bits, const char *queue, const char *worker)
{
    bool explained = false;

    for (enum meters_trouble i = 0; i < METERS_TROUBLE_COUNT; i++) {
        if ((bits & 1u << i) == 0)
            continue;
        explained |= troubles[i].explains;
        if (troubles[i].is_fault)
            add_fault(out, meters_trouble_name(i), queue, worker, "%s%s%s", queue,
                      queue[0] != 0 ? ": " : "", troubles[i].words);
    }
    return explained;
}

/* A queue that nobody says anything about, and of which nothing is heard. */
static void look_at_silence(const struct blackbox *box, const struct meters_queue *queue,
                            int64_t now_ms, struct health *out)
{
    int64_t answered_ms = meter_get(&queue->answered_ms), busy_ms = meter_get(&queue->busy_ms);
    int64_t heard_ms = answered_ms > busy_ms ? answered_ms : busy_ms;
    int64_t silent_ms = now_ms - heard_ms;

    if (heard_ms == 0 || silent_ms < HEALTH_SILENT_MS)
        return;
    add_fault(out, "silent", queue->name, name_of(box), "%s: no take was answered for %lld s",
              queue->name, (long long)(silent_ms / 1000));
    if (silent_ms >= HEALTH_FORGOTTEN_MS)
        add_stuck(out, "%s: no take was answered for %lld s, and nothing says why", queue->name,
                  (long long)(silent_ms / 1000));
}

static void look_at_queues(const struct blackbox *box, bool explained, int64_t now_ms,
                           struct health *out)
{
    uint32_t count = atomic_load_explicit(&box->meters.queue_count, memory_order_acquire);

    for (uint32_t i = 0; i < count && i < METERS_QUEUES_MAX; i++) {
        const struct meters_queue *queue = &box->meters.queue[i];
        if (!meter_get(&queue->served))
            continue;
        bool own = add_troubles(out, meter_get(&queue->trouble), queue->name, name_of(box));
        if (!own && !explained)
            look_at_silence(box, queue, now_ms, out);
    }
}

/* The clock of who looks may be read before the worker's last turn. */
static bool look_at_loop(const struct blackbox *box, int64_t now_ms, struct health *out)
{
    int64_t silent_ms = now_ms - meter_get(&box->meters.turn_ms);

    if (silent_ms < HEALTH_STUCK_MS)
        return true;
    add_fault(out, "loop", "", name_of(box), "the loop of worker %s has not turned for %lld s",
              name_of(box), (long long)(silent_ms / 1000));
    add_stuck(out, "the loop of worker %s has not turned for %lld s", name_of(box),
              (long long)(silent_ms / 1000));
    return false;
}

static bool is_at_work(const struct blackbox *box)
{
    return atomic_load(&box->phase) == BLACKBOX_LIVE && meter_get(&box->meters.turn_ms) != 0;
}

/* One that is going takes nothing any more; one that has no lease yet while others have is a
 * replacement on its way. */
static bool is_on_its_way(const struct blackbox *box, const struct health *health)
{
    return atomic_load(&box->leaving) || (!atomic_load(&box->ready) && health->leased > 0);
}

static void look_at_worker(const struct blackbox *box, int64_t now_ms, struct health *out)
{
    if (!is_at_work(box) || !look_at_loop(box, now_ms, out) || is_on_its_way(box, out))
        return;
    bool explained = add_troubles(out, meter_get(&box->meters.trouble), "", name_of(box));
    look_at_queues(box, explained, now_ms, out);
}

void health_look(const struct blackboxes *boxes, int64_t now_ms, struct health *out)
{
    int opened = atomic_load(&boxes->opened);
    uint32_t leaving = 0;

    memset(out, 0, sizeof *out);
    for (int i = 0; i < opened; i++) {
        const struct blackbox *box = &boxes->box[i];
        out->workers += is_at_work(box);
        leaving += is_at_work(box) && atomic_load(&box->leaving);
        out->leased += is_at_work(box) && atomic_load(&box->ready) && !atomic_load(&box->leaving);
    }
    for (int i = 0; i < opened; i++)
        look_at_worker(&boxes->box[i], now_ms, out);
    if (leaving > 0 && leaving == out->workers)
        add_fault(out, "draining", "", "", "draining: it was told to end");
    else if (out->leased == 0 && out->fault_count == 0)
        add_fault(out, "no_worker", "", "", "no worker has a lease yet");
}
