/*
 * seat: where a worker should be at work, and when the next one may start there.
 *
 * Who dies young makes its successor wait: not the first time, then 100 ms, and twice as long each
 * time. Whoever lives for HEALTHY_MS makes up for all that was before.
 */
#include "base/clock.h"
#include "base/log.h"
#include "supervisor/gang.h"

int64_t restart_delay_ms(uint32_t failures)
{
    int64_t delay_ms = failures > 1 ? RESTART_MS_MIN : 0;

    for (uint32_t i = 2; i < failures && delay_ms < RESTART_MS_MAX; i++)
        delay_ms *= 2;
    return delay_ms < RESTART_MS_MAX ? delay_ms : RESTART_MS_MAX;
}

/* Whoever sits there has failed, or could not be started. */
static void seat_failed(struct seat *seat, bool was_healthy)
{
    seat->failures = was_healthy ? 1 : seat->failures + (seat->failures < UINT32_MAX);
    int64_t delay_ms = restart_delay_ms(seat->failures);
    seat->start_ms = clock_mono_ms() + delay_ms;
    if (delay_ms > 0)
        LOG(LOG_WARN, "restart", LOG_I("in_ms", delay_ms), LOG_I("failures", seat->failures));
}

static void seat_keeps(struct seat *seat, const char *why)
{
    seat->next = NULL;
    seat->replace = false;
    LOG(LOG_ERROR, "not_replaced", LOG_S("err", why), LOG_S("do", "the old one stays"));
}

void seats_lost(struct gang *gang, const struct member *member)
{
    bool healthy = clock_mono_ms() - member->started_ms >= HEALTHY_MS;

    for (uint32_t i = 0; i < gang->seats; i++) {
        struct seat *seat = &gang->seat[i];
        if (seat->next == member)
            seat_keeps(seat, "the new worker has ended");
        if (seat->worker != member)
            continue;
        seat->worker = seat->next; /* if there is one */
        seat->next = NULL;
        seat->replace = false;
        seat->closed = seat->worker == NULL && atomic_load(&member->box->dismissed);
        if (seat->worker == NULL && !seat->closed)
            seat_failed(seat, healthy);
    }
}

bool seats_all_closed(const struct gang *gang)
{
    for (uint32_t i = 0; i < gang->seats; i++) {
        if (!gang->seat[i].closed)
            return false;
    }
    return gang->seats > 0;
}

void seats_reopen(struct gang *gang)
{
    for (uint32_t i = 0; i < gang->seats; i++)
        gang->seat[i].closed = false;
}

static void seat_start(struct gang *gang, struct seat *seat)
{
    seat->worker = member_start(gang, MEMBER_WORKER);
    if (seat->worker == NULL)
        seat_failed(seat, false);
}

/* More or fewer processes after a reload. */
static void seats_resize(struct gang *gang)
{
    uint32_t wanted = gang->config->processes;

    for (uint32_t i = wanted; i < gang->seats; i++) {
        if (gang->seat[i].worker != NULL)
            member_dismiss(gang, gang->seat[i].worker);
        if (gang->seat[i].next != NULL)
            member_dismiss(gang, gang->seat[i].next);
        gang->seat[i] = (struct seat){.worker = NULL};
    }
    gang->seats = wanted;
}

/* The new one first; when that is at work the old one may go. */
static void seat_replace(struct gang *gang, struct seat *seat, int64_t now_ms)
{
    if (seat->next == NULL) {
        seat->next = now_ms >= seat->start_ms ? member_start(gang, MEMBER_WORKER) : NULL;
        if (seat->next == NULL)
            seat->start_ms = now_ms + READY_LIMIT_MS; /* too many that have not gone yet */
    } else if (atomic_load(&seat->next->box->ready)) {
        LOG(LOG_INFO, "replaced", LOG_I("pid", seat->worker->pid), LOG_I("by", seat->next->pid));
        member_dismiss(gang, seat->worker);
        *seat = (struct seat){.worker = seat->next};
    } else if (now_ms - seat->next->started_ms > READY_LIMIT_MS) {
        member_dismiss(gang, seat->next);
        seat_keeps(seat, "the new worker did not get a lease in time");
    }
}

static void seat_turn(struct gang *gang, struct seat *seat, bool *replacing, int64_t now_ms)
{
    if (seat->worker == NULL) {
        if (now_ms >= seat->start_ms && !seat->closed)
            seat_start(gang, seat);
        return;
    }
    gang->ever_ready |= atomic_load(&seat->worker->box->ready);
    if (!seat->replace || *replacing)
        return;
    seat_replace(gang, seat, now_ms);
    *replacing = true; /* one after the other */
}

void seats_turn(struct gang *gang, int64_t now_ms)
{
    bool replacing = false;

    if (gang->stop != GANG_WORKS)
        return;
    seats_resize(gang);
    recycle_turn(gang, now_ms);
    for (uint32_t i = 0; i < gang->seats; i++)
        seat_turn(gang, &gang->seat[i], &replacing, now_ms);
}

int64_t seats_next_ms(const struct gang *gang, int64_t now_ms)
{
    int64_t at_ms = now_ms + 1000;

    for (uint32_t i = 0; gang->stop == GANG_WORKS && i < gang->seats; i++) {
        const struct seat *seat = &gang->seat[i];
        if (seat->worker == NULL && !seat->closed && seat->start_ms < at_ms)
            at_ms = seat->start_ms;
        if (seat->replace && at_ms > now_ms + READY_LOOK_MS)
            at_ms = now_ms + READY_LOOK_MS;
    }
    if (gang->stop == GANG_WORKS && gang->office.member == NULL && gang->office.start_ms > now_ms &&
        gang->office.start_ms < at_ms)
        at_ms = gang->office.start_ms;
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        const struct member *member = &gang->member[i];
        if (member->pid != 0 && member->kill_ms != 0 && member->kill_ms < at_ms)
            at_ms = member->kill_ms;
    }
    return at_ms;
}
