/*
 * fencing: examples/fencing/charge under a worker that is thought dead and wakes up. Its handler
 * writes after its successor's has: that write is refused.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { PATH_ROOM = FOLDER_FILE_MAX };

static char *ask(const char *database, const char *question)
{
    static const char program[] =
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], timeout=10)"
        ".execute(sys.argv[2]).fetchone()[0])";
    const char *const argv[] = {"python3", "-c", program, database, question, NULL};
    char *answer = NULL;
    (void)process_run(argv, NULL, NULL, &answer);
    return answer;
}

static bool answers(const char *database, const char *question, const char *expected)
{
    char *answer = ask(database, question);
    bool equal = answer != NULL && strcmp(answer, expected) == 0;
    free(answer);
    return equal;
}

static bool has_file(const struct folder *folder, const char *name)
{
    char path[PATH_ROOM];
    return access(folder_file(folder, name, path), F_OK) == 0;
}

static void what_a_zombies_handler_writes_is_refused(void **state)
{
    struct scene *scene = *state;
    const struct folder *folder = &scene->ledger.folder;
    char database[PATH_ROOM], gate[PATH_ROOM], settings[4 * PATH_ROOM];

    (void)folder_file(folder, "gate", gate);
    (void)folder_file(folder, "charges.db", database);
    (void)snprintf(settings, sizeof(settings),
                   SCENE_QUICK "queues: { jobs: { handler: { exec: [\"" NAVVY_SOURCE_DIR
                               "/examples/fencing/charge\", \"%s\"] } } }\n",
                   database);
    scene->settings = settings;
    assert_int_equal(setenv("CHARGE_WAITS", gate, 1), 0);
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs %s", "42 EUR");
    EVENTUALLY(has_file(folder, "gate.1.begun"), TEST_LIMIT_MS);
    process_freeze(scene->first->process);
    scene->second = scene_start(scene, NULL);
    folder_write(folder, "gate.2", 0644, "");
    EVENTUALLY(assert_books_balance(scene->server, "jobs").done == 1, 2 * TEST_LIMIT_MS);
    assert_true(answers(database, "SELECT delivery FROM charge", "2\n"));

    folder_write(folder, "gate.1", 0644, ""); /* its worker stands still, its handler does not */
    EVENTUALLY(answers(database, "SELECT refused FROM charge", "1\n"), TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGCONT);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"lease_lost\""), TEST_LIMIT_MS);
    assert_true(answers(database, "SELECT delivery FROM charge", "2\n"));
    assert_true(answers(database, "SELECT count(*) FROM charge", "1\n"));
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

int main(void)
{
    static char none[] = "";
    const struct CMUnitTest tests[] = {
        SCENE_TEST(what_a_zombies_handler_writes_is_refused, none),
    };
    return cmocka_run_group_tests_name("fencing", tests, NULL, NULL);
}
