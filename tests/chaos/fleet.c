#include "tests/chaos/fleet.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/chaos/jobs.h"
#include "tests/support/test.h"

static const char common[] = "lease: 2s\n"
                             "log: { level: info, format: json }\n"
                             "shutdown_timeout: 1s\n"
                             "defaults:\n"
                             "  timeout: 10s\n"
                             "  kill_grace: 300ms\n"
                             "  retry: { base: 50ms, cap: 400ms, max_attempts: 4 }\n";

void fleet_init(struct fleet *fleet, struct redis_server *server, unsigned size)
{
    *fleet = (struct fleet){.size = size};
    folder_init(&fleet->folder);
    (void)folder_file(&fleet->folder, "ledger", fleet->ledger);
    for (unsigned i = 0; i < size; i++) {
        fleet->place[i].proxy = proxy_start(server);
        folder_init(&fleet->place[i].folder);
        place_configure(fleet, &fleet->place[i], 0);
    }
}

void fleet_fini(struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->launches; i++) {
        process_free(fleet->launch[i]->process);
        free(fleet->launch[i]->blow_wall_ms);
        free(fleet->launch[i]);
    }
    free(fleet->launch);
    for (unsigned i = 0; i < fleet->size; i++) {
        proxy_free(fleet->place[i].proxy);
        folder_fini(&fleet->place[i].folder);
    }
    folder_fini(&fleet->folder);
}

/* ---- a place ---- */

static void put_queue(struct buf *out, const struct chaos_queue_row *queue, const char *ledger)
{
    const char *at = queue->conf;
    const char *words[] = {CHAOS_LEDGER_BIN, ledger};

    buf_printf(out, "  %s: { ", queue->name);
    for (size_t i = 0; i < ARRAY_COUNT(words) && strstr(at, "%s") != NULL; i++) {
        const char *mark = strstr(at, "%s");
        buf_append(out, at, (size_t)(mark - at));
        buf_append_str(out, words[i]);
        at = mark + 2;
    }
    buf_printf(out, "%s }\n", at);
}

void place_configure(struct fleet *fleet, struct place *place, unsigned variant)
{
    struct buf text = {0};

    buf_printf(&text, "redis: { url: \"%s\" }\n%spool: { min: %u, max: %u }\nqueues:\n",
               proxy_url(place->proxy), common, 1 + variant % 2, 2 + variant % 5);
    for (int i = 0; i < CHAOS_QUEUE_COUNT; i++)
        put_queue(&text, &chaos_queues[i], fleet->ledger);
    folder_write(&place->folder, "navvy.yaml", 0644, text.data);
    buf_free(&text);
}

bool place_runs(struct place *place)
{
    return place->launch != NULL && !process_ended(place->launch->process);
}

static struct launch *launch_new(struct fleet *fleet, struct place *place)
{
    struct launch *launch = calloc(1, sizeof *launch);

    fleet->launch = realloc(fleet->launch, (fleet->launches + 1) * sizeof(struct launch *));
    CHECK(launch != NULL && fleet->launch != NULL);
    fleet->launch[fleet->launches++] = launch;
    (void)snprintf(launch->name, sizeof launch->name, "%u.%u", (unsigned)(place - fleet->place),
                   ++place->launches);
    return launch;
}

void place_launch(struct fleet *fleet, struct place *place, const char *fault, unsigned deaths)
{
    char config[FOLDER_FILE_MAX], left[FOLDER_FILE_MAX], plan[FOLDER_FILE_MAX + 64], name[64];
    struct launch *launch = launch_new(fleet, place);

    folder_write(&place->folder, "deaths", 0600, deaths == 2 ? "xx" : "x");
    (void)snprintf(plan, sizeof plan, "NAVVY_FAULT=%s@%s", fault != NULL ? fault : "none:0",
                   folder_file(&place->folder, "deaths", left));
    (void)snprintf(name, sizeof name, "CHAOS_LAUNCH=%s", launch->name);
    const char *const argv[] = {NAVVY_BIN, "run", "--config",
                                folder_file(&place->folder, "navvy.yaml", config), NULL};
    const char *const env[] = {plan, name, "REDIS_URL", "NAVVY_REDIS_URL", NULL};
    launch->process = process_start(argv, env, NULL);
    place->launch = launch;
}

/* ---- a launch ---- */

void launch_blow(struct launch *launch)
{
    launch->blow_wall_ms =
        realloc(launch->blow_wall_ms, (launch->blows + 1) * sizeof launch->blow_wall_ms[0]);
    CHECK(launch->blow_wall_ms != NULL);
    launch->blow_wall_ms[launch->blows++] = clock_wall_ms();
}

/* Its handlers are its children, too, but they do not run navvy. */
static bool runs_navvy(pid_t pid)
{
    char link[32], path[512];
    (void)snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    ssize_t len = readlink(link, path, sizeof path - 1);

    path[len > 0 ? len : 0] = '\0';
    return strcmp(path, NAVVY_BIN) == 0;
}

void launch_look(struct launch *launch)
{
    pid_t was[LAUNCH_PIDS_MAX];
    size_t were = launch->pids;
    char path[64];
    int pid;

    memcpy(was, launch->pid, sizeof was);
    launch->pids = 0;
    if (process_ended(launch->process))
        return;
    launch->pid[launch->pids++] = launch->process->pid;
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)launch->process->pid,
                   (int)launch->process->pid);
    FILE *children = fopen(path, "re");
    while (children != NULL && launch->pids < LAUNCH_PIDS_MAX &&
           fscanf(children, "%d", &pid) == 1) {
        if (runs_navvy(pid))
            launch->pid[launch->pids++] = pid;
    }
    if (children != NULL)
        (void)fclose(children);
    for (size_t i = 1; i < were; i++) {
        bool still = false;
        for (size_t j = 1; j < launch->pids; j++)
            still |= launch->pid[j] == was[i];
        if (!still)
            launch_blow(launch);
    }
}

void launch_signal(struct launch *launch, int signal)
{
    launch_look(launch);
    for (size_t i = 0; i < launch->pids; i++)
        (void)kill(launch->pid[i], signal);
}

void launch_kill(struct launch *launch, bool all)
{
    launch_look(launch);
    launch_blow(launch);
    launch->killed |= all || launch->pids <= 1;
    for (size_t i = launch->pids > 1 && !all ? 1 : 0; i < launch->pids; i++)
        (void)kill(launch->pid[i], SIGKILL);
}
