/* acts_worker: what befalls a worker, or the way between it and Redis. */
#include <signal.h>

#include "base/fault.h"
#include "tests/chaos/acts.h"
#include "tests/support/test.h"

bool act_kill(struct chaos *chaos)
{
    struct place *place = act_place(chaos);
    if (!place_runs(place))
        return false;
    launch_kill(place->launch, chaos->step.nth % 2 == 1);
    place->away_until = act_until(chaos);
    return true;
}

bool act_crash(struct chaos *chaos)
{
    struct place *place = act_place(chaos);
    char plan[64];

    if (place_runs(place)) {
        launch_kill(place->launch, true);
        (void)process_wait(place->launch->process, TEST_LIMIT_MS);
    }
    watch_workers(chaos, false);
    (void)snprintf(plan, sizeof plan, "%s:%u",
                   fault_point_name((enum fault_point)chaos->step.point), chaos->step.nth);
    place_launch(&chaos->fleet, place, plan, chaos->step.deaths);
    place->launch->killed = true;
    place->thaw_step = 0;
    return true;
}

bool act_freeze(struct chaos *chaos)
{
    struct place *place = act_place(chaos);
    if (!place_runs(place) || place->thaw_step != 0)
        return false;
    launch_blow(place->launch);
    launch_signal(place->launch, SIGSTOP);
    place->thaw_step = act_until(chaos);
    return true;
}

/* Before it has said something it does not know what a HUP is. */
static bool is_up(struct place *place)
{
    char path[FOLDER_FILE_MAX];
    return place_runs(place) &&
           file_lines(folder_file(&place->launch->process->folder, "err", path)) > 0;
}

bool act_term(struct chaos *chaos)
{
    struct place *place = act_place(chaos);
    if (!is_up(place))
        return false;
    launch_blow(place->launch);
    place->launch->told = true;
    process_signal(place->launch->process, SIGTERM);
    if (chaos->step.act == ACT_term_twice)
        process_signal(place->launch->process, SIGTERM);
    place->away_until = act_until(chaos);
    return true;
}

bool act_reload(struct chaos *chaos)
{
    struct place *place = act_place(chaos);
    place_configure(&chaos->fleet, place, chaos->step.nth);
    if (!is_up(place))
        return false;
    process_signal(place->launch->process, SIGHUP);
    return true;
}

bool act_break(struct chaos *chaos)
{
    static const enum proxy_fault faults[ACT_COUNT] = {[ACT_cut_request] = PROXY_CUT_REQUEST,
                                                       [ACT_cut_reply] = PROXY_CUT_REPLY,
                                                       [ACT_cut_inside] = PROXY_CUT_INSIDE,
                                                       [ACT_hold_reply] = PROXY_HOLD_REPLY};
    struct place *place = act_place(chaos);

    proxy_break(place->proxy, chaos->step.call, (int)chaos->step.nth, faults[chaos->step.act]);
    if (chaos->step.act == ACT_hold_reply) {
        place->release_step = act_until(chaos);
        if (place->launch != NULL)
            launch_blow(place->launch); /* a beat may be behind it */
    }
    return true;
}

bool act_cut_all(struct chaos *chaos)
{
    proxy_cut(act_place(chaos)->proxy);
    return true;
}

bool act_partition(struct chaos *chaos)
{
    struct place *place = act_place(chaos);
    proxy_partition(place->proxy);
    place->heal_step = act_until(chaos);
    if (place->launch != NULL)
        launch_blow(place->launch);
    return true;
}

/* Through a worker's proxy, so that its replies get lost, too. */
bool act_dlq_retry(struct chaos *chaos)
{
    static const char *const queues[] = {"orders", "mail"};
    const char *const argv[] = {
        NAVVY_BIN, "dlq", "retry",   queues[chaos->step.nth % 2],        "--all", "--yes",
        "--limit", "25",  "--redis", proxy_url(act_place(chaos)->proxy), NULL};
    for (size_t i = 0; i < CHAOS_TOOLS_MAX; i++) {
        if (chaos->tool[i] != NULL)
            continue;
        chaos->tool[i] = process_start(argv, NULL, NULL);
        return true;
    }
    return false;
}

void undo_place(struct chaos *chaos, struct place *place, bool all)
{
    unsigned now = chaos->step.number;
    if (place->thaw_step != 0 && (all || now >= place->thaw_step)) {
        if (place_runs(place)) {
            launch_signal(place->launch, SIGCONT);
            launch_blow(place->launch);
        }
        place->thaw_step = 0;
    }
    if (all)
        proxy_break(place->proxy, "", 0, PROXY_WHOLE);
    bool heal = place->heal_step != 0 && now >= place->heal_step;
    bool release = place->heal_step == 0 && place->release_step != 0 && now >= place->release_step;
    if (all || heal || release) {
        proxy_release(place->proxy);
        if (place->launch != NULL)
            launch_blow(place->launch);
        place->heal_step = place->release_step = 0;
    }
    if (all)
        place->away_until = 0;
}
