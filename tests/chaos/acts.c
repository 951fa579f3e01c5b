#include "tests/chaos/acts.h"
#include "tests/support/test.h"

bool act_stands(const struct chaos *chaos, enum act act)
{
    return chaos->undo[act] != 0;
}

bool redis_talks(const struct chaos *chaos)
{
    return !act_stands(chaos, ACT_redis_freeze) && !act_stands(chaos, ACT_redis_kill) &&
           !act_stands(chaos, ACT_redis_restart) && !act_stands(chaos, ACT_busy);
}

bool redis_reads(const struct chaos *chaos)
{
    return redis_talks(chaos) && !act_stands(chaos, ACT_pause); /* any script waits */
}

bool redis_writes(const struct chaos *chaos)
{
    return redis_reads(chaos) && !act_stands(chaos, ACT_memory) &&
           !act_stands(chaos, ACT_read_only) && !act_stands(chaos, ACT_replicas);
}

struct place *act_place(struct chaos *chaos)
{
    return &chaos->fleet.place[chaos->step.worker];
}

unsigned act_until(const struct chaos *chaos)
{
    return chaos->step.number + (chaos->step.length > 0 ? chaos->step.length : 1);
}

static bool act_calm(struct chaos *chaos)
{
    (void)chaos;
    return true;
}

/* Nobody could renew a lease meanwhile, and not all come back at the same time. */
static void blow_to_all(struct chaos *chaos)
{
    for (unsigned i = 0; i < chaos->fleet.size; i++) {
        if (place_runs(&chaos->fleet.place[i]))
            launch_blow(chaos->fleet.place[i].launch);
    }
}

void acts_undo(struct chaos *chaos, bool all)
{
    for (int act = 0; act < 2 * ACT_COUNT; act++) { /* some are possible only after others */
        unsigned due = chaos->undo[act % ACT_COUNT];
        if (due == 0 || (!all && chaos->step.number < due) ||
            !undo_is_possible(chaos, act % ACT_COUNT))
            continue;
        undo_redis(chaos, (enum act)(act % ACT_COUNT));
        blow_to_all(chaos);
    }
    for (unsigned i = 0; i < chaos->fleet.size; i++)
        undo_place(chaos, &chaos->fleet.place[i], all);
}

/* ---- the table ---- */

static const struct {
    bool (*carry_out)(struct chaos *chaos);
    bool redis, lasts; /* Redis must talk, and it must not stand already; it stands for a while */
} acts[ACT_COUNT] = {
    [ACT_calm] = {act_calm, false, false},
    [ACT_kill] = {act_kill, false, false},
    [ACT_crash] = {act_crash, false, false},
    [ACT_freeze] = {act_freeze, false, false},
    [ACT_term] = {act_term, false, false},
    [ACT_term_twice] = {act_term, false, false},
    [ACT_reload] = {act_reload, false, false},
    [ACT_cut_request] = {act_break, false, false},
    [ACT_cut_reply] = {act_break, false, false},
    [ACT_cut_inside] = {act_break, false, false},
    [ACT_hold_reply] = {act_break, false, false},
    [ACT_cut_all] = {act_cut_all, false, false},
    [ACT_partition] = {act_partition, false, false},
    [ACT_client_kill] = {act_client_kill, true, false},
    [ACT_flush] = {act_flush, true, false},
    [ACT_memory] = {act_memory, true, true},
    [ACT_read_only] = {act_read_only, true, true},
    [ACT_clients] = {act_clients, true, true},
    [ACT_pause] = {act_pause, true, true},
    [ACT_replicas] = {act_replicas, true, true},
    [ACT_busy] = {act_busy, true, true},
    [ACT_redis_freeze] = {act_redis_freeze, true, true},
    [ACT_redis_kill] = {act_redis_end, true, true},
    [ACT_redis_restart] = {act_redis_end, true, true},
    [ACT_dlq_retry] = {act_dlq_retry, false, false},
    [ACT_queue_pause] = {act_queue_pause, true, true},
};

void acts_do(struct chaos *chaos)
{
    enum act act = chaos->step.act;
    bool possible = !acts[act].redis || (redis_talks(chaos) && !act_stands(chaos, act));
    char line[128];

    step_format(&chaos->step, line, sizeof line);
    bool done = possible && acts[act].carry_out(chaos);
    story_note(chaos, "%s%s", line, done ? "" : " (not possible now)");
    if (!done)
        return;
    chaos->acts[act]++;
    if (!acts[act].lasts)
        return;
    chaos->undo[act] = act_until(chaos);
    blow_to_all(chaos);
}
