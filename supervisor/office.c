/*
 * office: the process that serves the operators' view, beside the workers. It has no jobs, and its
 * death hurts none: another one is started, later each time. It sees the black boxes and cannot
 * write to them. It goes last, so that a drain can be watched.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "supervisor/gang.h"

enum { OFFICE_STOP_MS = 5000 };

static bool office_is_wanted(const struct gang *gang)
{
    const char *listen = gang->config->admin_listen;

    return gang->work.serve != NULL && gang->stop == GANG_WORKS && listen != NULL &&
           strcmp(listen, "off") != 0;
}

void office_dismiss(struct gang *gang)
{
    struct member *member = gang->office.member;

    if (member == NULL || member->kill_ms != 0)
        return;
    member->kill_ms = clock_mono_ms() + OFFICE_STOP_MS;
    (void)kill(member->pid, SIGTERM);
}

static void office_failed(struct office *office, bool was_healthy)
{
    office->failures = was_healthy ? 1 : office->failures + (office->failures < UINT32_MAX);
    office->start_ms = clock_mono_ms() + restart_delay_ms(office->failures);
}

void office_lost(struct gang *gang, bool orderly)
{
    struct office *office = &gang->office;
    bool healthy = clock_mono_ms() - office->member->started_ms >= HEALTHY_MS;

    office->member = NULL;
    if (orderly)
        office->start_ms = 0;
    else
        office_failed(office, healthy);
}

void office_turn(struct gang *gang, int64_t now_ms)
{
    struct office *office = &gang->office;

    if (!office_is_wanted(gang)) {
        if (gang->stop == GANG_WORKS)
            office_dismiss(gang);
        return;
    }
    if (office->member != NULL || now_ms < office->start_ms)
        return;
    office->member = member_start(gang, MEMBER_OFFICE);
    if (office->member == NULL)
        office_failed(office, false);
}
