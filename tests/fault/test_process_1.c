/*
 * process_1: navvy run as the first process of a pid namespace, as in a container. Skipped, and
 * said so, where a namespace may not be made.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/gang.h"
#include "tests/support/scene.h"

static char settings[] = "lease: 600s\nshutdown_timeout: 60s\nprocesses: 1\n"
                         "pool: { min: 1, max: 2 }\n"
                         "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

static bool may_unshare(void)
{
    static const char *const argv[] = {"unshare", "--pid", "--fork", "--mount-proc", "true", NULL};
    if (process_run(argv, NULL, NULL, NULL) == 0)
        return true;
    print_message("SKIPPED: no pid namespace may be made here; run it as root\n");
    return false;
}

/* Its children are the workers and what they left behind; `init` has the pid of the namespace's 1.
 */
static struct worker_process as_init(const struct worker_process *outside, struct process *process)
{
    *process = (struct process){.pid = gang_worker(outside, 0)};
    return (struct worker_process){.process = process};
}

static void it_reaps_restarts_and_ends_with_0(void **state)
{
    struct scene *scene = *state;
    struct process process;
    char config[FOLDER_FILE_MAX];
    const char *const env[] = {"REDIS_URL", "NAVVY_REDIS_URL", NULL};

    if (!may_unshare())
        skip();
    scene->first = worker_launch(scene->server->url, &scene->ledger, scene->settings, NULL);
    process_free(scene->first->process);
    const char *const argv[] = {"unshare",
                                "--pid",
                                "--fork",
                                "--mount-proc",
                                "--kill-child",
                                NAVVY_BIN,
                                "run",
                                "--config",
                                folder_file(&scene->first->folder, "navvy.yaml", config),
                                NULL};
    scene->first->process = process_start(argv, env, NULL);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"supervise\",\"pid\":1,"), TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"join\""), TEST_LIMIT_MS);
    struct worker_process init = as_init(scene->first, &process);

    redis_run(scene->server, "LPUSH jobs leave-1");
    EVENTUALLY(gang_size(&init) == 2, TEST_LIMIT_MS); /* adopted */
    redis_run(scene->server, "LPUSH jobs group-1");
    EVENTUALLY(ledger_count(&scene->ledger, "group-1", "START") == 1, TEST_LIMIT_MS);
    pid_t worker = gang_worker(&init, 0);
    assert_int_equal(kill(worker, SIGKILL), 0);
    EVENTUALLY(ledger_count(&scene->ledger, "group-1", "START") == 2, TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 2);
    EVENTUALLY(gang_size(&init) == 1, TEST_LIMIT_MS); /* reaped */
    assert_int_equal(kill(process.pid, SIGTERM), 0);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    assert_int_equal(assert_books_balance(scene->server, "jobs").alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(it_reaps_restarts_and_ends_with_0, settings),
    };
    return cmocka_run_group_tests_name("process 1", tests, NULL, NULL);
}
