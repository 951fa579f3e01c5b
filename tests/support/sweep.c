#include "tests/support/sweep.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/cli.h"
#include "tests/support/scene.h"
#include "tests/support/sweep_ledger.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum { NAME_MAX_ = 64, LOOK_MS = 25, CASE_LIMIT_MS = 30000, THREADS = 4 };

#define SETTINGS(lease, more)                                                                      \
    "lease: " lease "\n"                                                                           \
    "pool: { min: 1, max: 4 }\n"                                                                   \
    "shutdown_timeout: 20s\n"                                                                      \
    "queues:\n"                                                                                    \
    "  jobs:\n"                                                                                    \
    "    handler: { exec: [\"%s\"] }\n"                                                            \
    "    retry: { base: 50ms, max_attempts: 3, jitter: none }\n" more

static char settings[] = SETTINGS("1s", "");
static char supervised[] = SETTINGS("1s", "processes: 1\n");
static char windows[] = SETTINGS("1s", "    idempotency: { store: windows }\n");

enum stage { STAGE_WORK, STAGE_REQUEUE, STAGE_WORK_AGAIN, STAGE_LEAVE, STAGE_OVER };

/* A case under way. */
struct run {
    const struct sweep_case *what;
    struct scene *scene; /* NULL: this place is free */
    struct proxy *proxy;
    struct process *tool; /* navvy dlq retry */
    struct folder folder; /* `deaths`: one byte for each that is still to come */
    char name[NAME_MAX_];
    enum stage stage;
    bool adopted, told; /* this launch of the worker was given its job; was told to go */
    int64_t look_ms, limit_ms;
    int64_t done, dead; /* how many jobs must end so */
};

static void name_of(const struct sweep_case *what, char name[NAME_MAX_])
{
    static const char *const cuts[] = {[PROXY_CUT_REQUEST] = "request",
                                       [PROXY_CUT_REPLY] = "reply",
                                       [PROXY_CUT_INSIDE] = "inside"};
    static const char *const flows[] = {"work", "dead", "full", "adopt", "leave", "requeue"};
    if (what->point != NULL)
        (void)snprintf(name, NAME_MAX_, "%s:%u x%u%s", what->point, what->nth, what->deaths,
                       what->supervised ? " supervised" : "");
    else
        (void)snprintf(name, NAME_MAX_, "%s %s:%u", flows[what->flow], cuts[what->cut], what->nth);
}

_Noreturn static void run_fail(struct run *run, const char *why, long long found)
{
    struct books books = books_read(run->scene->server, "jobs");
    char *ledger = file_text(run->scene->ledger.file);

    books_print(&books);
    print_error("%s\n", ledger);
    free(ledger);
    TEST_FAIL("%s: %s (%lld)", run->name, why, found);
}

static long long deaths_left(const struct run *run)
{
    char path[FOLDER_FILE_MAX];
    struct stat file;
    return stat(folder_file(&run->folder, "deaths", path), &file) == 0 ? file.st_size : -1;
}

/* So far. */
static unsigned worker_deaths(const struct run *run)
{
    unsigned before = run->what->flow == SWEEP_DEAD;
    if (run->what->point == NULL || run->what->flow == SWEEP_REQUEUE)
        return before;
    return before + run->what->deaths - (unsigned)deaths_left(run);
}

/* ---- the parts of the day ---- */

static void push(struct run *run, const char *payload, bool is_done)
{
    redis_run(run->scene->server, "LPUSH jobs %s", payload);
    *(is_done ? &run->done : &run->dead) += 1;
}

static void push_all(struct run *run)
{
    push(run, "quick-1", true);
    push(run, "fail-2", false);
    push(run, "quick-3", true);
    push(run, "never-4", false);
    push(run, "quick-5", true);
    push(run, "quick-6", true);
}

/*
 * Without a fault; dies with two jobs in its handlers. Its lease lasts long enough for the next one
 * to have a job in hand when it recovers these: so, if that one dies of it, there is something for
 * one more to recover.
 */
static void one_dies_before(struct run *run)
{
    struct scene *scene = run->scene;

    bool next_one_dies = run->what->point != NULL;
    scene->second = worker_start(scene->server->url, &scene->ledger,
                                 next_one_dies ? SETTINGS("4s", "") : settings, NULL);
    push(run, "wait-7", true);
    push(run, "wait-8", true);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-", "START") == 2, TEST_LIMIT_MS);
    (void)worker_kill(scene->second);
    push(run, "wait-9", true);
}

/* As a take whose reply is lost and whose connection is not. */
static void give_unheard(struct run *run)
{
    static const char give[] = "local w = redis.call('ZRANGE', KEYS[1], -1, -1)[1] "
                               "redis.call('HSET', KEYS[2] .. w, 1000, ARGV[1]) "
                               "redis.call('HINCRBY', KEYS[3], 'taken', 1) return 1";
    char payload[32];

    (void)snprintf(payload, sizeof payload, "unheard-%u", worker_deaths(run));
    redis_run(run->scene->server,
              "EVAL %s 3 navvy:{jobs}:workers navvy:{jobs}:held: navvy:{jobs}:meta %s", give,
              payload);
    run->done++;
    run->adopted = true;
}

static void launch(struct run *run)
{
    struct scene *scene = run->scene;
    char plan[FOLDER_FILE_MAX + NAME_MAX_], left[FOLDER_FILE_MAX];
    bool dies = run->what->point != NULL && run->what->flow != SWEEP_REQUEUE;

    (void)snprintf(plan, sizeof plan, "%s:%u@%s", run->what->point, run->what->nth,
                   folder_file(&run->folder, "deaths", left));
    worker_free(scene->first);
    scene->first = worker_launch(run->proxy != NULL ? proxy_url(run->proxy) : scene->server->url,
                                 &scene->ledger, scene->settings, dies ? plan : NULL);
    run->adopted = false;
    run->told = false;
}

static void launch_tool(struct run *run)
{
    char plan[FOLDER_FILE_MAX + NAME_MAX_], left[FOLDER_FILE_MAX];
    const char *const argv[] = {NAVVY_BIN, "dlq",   "retry",   "jobs",
                                "--all",   "--yes", "--redis", run->scene->server->url,
                                NULL};
    const char *const env[] = {plan, NULL};

    (void)snprintf(plan, sizeof plan, "NAVVY_FAULT=%s:%u@%s", run->what->point, run->what->nth,
                   folder_file(&run->folder, "deaths", left));
    run->tool = process_start(argv, env, NULL);
}

static void run_begin(struct run *run, const struct sweep_case *what)
{
    void *state = what->supervised ? supervised : what->windows ? windows : settings;

    *run = (struct run){.what = what, .limit_ms = clock_mono_ms() + CASE_LIMIT_MS};
    name_of(what, run->name);
    (void)scene_setup(&state);
    run->scene = state;
    folder_init(&run->folder);
    folder_write(&run->folder, "deaths", 0600, &"xxxxxxxx"[8 - what->deaths]);
    if (what->flow == SWEEP_DEAD)
        one_dies_before(run);
    push_all(run);
    if (what->flow == SWEEP_FULL)
        redis_run(run->scene->server, "CONFIG SET maxmemory 1");
    if (what->cut != PROXY_WHOLE) {
        run->proxy = proxy_start(run->scene->server);
        proxy_break(run->proxy, "*", (int)what->nth, what->cut);
    }
    launch(run);
}

static void run_end(struct run *run)
{
    void *state = run->scene;

    worker_free(run->scene->first);
    run->scene->first = NULL;
    process_free(run->tool);
    proxy_free(run->proxy);
    folder_fini(&run->folder);
    (void)scene_teardown(&state);
    run->scene = NULL;
}

/* ---- how it went ---- */

static void must_be(struct run *run, const char *what, int64_t found, int64_t expected)
{
    char why[128];
    (void)snprintf(why, sizeof why, "%s must be %lld", what, (long long)expected);
    if (found != expected)
        run_fail(run, why, (long long)found);
}

static void check_books(struct run *run)
{
    struct books books = books_read(run->scene->server, "jobs");

    if (!books_balance(&books))
        run_fail(run, "the books do not balance", books.taken);
    must_be(run, "taken", books.taken, run->done + run->dead);
    must_be(run, "done", books.done, run->done);
    must_be(run, "dead letters", books.dlq, run->dead);
    must_be(run, "dropped as duplicates", books.duplicate + books.expired + books.purged, 0);
    must_be(run, "what is left", books.elements - books.dlq, 0);
    if (worker_deaths(run) == 0)
        must_be(run, "recovered", books.recovered, 0);
}

static void check_ledger(struct run *run)
{
    struct sweep_ledger ledger = sweep_ledger_read(run->scene->ledger.file);
    int64_t rounds = run->what->flow == SWEEP_REQUEUE ? 2 + run->what->deaths : 1;
    int64_t runs_max = run->done + rounds * (3 + 1) + THREADS * (int64_t)worker_deaths(run);

    must_be(run, "payloads that ran", ledger.payloads, run->done + run->dead);
    must_be(run, "runs with the same delivery number", ledger.same_delivery, 0);
    must_be(run, "payloads that ended well", ledger.ended, run->done);
    if (ledger.runs > runs_max)
        run_fail(run, "more runs than deaths explain", ledger.runs);
    if (worker_deaths(run) == 0 && rounds == 1)
        must_be(run, "runs", ledger.runs, runs_max);
}

static void check(struct run *run)
{
    must_be(run, "deaths still to come", deaths_left(run), 0);
    if (run->proxy != NULL)
        must_be(run, "whether the connection broke", proxy_broke(run->proxy), true);
    check_books(run);
    check_ledger(run);
}

/* ---- one look at it ---- */

static bool quiet(struct run *run)
{
    struct books books = books_read(run->scene->server, "jobs");

    if (!books_balance(&books))
        run_fail(run, "the books do not balance", books.taken);
    return books.elements == books.dlq && books.done == run->done;
}

static void tell_to_go(struct run *run)
{
    if (run->told || !worker_said(run->scene->first, "\"msg\":\"join\""))
        return;
    process_signal(run->scene->first->process, SIGTERM);
    run->told = true; /* a second one would mean: at once */
}

/* The worker lives, or is made to live again. */
static void look_at_worker(struct run *run)
{
    struct process *process = run->scene->first->process;

    if (!process_ended(process))
        return;
    if (run->stage == STAGE_LEAVE && process->status == 0) {
        run->stage = STAGE_OVER;
        return;
    }
    if (process->status != 128 + SIGKILL || run->what->point == NULL || run->what->supervised)
        run_fail(run, "the worker ended", process->status);
    launch(run);
}

static void look_at_tool(struct run *run)
{
    if (run->tool == NULL) {
        launch_tool(run);
    } else if (process_ended(run->tool)) {
        int status = run->tool->status;
        process_free(run->tool);
        run->tool = NULL;
        if (status == 0)
            run->stage = STAGE_WORK_AGAIN;
        else if (status == 128 + SIGKILL)
            run->stage = STAGE_WORK; /* and then once more */
        else
            run_fail(run, "navvy dlq retry ended", status);
    }
}

static bool struck(const struct run *run)
{
    if (run->what->flow == SWEEP_LEAVE || run->what->flow == SWEEP_REQUEUE)
        return true; /* it will come */
    return run->proxy != NULL ? proxy_broke(run->proxy) : deaths_left(run) == 0;
}

static bool wants_unheard(const struct run *run)
{
    return run->what->flow == SWEEP_ADOPT && !run->adopted && deaths_left(run) > 0 &&
           worker_said(run->scene->first, "\"msg\":\"join\"");
}

static void look(struct run *run)
{
    if (clock_mono_ms() > run->limit_ms)
        run_fail(run, "not over in time; stage", run->stage);
    look_at_worker(run);
    if (wants_unheard(run))
        give_unheard(run);
    if (struck(run))
        ledger_go(&run->scene->ledger);
    switch (run->stage) {
    case STAGE_WORK:
        if (struck(run) && quiet(run))
            run->stage = run->what->flow == SWEEP_REQUEUE ? STAGE_REQUEUE : STAGE_LEAVE;
        break;
    case STAGE_REQUEUE:
        look_at_tool(run);
        break;
    case STAGE_WORK_AGAIN:
        if (quiet(run))
            run->stage = STAGE_LEAVE;
        break;
    case STAGE_LEAVE:
        tell_to_go(run);
        break;
    case STAGE_OVER:
        check(run);
        run_end(run);
        break;
    }
    run->look_ms = clock_mono_ms() + LOOK_MS;
}

/* ---- all of them ---- */

static bool is_wanted(const struct sweep_case *what)
{
    const char *wanted = getenv("NAVVY_SWEEP");
    char name[NAME_MAX_];

    name_of(what, name);
    return wanted == NULL || strstr(name, wanted) != NULL;
}

/* True when all cases are over. */
static bool look_at_all(struct run runs[SWEEP_AT_ONCE], const struct sweep_case **next,
                        const struct sweep_case *end)
{
    bool busy = false;

    for (size_t i = 0; i < SWEEP_AT_ONCE; i++) {
        while (runs[i].scene == NULL && *next < end && !is_wanted(*next))
            ++*next;
        if (runs[i].scene == NULL && *next < end)
            run_begin(&runs[i], (*next)++);
        if (runs[i].scene != NULL && clock_mono_ms() >= runs[i].look_ms)
            look(&runs[i]);
        busy |= runs[i].scene != NULL;
    }
    return !busy && *next >= end;
}

void sweep_run(const struct sweep_case cases[], size_t count)
{
    static struct run runs[SWEEP_AT_ONCE];
    const struct sweep_case *next = cases;

    EVENTUALLY(look_at_all(runs, &next, cases + count), (int64_t)count * CASE_LIMIT_MS);
}
