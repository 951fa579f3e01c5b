/*
 * log_ways: a job never waits for the log, and never fails of it: its disk is full, its descriptor
 * is closed, nobody reads its pipe.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { JOBS = 1000 };

/* At debug each job is two lines: more than a pipe holds. */
static char settings[] = "queues: { jobs: { handler: { builtin: noop } } }\n";

/* `way`: what a shell makes of its stderr; $3 is a pipe's file. */
static void jobs_run(struct scene *scene, const char *way, const char *pipe)
{
    struct worker_process *first =
        worker_launch(scene->server->url, &scene->ledger, settings, NULL);
    char line[128], config[FOLDER_FILE_MAX];
    const char *const argv[] = {"sh", "-c",      line,
                                "sh", NAVVY_BIN, folder_file(&first->folder, "navvy.yaml", config),
                                pipe, NULL};

    (void)worker_kill(first); /* only its configuration was wanted */
    (void)snprintf(line, sizeof line, "exec \"$1\" run --config \"$2\" %s", way);
    struct process *worker = process_start(argv, NULL, NULL);
    for (int i = 0; i < JOBS; i++)
        redis_run(scene->server, "LPUSH jobs %lld", (long long)i);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").done == JOBS, 2 * TEST_LIMIT_MS);
    process_signal(worker, SIGTERM);
    assert_int_equal(process_wait(worker, TEST_LIMIT_MS), 0);
    assert_int_equal(scene_end(scene, "jobs").duplicate, 0);
    process_free(worker);
    worker_free(first);
}

static void the_disk_of_the_log_is_full(void **state)
{
    jobs_run(*state, "2>/dev/full", "");
}

static void stderr_is_closed(void **state)
{
    jobs_run(*state, "2>&-", "");
}

static void all_three_are_closed(void **state)
{
    jobs_run(*state, "<&- >&- 2>&-", "");
}

static void nobody_reads_the_log(void **state)
{
    int ends[2];
    char pipe[64];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    (void)snprintf(pipe, sizeof pipe, "/proc/%d/fd/%d", (int)getpid(), ends[1]);
    jobs_run(*state, "2>\"$3\"", pipe);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(the_disk_of_the_log_is_full, settings),
        SCENE_TEST(stderr_is_closed, settings),
        SCENE_TEST(all_three_are_closed, settings),
        SCENE_TEST(nobody_reads_the_log, settings),
    };
    return cmocka_run_group_tests_name("log_ways", tests, NULL, NULL);
}
