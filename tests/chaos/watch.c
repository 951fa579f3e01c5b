#include <signal.h>

#include "base/clock.h"
#include "consumer/consumer.h"
#include "tests/chaos/chaos.h"
#include "tests/support/test.h"

static void watch_queue(struct chaos *chaos, enum chaos_queue queue)
{
    const char *name = chaos_queues[queue].name;
    struct books books = books_read(chaos->server, name);
    int64_t pushed = chaos->jobs.pushed[queue];
    int64_t found = books.queue + books.stage + books.scheduled + books.taken;

    if (!books_balance(&books)) {
        books_print(&books);
        story_broken(chaos, "the books of %s do not balance", name);
    }
    if (pushed != found) {
        books_print(&books);
        story_broken(chaos, "%lld jobs were pushed to %s, and %lld are waiting or were taken",
                     (long long)pushed, name, (long long)found);
    }
}

void watch_books(struct chaos *chaos)
{
    for (int queue = 0; queue < CHAOS_QUEUE_COUNT; queue++)
        watch_queue(chaos, (enum chaos_queue)queue);
}

/* Told to go, it may leave jobs behind: then its lease brings them back, and it says so. */
static bool may_end(const struct launch *launch, int status)
{
    if (status == 128 + SIGKILL)
        return launch->killed;
    return launch->told &&
           (status == CONSUMER_OK || status == CONSUMER_LEFT_JOBS || status == 128 + SIGTERM);
}

static void judge(struct chaos *chaos, struct launch *launch)
{
    int status = launch->process->status;

    launch_blow(launch);
    launch->judged = true;
    if (!may_end(launch, status))
        story_broken(chaos, "worker %s ended with %d, and nobody had ended it", launch->name,
                     status);
}

static void watch_tools(struct chaos *chaos)
{
    for (size_t i = 0; i < CHAOS_TOOLS_MAX; i++) {
        struct process *tool = chaos->tool[i];
        if (tool == NULL || !process_ended(tool))
            continue;
        if (tool->status > 3 && tool->status != 128 + SIGKILL) /* that is a fault point */
            story_broken(chaos, "navvy dlq retry ended with %d", tool->status);
        process_free(tool);
        chaos->tool[i] = NULL;
    }
}

bool tools_run(const struct chaos *chaos)
{
    for (size_t i = 0; i < CHAOS_TOOLS_MAX; i++) {
        if (chaos->tool[i] != NULL)
            return true;
    }
    return false;
}

void watch_workers(struct chaos *chaos, bool relaunch)
{
    for (unsigned i = 0; i < chaos->fleet.size; i++) {
        struct place *place = &chaos->fleet.place[i];
        if (place_runs(place)) {
            launch_look(place->launch);
            continue;
        }
        if (place->launch != NULL && !place->launch->judged)
            judge(chaos, place->launch);
        place->thaw_step = 0;
        if (relaunch && chaos->step.number >= place->away_until)
            place_launch(&chaos->fleet, place, NULL, 1);
    }
    watch_tools(chaos);
}
