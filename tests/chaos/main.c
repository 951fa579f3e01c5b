/*
 * chaos: several workers, a real Redis, and a schedule of faults that comes from a seed.
 *
 *   chaos [--seed S] [--minutes M | --steps N] [--workers W]
 *
 * After each step the books of all queues must balance and account for everything that was pushed.
 * In the end, when all faults are undone, everything must end, and the handlers' ledger must agree.
 * Exit 0: so it is. 1: a broken invariant, with what is needed to replay it. 2: wrong arguments.
 */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "tests/chaos/chaos.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum {
    WORKERS = 3,
    PACE_MS = 5,
    QUIET_LIMIT_MS = 120000,
    SEED_MAX = 1000000000, /* short enough to be typed */
};

struct plan {
    uint64_t seed;
    double minutes;
    unsigned steps; /* 0: as many as the time allows */
    unsigned workers, sabotage_step;
    const char *sabotage;
};

_Noreturn static void usage(void)
{
    fprintf(stderr, "usage: chaos [--seed S] [--minutes M | --steps N] [--workers W]\n");
    exit(2);
}

static struct plan plan_read(int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},     {"minutes", required_argument, NULL, 'm'},
        {"steps", required_argument, NULL, 'n'},    {"workers", required_argument, NULL, 'w'},
        {"sabotage", required_argument, NULL, 'x'}, {0},
    };
    struct plan plan = {.seed = random_u64() % SEED_MAX, .minutes = 1, .workers = WORKERS};

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 's':
            plan.seed = strtoull(optarg, NULL, 10);
            break;
        case 'm':
            plan.minutes = strtod(optarg, NULL);
            break;
        case 'n':
            plan.steps = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'w':
            plan.workers = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'x': /* for the test of the test */
            plan.sabotage = optarg;
            break;
        default:
            usage();
        }
    }
    if (optind < argc || plan.workers < 1 || plan.workers > FLEET_MAX || !(plan.minutes > 0))
        usage();
    return plan;
}

/* ---- the run ---- */

static bool goes_on(const struct chaos *chaos, const struct plan *plan, int64_t until_ms)
{
    return plan->steps > 0 ? chaos->step.number < plan->steps : clock_mono_ms() < until_ms;
}

/* The pace is part of the schedule; whoever ends meanwhile is seen at once. */
static void pause_between(struct chaos *chaos)
{
    int64_t until_ms = clock_mono_ms() + chaos->step.pause_ms;
    while (clock_mono_ms() < until_ms) {
        watch_workers(chaos, true);
        poll(NULL, 0, PACE_MS);
    }
}

static void step(struct chaos *chaos, const struct plan *plan)
{
    chaos->step = schedule_step(plan->seed, chaos->step.number + 1, plan->workers);
    acts_undo(chaos, false);
    acts_do(chaos);
    if (redis_writes(chaos))
        jobs_push_some(&chaos->jobs, chaos->server, chaos->step.jobs);
    if (plan->sabotage != NULL && redis_writes(chaos))
        sabotage(chaos, plan->sabotage);
    watch_workers(chaos, true);
    if (redis_reads(chaos))
        watch_books(chaos);
    pause_between(chaos);
}

/* ---- the end ---- */

/* A worker's name has its pid in it. */
static bool is_named(const struct launch *launch, const char *workers)
{
    char part[32];
    bool named = false;

    for (size_t i = 0; i < launch->pids; i++) {
        (void)snprintf(part, sizeof part, "-%d-", (int)launch->pid[i]);
        named |= strstr(workers, part) != NULL;
    }
    return named;
}

/* Those that are there now; the lease of one that is dead may not be over yet. */
static bool all_have_leases(struct chaos *chaos, enum chaos_queue queue)
{
    bool all = true;
    char *workers = redis_text(chaos->server, "EVAL %s 1 %s",
                               "return table.concat(redis.call('ZRANGE', KEYS[1], 0, -1), ' ')",
                               chaos_key(queue, KEY_WORKERS));

    for (unsigned i = 0; i < chaos->fleet.size; i++)
        all &= is_named(chaos->fleet.place[i].launch, workers);
    free(workers);
    return all;
}

static bool all_is_quiet(struct chaos *chaos)
{
    bool quiet = !tools_run(chaos);

    watch_workers(chaos, true);
    for (int queue = 0; queue < CHAOS_QUEUE_COUNT && quiet; queue++) {
        struct books books = books_read(chaos->server, chaos_queues[queue].name);
        quiet = books.elements == books.dlq && books.dying == 0 &&
                books.alive == (int64_t)chaos->fleet.size &&
                all_have_leases(chaos, (enum chaos_queue)queue);
    }
    return quiet;
}

static void settle_all(struct chaos *chaos)
{
    int64_t until_ms = clock_mono_ms() + QUIET_LIMIT_MS;

    story_note(chaos, "all faults end");
    acts_undo(chaos, true);
    while (!all_is_quiet(chaos)) {
        watch_books(chaos);
        if (clock_mono_ms() > until_ms)
            story_broken(chaos, "not quiet after %d s without faults", QUIET_LIMIT_MS / 1000);
        poll(NULL, 0, 10 * PACE_MS);
    }
    watch_books(chaos);
}

static void dismiss_all(struct chaos *chaos)
{
    bool all_well = true;

    story_note(chaos, "all workers are told to go");
    for (unsigned i = 0; i < chaos->fleet.size; i++) {
        struct launch *launch = chaos->fleet.place[i].launch;
        launch->told = true;
        process_signal(launch->process, SIGTERM);
    }
    for (unsigned i = 0; i < chaos->fleet.size; i++)
        all_well &= process_wait(chaos->fleet.place[i].launch->process, TEST_LIMIT_MS) == 0;
    watch_workers(chaos, false);
    /* One that waits to die at a fault point may have done so on its way out. */
    for (enum chaos_queue queue = 0; queue < CHAOS_QUEUE_COUNT && all_well; queue++) {
        if (redis_int(chaos->server, "ZCARD %s", chaos_key(queue, KEY_WORKERS)) != 0)
            story_broken(chaos, "workers of %s went without a word", chaos_queues[queue].name);
    }
}

/* ---- what is printed ---- */

static void print_acts(const struct chaos *chaos)
{
    for (int act = 0; act < ACT_COUNT; act++) {
        if (chaos->acts[act] > 0)
            printf("  %6" PRId64 "  %s\n", chaos->acts[act], act_text((enum act)act));
    }
}

static void print_figures(const struct verdict_figures *figures)
{
    printf("pushed %" PRId64 "  handler runs %" PRId64 "  done %" PRId64
           "  dropped as duplicates %" PRId64 "  dead %" PRId64 "\n",
           figures->pushed, figures->runs, figures->done, figures->duplicates, figures->dead);
    printf("lost %" PRId64 "  unexpected %" PRId64 "  duplicated %" PRId64 "  recovered %" PRId64
           "  (run again after a kill, a stop or a cut: %" PRId64 ")\n",
           figures->lost, figures->unexpected, figures->duplicated, figures->recovered,
           figures->again);
}

static void chaos_end(struct chaos *chaos)
{
    (void)fclose(chaos->log);
    jobs_free(&chaos->jobs);
    fleet_fini(&chaos->fleet);
    redis_server_free(chaos->server);
}

int main(int argc, char **argv)
{
    static struct chaos chaos;
    struct plan plan = plan_read(argc, argv);
    int64_t began_ms = clock_mono_ms();

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    printf("seed %" PRIu64 ", %u workers\n", plan.seed, plan.workers);
    chaos.seed = plan.seed;
    chaos.server = redis_server_start("--appendonly yes --appendfsync always --lua-time-limit 200 "
                                      "--maxclients 1000");
    fleet_init(&chaos.fleet, chaos.server, plan.workers);
    story_begin(&chaos);
    while (goes_on(&chaos, &plan, began_ms + (int64_t)(plan.minutes * 60000)))
        step(&chaos, &plan);
    settle_all(&chaos);
    dismiss_all(&chaos);
    struct verdict_figures figures = verdict_of(&chaos);
    printf("%u steps in %" PRId64 " s:\n", chaos.step.number, (clock_mono_ms() - began_ms) / 1000);
    print_acts(&chaos);
    print_figures(&figures);
    if (figures.lost + figures.unexpected + figures.duplicated > 0)
        story_broken(&chaos, "the ledger and the books tell different stories");
    story_over();
    chaos_end(&chaos);
    return 0;
}
