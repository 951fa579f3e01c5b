#include <signal.h>
#include <stdio.h>

#include "base/fault.h"
#include "tests/chaos/chaos.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum { STEP_MS = 250 };

static bool stands(const struct chaos *chaos, enum act act)
{
    return chaos->undo[act] != 0;
}

bool redis_talks(const struct chaos *chaos)
{
    return !stands(chaos, ACT_redis_freeze) && !stands(chaos, ACT_redis_kill) &&
           !stands(chaos, ACT_redis_restart) && !stands(chaos, ACT_busy);
}

bool redis_reads(const struct chaos *chaos)
{
    return redis_talks(chaos) && !stands(chaos, ACT_pause); /* any script waits */
}

bool redis_writes(const struct chaos *chaos)
{
    return redis_reads(chaos) && !stands(chaos, ACT_memory) && !stands(chaos, ACT_read_only) &&
           !stands(chaos, ACT_replicas);
}

static struct place *place_of(struct chaos *chaos)
{
    return &chaos->fleet.place[chaos->step.worker];
}

static unsigned until(const struct chaos *chaos)
{
    return chaos->step.number + (chaos->step.length > 0 ? chaos->step.length : 1);
}

/* ---- to a worker; false: there is none ---- */

static bool act_kill(struct chaos *chaos)
{
    struct place *place = place_of(chaos);
    if (!place_runs(place))
        return false;
    launch_kill(place->launch, chaos->step.nth % 2 == 1);
    place->away_until = until(chaos);
    return true;
}

static bool act_crash(struct chaos *chaos)
{
    struct place *place = place_of(chaos);
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

static bool act_freeze(struct chaos *chaos)
{
    struct place *place = place_of(chaos);
    if (!place_runs(place) || place->thaw_step != 0)
        return false;
    launch_blow(place->launch);
    launch_signal(place->launch, SIGSTOP);
    place->thaw_step = until(chaos);
    return true;
}

/* Before it has said something it does not know what a HUP is. */
static bool is_up(struct place *place)
{
    char path[FOLDER_FILE_MAX];
    return place_runs(place) &&
           file_lines(folder_file(&place->launch->process->folder, "err", path)) > 0;
}

static bool act_term(struct chaos *chaos)
{
    struct place *place = place_of(chaos);
    if (!is_up(place))
        return false;
    launch_blow(place->launch);
    place->launch->told = true;
    process_signal(place->launch->process, SIGTERM);
    if (chaos->step.act == ACT_term_twice)
        process_signal(place->launch->process, SIGTERM);
    place->away_until = until(chaos);
    return true;
}

static bool act_reload(struct chaos *chaos)
{
    struct place *place = place_of(chaos);
    place_configure(&chaos->fleet, place, chaos->step.nth);
    if (!is_up(place))
        return false;
    process_signal(place->launch->process, SIGHUP);
    return true;
}

static bool act_break(struct chaos *chaos)
{
    static const enum proxy_fault faults[ACT_COUNT] = {[ACT_cut_request] = PROXY_CUT_REQUEST,
                                                       [ACT_cut_reply] = PROXY_CUT_REPLY,
                                                       [ACT_cut_inside] = PROXY_CUT_INSIDE,
                                                       [ACT_hold_reply] = PROXY_HOLD_REPLY};
    struct place *place = place_of(chaos);

    proxy_break(place->proxy, chaos->step.call, (int)chaos->step.nth, faults[chaos->step.act]);
    if (chaos->step.act == ACT_hold_reply) {
        place->release_step = until(chaos);
        if (place->launch != NULL)
            launch_blow(place->launch); /* a beat may be behind it */
    }
    return true;
}

static bool act_cut_all(struct chaos *chaos)
{
    proxy_cut(place_of(chaos)->proxy);
    return true;
}

static bool act_partition(struct chaos *chaos)
{
    struct place *place = place_of(chaos);
    proxy_partition(place->proxy);
    place->heal_step = until(chaos);
    if (place->launch != NULL)
        launch_blow(place->launch);
    return true;
}

/* ---- to Redis; it talks ---- */

static bool act_client_kill(struct chaos *chaos)
{
    redis_run(chaos->server, "CLIENT KILL TYPE normal SKIPME yes");
    return true;
}

static bool act_flush(struct chaos *chaos)
{
    redis_run(chaos->server, "SCRIPT FLUSH SYNC");
    return true;
}

static bool act_memory(struct chaos *chaos)
{
    redis_run(chaos->server, "CONFIG SET maxmemory 1");
    return true;
}

static bool act_read_only(struct chaos *chaos)
{
    redis_run(chaos->server, "REPLICAOF 127.0.0.1 1"); /* nobody is there */
    return true;
}

static bool act_clients(struct chaos *chaos)
{
    redis_run(chaos->server, "CONFIG SET maxclients 1");
    return act_client_kill(chaos);
}

static bool act_pause(struct chaos *chaos)
{
    redis_run(chaos->server, "CLIENT PAUSE %lld WRITE", (long long)chaos->step.length * STEP_MS);
    return true;
}

static bool act_replicas(struct chaos *chaos)
{
    redis_run(chaos->server, "CONFIG SET min-replicas-to-write 1");
    return true;
}

static bool act_busy(struct chaos *chaos)
{
    const char *const argv[] = {
        "redis-cli", "-s", chaos->server->endpoint.path, "EVAL", "while true do end", "0", NULL};

    if (stands(chaos, ACT_clients) || stands(chaos, ACT_pause))
        return false;
    chaos->busy = process_start(argv, NULL, NULL);
    return true;
}

static bool act_redis_freeze(struct chaos *chaos)
{
    redis_server_freeze(chaos->server);
    return true;
}

static bool act_redis_end(struct chaos *chaos)
{
    if (chaos->step.act == ACT_redis_kill)
        redis_server_kill(chaos->server);
    else
        redis_server_stop(chaos->server);
    return true;
}

static bool act_queue_pause(struct chaos *chaos)
{
    if (!redis_writes(chaos))
        return false;
    chaos->paused = (enum chaos_queue)(chaos->step.nth % CHAOS_QUEUE_COUNT);
    redis_run(chaos->server, "HSET %s paused 1", chaos_key(chaos->paused, KEY_META));
    return true;
}

/* Through a worker's proxy, so that its replies get lost, too. */
static bool act_dlq_retry(struct chaos *chaos)
{
    static const char *const queues[] = {"orders", "mail"};
    const char *const argv[] = {
        NAVVY_BIN, "dlq", "retry",   queues[chaos->step.nth % 2],       "--all", "--yes",
        "--limit", "25",  "--redis", proxy_url(place_of(chaos)->proxy), NULL};
    for (size_t i = 0; i < CHAOS_TOOLS_MAX; i++) {
        if (chaos->tool[i] != NULL)
            continue;
        chaos->tool[i] = process_start(argv, NULL, NULL);
        return true;
    }
    return false;
}

static bool act_calm(struct chaos *chaos)
{
    (void)chaos;
    return true;
}

/* ---- undoing ---- */

/* Config set at run time is gone with the process. */
static void redis_came_back(struct chaos *chaos)
{
    redis_server_restart(chaos->server);
    chaos->undo[ACT_memory] = chaos->undo[ACT_read_only] = chaos->undo[ACT_clients] = 0;
    chaos->undo[ACT_pause] = chaos->undo[ACT_replicas] = 0;
}

/* Not before it has begun, and run for a while (lua-time-limit): until then nobody is answered. */
static bool script_was_killed(struct chaos *chaos)
{
    struct reply *reply = redis_ask(chaos->server, "SCRIPT KILL");
    bool killed = reply_kind(reply) != REPLY_ERROR;
    client_reply_free(reply);
    return killed;
}

static void undo_busy(struct chaos *chaos)
{
    EVENTUALLY(script_was_killed(chaos), TEST_LIMIT_MS);
    process_free(chaos->busy);
    chaos->busy = NULL;
}

static void undo_redis(struct chaos *chaos, enum act act)
{
    switch ((int)act) {
    case ACT_redis_freeze:
        redis_server_thaw(chaos->server);
        break;
    case ACT_redis_kill:
    case ACT_redis_restart:
        redis_came_back(chaos);
        break;
    case ACT_busy:
        undo_busy(chaos);
        break;
    case ACT_memory:
        redis_run(chaos->server, "CONFIG SET maxmemory 0");
        break;
    case ACT_read_only:
        redis_run(chaos->server, "REPLICAOF NO ONE");
        break;
    case ACT_clients:
        redis_run(chaos->server, "CONFIG SET maxclients 1000");
        break;
    case ACT_pause:
        redis_run(chaos->server, "CLIENT UNPAUSE");
        break;
    case ACT_replicas:
        redis_run(chaos->server, "CONFIG SET min-replicas-to-write 0");
        break;
    case ACT_queue_pause:
        redis_run(chaos->server, "HDEL %s paused", chaos_key(chaos->paused, KEY_META));
        break;
    default:
        break;
    }
    chaos->undo[act] = 0;
}

static void undo_place(struct chaos *chaos, struct place *place, bool all)
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

/* Those that let Redis talk come first: the others need it. */
static bool undo_is_possible(const struct chaos *chaos, int act)
{
    switch (act) {
    case ACT_redis_freeze:
    case ACT_redis_kill:
    case ACT_redis_restart:
    case ACT_busy:
        return true;
    case ACT_queue_pause:
        return redis_writes(chaos);
    default:
        return redis_talks(chaos);
    }
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
    bool possible = !acts[act].redis || (redis_talks(chaos) && !stands(chaos, act));
    char line[128];

    step_format(&chaos->step, line, sizeof line);
    bool done = possible && acts[act].carry_out(chaos);
    story_note(chaos, "%s%s", line, done ? "" : " (not possible now)");
    if (!done)
        return;
    chaos->acts[act]++;
    if (!acts[act].lasts)
        return;
    chaos->undo[act] = until(chaos);
    blow_to_all(chaos);
}
