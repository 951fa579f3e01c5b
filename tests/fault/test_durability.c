/*
 * durability: Redis is killed, and what it had on disk is all there is. Rows 14, 21 and 22 of
 * docs/failures.md.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { KILLS = 8, JOBS = 40, CUTS = 60, CUT_BYTES = 23 };

static char twice[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: fail, times: 2 },\n"
                                  "  retry: { base: 20ms, cap: 60ms, max_attempts: 9 } } }\n";

static void push_some(struct scene *scene, int round)
{
    for (int i = 0; i < JOBS; i++) {
        char payload[32];
        (void)snprintf(payload, sizeof payload, "job-%d-%d", round, i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
}

/* Each time at another moment: jobs are due all the time. */
static void kill_again_and_again(struct scene *scene)
{
    scene->first = scene_start(scene, NULL);
    for (int round = 0; round < KILLS; round++) {
        push_some(scene, round);
        EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:retry") > round, TEST_LIMIT_MS);
        redis_server_kill(scene->server);
        redis_server_restart(scene->server);
        (void)assert_books_balance(scene->server, "jobs");
    }
}

static void row_14_killed_around_promotions_with_every_write_on_disk(void **state)
{
    struct scene *scene = *state;

    kill_again_and_again(scene);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, KILLS * JOBS);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(books.dead, 0);
}

static void row_21_killed_with_a_second_not_on_disk(void **state)
{
    struct scene *scene = *state;

    kill_again_and_again(scene);
    struct books books = scene_end(scene, "jobs");
    assert_true(books.done <= KILLS * JOBS);
    assert_int_equal(books.dead, 0);
    /* What a kill of the process alone can lose is what was not handed to the kernel. */
    print_message("row 21: %lld of %d jobs were in the unwritten tail\n",
                  (long long)(KILLS * JOBS - books.done - books.duplicate), KILLS * JOBS);
}

/* The part of the append-only file that grows. */
static void find_log(const struct redis_server *server, char path[2 * FOLDER_FILE_MAX])
{
    char folder[FOLDER_FILE_MAX];
    DIR *all = opendir(folder_file(&server->folder, "appendonlydir", folder));

    assert_non_null(all);
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        if (strstr(entry->d_name, ".incr.aof") != NULL)
            (void)snprintf(path, 2 * FOLDER_FILE_MAX, "%s/%s", folder, entry->d_name);
    }
    (void)closedir(all);
}

static void row_22_the_append_only_file_is_cut_anywhere(void **state)
{
    struct scene *scene = *state;
    char log[2 * FOLDER_FILE_MAX] = "";
    struct stat file;

    scene->first = scene_start(scene, NULL);
    push_some(scene, 0);
    EVENTUALLY(assert_books_balance(scene->server, "jobs").done > JOBS / 2, TEST_LIMIT_MS);
    (void)worker_kill(scene->first); /* in the middle of it */
    redis_server_kill(scene->server);
    find_log(scene->server, log);
    for (int cut = 0; cut < CUTS; cut++) {
        assert_int_equal(stat(log, &file), 0);
        assert_true(file.st_size > CUT_BYTES);
        assert_int_equal(truncate(log, file.st_size - CUT_BYTES - cut % 7), 0);
        redis_server_restart(scene->server);
        (void)assert_books_balance(scene->server, "jobs");
        redis_server_kill(scene->server);
    }
    redis_server_restart(scene->server);
    worker_free(scene->first);
    scene->first = scene_start(scene, NULL); /* and what is left runs to its end */
    assert_int_equal(scene_end(scene, "jobs").dead, 0);
}

static int setup_everysec(void **state)
{
    int code = scene_setup_durable(state);
    struct scene *scene = *state;
    free(scene->server->options);
    scene->server->options = strdup("--appendonly yes --appendfsync everysec");
    redis_run(scene->server, "CONFIG SET appendfsync everysec");
    return code;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST_DURABLE(row_14_killed_around_promotions_with_every_write_on_disk, twice),
        cmocka_unit_test_prestate_setup_teardown(row_21_killed_with_a_second_not_on_disk,
                                                 setup_everysec, scene_teardown, twice),
        SCENE_TEST_DURABLE(row_22_the_append_only_file_is_cut_anywhere, twice),
    };
    return cmocka_run_group_tests_name("durability", tests, NULL, NULL);
}
