/*
 * admin: the process of the operators' view beside real workers: what becomes of it, and that
 * whatever it is, no job notices.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/admin_rig.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/gang.h"
#include "tests/support/scene.h"

#define QUEUES                                                                                     \
    SCENE_QUICK "processes: 1\n"                                                                   \
                "queues: { jobs: { handler: { exec: [\"%s\"] }, dlq: { max: 1 } },\n"              \
                "          other: { handler: { exec: [\"%s\"] } } }\n"

static char settings[] = "admin: { listen: '127.0.0.1:0' }\n" QUEUES;
static char settings_off[] = "admin: { listen: off }\n" QUEUES;

/* --- looking on ----------------------------------------------------------------------------- */

static bool answers(const char *address, const char *path, int status, const char *words)
{
    if (!ask_listens(address))
        return false;
    struct asked asked = ask_get(address, path, "");
    bool as_wanted = asked.status == status && asked_says(&asked, words);

    asked_free(&asked);
    return as_wanted;
}

static size_t times_said(const struct worker_process *worker, const char *words)
{
    char *log = process_errors(worker->process);
    size_t times = 0;

    for (const char *at = log; (at = strstr(at, words)) != NULL; at++)
        times++;
    free(log);
    return times;
}

/* The first worker, whose view is ready at `address`. */
static void start_ready(struct scene *scene, char address[ASK_ADDRESS_MAX])
{
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(admin_address(scene->first->process, address), TEST_LIMIT_MS);
    EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), TEST_LIMIT_MS);
    assert_int_equal(gang_size(scene->first), 2);
}

/* Which of the two serves: whose open files include a listening socket is hard to say, but who was
 * started with a lease has a black box, and said so. */
static pid_t pid_of_view(struct scene *scene)
{
    char words[64];

    for (size_t i = 0; i < gang_size(scene->first); i++) {
        pid_t pid = gang_worker(scene->first, i);
        (void)snprintf(words, sizeof words, "\"pid\":%d,\"queues\"", (int)pid);
        if (pid != 0 && !worker_said(scene->first, words))
            return pid;
    }
    return 0;
}

/* --- its life ------------------------------------------------------------------------------- */

static void a_view_that_is_killed_comes_back_and_no_job_notices(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    start_ready(scene, address);
    redis_run(scene->server, "LPUSH jobs wait-1");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 1, TEST_LIMIT_MS);
    for (size_t death = 1; death <= 3; death++) {
        size_t listens = times_said(scene->first, "\"msg\":\"listen\"");
        EVENTUALLY(pid_of_view(scene) != 0, TEST_LIMIT_MS);
        (void)kill(pid_of_view(scene), SIGKILL);
        EVENTUALLY(times_said(scene->first, "\"msg\":\"admin_died\"") == death, TEST_LIMIT_MS);
        EVENTUALLY(times_said(scene->first, "\"msg\":\"listen\"") == listens + 1, TEST_LIMIT_MS);
        assert_true(admin_address(scene->first->process, address));
        EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), TEST_LIMIT_MS);
    }
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(ledger_count(&scene->ledger, "wait-1", "START"), 1);
    assert_int_equal(times_said(scene->first, "\"msg\":\"worker_died\""), 0);
    assert_int_equal(worker_term(scene->first), 0);
}

/* It goes last, and says meanwhile what goes on. */
static void a_drain_can_be_watched(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    start_ready(scene, address);
    redis_run(scene->server, "LPUSH jobs wait-1");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-1", "START") == 1, TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(answers(address, "/readyz", 503, "draining"), TEST_LIMIT_MS);
    assert_true(answers(address, "/livez", 200, "live\n"));
    assert_true(answers(address, "/metrics", 200, "navvy_build_info"));
    ledger_go(&scene->ledger);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    assert_false(ask_listens(address));
}

static void a_drain_does_not_wait_for_a_view_that_hangs(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    start_ready(scene, address);
    (void)kill(pid_of_view(scene), SIGSTOP);
    process_signal(scene->first->process, SIGTERM);
    assert_int_equal(process_wait(scene->first->process, 2 * TEST_LIMIT_MS), 0);
    assert_true(worker_said(scene->first, "\"msg\":\"kill\""));
}

static void a_rolling_restart_replaces_it_too(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    start_ready(scene, address);
    pid_t before = pid_of_view(scene);
    process_signal(scene->first->process, SIGUSR2);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"replaced\""), 2 * TEST_LIMIT_MS);
    EVENTUALLY(times_said(scene->first, "\"msg\":\"listen\"") == 2, TEST_LIMIT_MS);
    assert_true(admin_address(scene->first->process, address));
    EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), TEST_LIMIT_MS);
    EVENTUALLY(gang_size(scene->first) == 2, TEST_LIMIT_MS);
    assert_int_not_equal(pid_of_view(scene), before);
    assert_int_equal(times_said(scene->first, "\"msg\":\"admin_died\""), 0);
    assert_int_equal(worker_term(scene->first), 0);
}

/* --- its address ---------------------------------------------------------------------------- */

static void it_comes_and_goes_with_the_configuration(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    scene->first = scene_start(scene, NULL);
    assert_int_equal(gang_size(scene->first), 1);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, settings);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(admin_address(scene->first->process, address), TEST_LIMIT_MS);
    EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), TEST_LIMIT_MS);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, settings_off);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(gang_size(scene->first) == 1, TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
}

static void a_reload_that_would_let_strangers_in_is_refused(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    start_ready(scene, address);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger,
                   "admin: { listen: '0.0.0.0:0' }\n" QUEUES);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, "there is no token"), TEST_LIMIT_MS);
    EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
}

/* Said once; jobs run; a reload looks again at once. */
static void an_address_in_use_is_waited_for(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX], taken[512];
    int port = 0;

    start_ready(scene, address);
    assert_int_equal(sscanf(address, "http://127.0.0.1:%d", &port), 1);
    (void)snprintf(taken, sizeof taken, "admin: { listen: '127.0.0.1:%d' }\n%s", port, QUEUES);
    scene->settings = taken;
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(worker_said(scene->second, "Address already in use"), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH jobs a b c");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 3);
    assert_int_equal(worker_term(scene->first), 0);
    process_signal(scene->second->process, SIGHUP);
    EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), 2 * TEST_LIMIT_MS);
    assert_int_equal(times_said(scene->second, "Address already in use"), 1);
    assert_int_equal(worker_term(scene->second), 0);
}

/* --- what it says --------------------------------------------------------------------------- */

static void not_ready_says_which_queue_and_why(void **state)
{
    struct scene *scene = *state;
    char address[ASK_ADDRESS_MAX];

    start_ready(scene, address);
    redis_run(scene->server, "HSET navvy:{other}:meta paused 1");
    redis_run(scene->server, "LPUSH jobs never-1 never-2");
    EVENTUALLY(answers(address, "/readyz", 503, "jobs: its dead-letter queue is full"),
               TEST_LIMIT_MS);
    struct asked asked = ask_get(address, "/readyz?format=json", "");
    assert_int_equal(asked.status, 503);
    assert_true(asked_says(&asked, "\"name\":\"dlq_full\""));
    assert_true(asked_says(&asked, "\"queue\":\"jobs\""));
    assert_false(asked_says(&asked, "\"queue\":\"other\"")); /* that was somebody's wish */
    asked_free(&asked);
    /* More than once: the other one dies, too, if it was not taken before. */
    EVENTUALLY((redis_run(scene->server, "DEL navvy:{jobs}:dlq"),
                answers(address, "/readyz", 200, "ready\n")),
               TEST_LIMIT_MS);

    redis_run(scene->server, "SET navvy:{jobs}:retry nonsense");
    EVENTUALLY(answers(address, "/readyz", 503, "wrong type"), TEST_LIMIT_MS);
    redis_server_kill(scene->server);
    EVENTUALLY(answers(address, "/readyz", 503, "no connection to Redis"), TEST_LIMIT_MS);
    assert_true(answers(address, "/livez", 200, "live\n"));
    redis_server_restart(scene->server);
    EVENTUALLY(answers(address, "/readyz", 200, "ready\n"), 2 * TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_view_that_is_killed_comes_back_and_no_job_notices, settings),
        SCENE_TEST(a_drain_can_be_watched, settings),
        SCENE_TEST(a_drain_does_not_wait_for_a_view_that_hangs, settings),
        SCENE_TEST(a_rolling_restart_replaces_it_too, settings),
        SCENE_TEST(it_comes_and_goes_with_the_configuration, settings_off),
        SCENE_TEST(a_reload_that_would_let_strangers_in_is_refused, settings),
        SCENE_TEST(an_address_in_use_is_waited_for, settings),
        SCENE_TEST(not_ready_says_which_queue_and_why, settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
