/*
 * supervisor: worker processes die, and others take their place. Leases are long here: what comes
 * back at once comes back because somebody saw the death. Row 38 of docs/failures.md.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/gang.h"
#include "tests/support/scene.h"

#define LONG "lease: 600s\nshutdown_timeout: 60s\n"
#define LEDGER_QUEUE                                                                               \
    "queues: { jobs: { handler: { exec: [\"%s\"] }, retry: { base: 50ms, jitter: none } } }\n"

static char one[] = LONG "processes: 1\npool: { min: 1, max: 1 }\n" LEDGER_QUEUE;
static char wide[] = LONG "processes: 1\npool: { min: 4, max: 16 }\n" LEDGER_QUEUE;
static char three[] = LONG "processes: 3\npool: { min: 1, max: 2 }\n" LEDGER_QUEUE;

static void push(struct scene *scene, const char *payload)
{
    redis_run(scene->server, "LPUSH jobs %s", payload);
}

static size_t starts(struct scene *scene, const char *payload)
{
    return ledger_count(&scene->ledger, payload, "START");
}

/* The worker that holds the one job there is: what Redis holds for it. Yours. */
static char *held_record(struct scene *scene)
{
    static const char script[] = "for _, w in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
                                 "local held = redis.call('HVALS', 'navvy:{jobs}:held:' .. w) "
                                 "if #held > 0 then return held[1] end end return ''";
    return redis_text(scene->server, "EVAL %s 1 navvy:{jobs}:workers", script);
}

static void assert_held(struct scene *scene, const char *with, const char *without)
{
    char *record = held_record(scene);
    assert_non_null(record);
    if (with != NULL && strstr(record, with) == NULL)
        TEST_FAIL("no %s in %s", with, record);
    if (without != NULL && strstr(record, without) != NULL)
        TEST_FAIL("%s in %s", without, record);
    free(record);
}

/* --- death ---------------------------------------------------------------------------------- */

static void a_killed_worker_is_replaced_and_its_jobs_start_again_at_once(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    EVENTUALLY(starts(scene, "wait-1") == 1, TEST_LIMIT_MS);
    assert_int_equal(kill(gang_worker(scene->first, 0), SIGKILL), 0);
    EVENTUALLY(starts(scene, "wait-1") == 2, TEST_LIMIT_MS);
    assert_held(scene, " crashes=1", NULL);
    assert_held(scene, "killed by signal 9 (Killed)", NULL);
    assert_true(worker_said(scene->first, "\"msg\":\"worker_died\""));
    assert_true(worker_said(scene->first, "\"msg\":\"was_running\""));
    ledger_go(&scene->ledger);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.recovered, 1);
    assert_int_equal(worker_term(scene->first), 0);
}

static void a_job_that_only_waited_is_not_blamed(void **state)
{
    struct scene *scene = *state;
    char fault[FOLDER_FILE_MAX + 32], once[FOLDER_FILE_MAX];

    folder_write(&scene->ledger.folder, "once", 0644, ".");
    (void)snprintf(fault, sizeof fault, "after_claim:1@%s",
                   folder_file(&scene->ledger.folder, "once", once));
    scene->first = scene_start(scene, fault);
    push(scene, "wait-1");
    EVENTUALLY(starts(scene, "wait-1") == 1, TEST_LIMIT_MS);
    assert_held(scene, " recoveries=1", " crashes=");
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void row_38_the_job_that_crashes_is_found_among_fifteen_good_ones(void **state)
{
    struct scene *scene = *state;
    char payload[16];

    scene->first = scene_start(scene, NULL);
    push(scene, "crash-it");
    for (int i = 1; i <= 15; i++) {
        (void)snprintf(payload, sizeof payload, "good-%02d", i);
        push(scene, payload);
    }
    EVENTUALLY(books_read(scene->server, "jobs").dead == 1, TEST_LIMIT_MS);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 15);
    assert_int_equal(books.dlq, 1);
    char *dead = redis_text(scene->server, "LINDEX navvy:{jobs}:dlq 0");
    assert_non_null(strstr(dead, "\ncrash-it"));
    assert_non_null(strstr(dead, " reason=poison "));
    assert_non_null(strstr(dead, " crashes=3 "));
    assert_non_null(strstr(dead, "killed by signal 11 (Segmentation fault): last words of "));
    free(dead);
    assert_int_equal(starts(scene, "crash-it"), 3);
    assert_int_equal(worker_term(scene->first), 0);
}

static void a_suspect_runs_alone_until_it_has_proved_good(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    push(scene, "wait-2");
    EVENTUALLY(starts(scene, "wait-") == 2, TEST_LIMIT_MS);
    assert_int_equal(kill(gang_worker(scene->first, 0), SIGKILL), 0);
    EVENTUALLY(starts(scene, "wait-") == 3, TEST_LIMIT_MS);
    push(scene, "good");
    THROUGHOUT(starts(scene, "wait-") == 3 && starts(scene, "good") == 0, 500);
    /* One that goes on for 5 s holds up nobody any longer. */
    EVENTUALLY(starts(scene, "good") == 1 && starts(scene, "wait-") == 4, 3 * TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 3);
}

static void deaths_in_a_row_wait_longer_each_time(void **state)
{
    struct scene *scene = *state;
    scene->first =
        worker_launch(scene->server->url, &scene->ledger, scene->settings, "after_join:1");
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"restart\",\"in_ms\":100"), TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"restart\",\"in_ms\":400"), TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
}

static bool is_gone(pid_t pid)
{
    char path[64], text[256] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return true;
    bool got = fgets(text, sizeof text, file) != NULL;
    (void)fclose(file);
    return !got || strstr(text, ") Z ") != NULL;
}

static void no_worker_outlives_its_supervisor(void **state)
{
    struct scene *scene = *state;
    pid_t pid[3];

    scene->first = scene_start(scene, NULL);
    EVENTUALLY(gang_size(scene->first) == 3, TEST_LIMIT_MS);
    for (size_t i = 0; i < 3; i++)
        pid[i] = gang_worker(scene->first, i);
    assert_int_equal(worker_kill(scene->first), 128 + SIGKILL);
    for (size_t i = 0; i < 3; i++)
        EVENTUALLY(is_gone(pid[i]), TEST_LIMIT_MS);
}

/* The process beside a handler; 0: not there yet. */
static pid_t beside(struct scene *scene)
{
    char path[FOLDER_FILE_MAX];
    char *text = file_text(folder_file(&scene->ledger.folder, "beside", path));
    int pid = atoi(text);
    free(text);
    return (pid_t)pid;
}

static void a_dead_workers_programs_die_with_all_of_their_group(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "group-1");
    EVENTUALLY(beside(scene) != 0, TEST_LIMIT_MS);
    pid_t pid = beside(scene);
    assert_int_equal(kill(gang_worker(scene->first, 0), SIGKILL), 0);
    EVENTUALLY(is_gone(pid), TEST_LIMIT_MS);
    EVENTUALLY(starts(scene, "group-1") == 2, TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void what_a_program_left_behind_is_left_alone_and_reaped(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "leave-1");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    EVENTUALLY(beside(scene) != 0, TEST_LIMIT_MS);
    pid_t pid = beside(scene);
    EVENTUALLY(gang_size(scene->first) == 2, TEST_LIMIT_MS); /* it has been adopted */
    pid_t worker = gang_worker(scene->first, gang_worker(scene->first, 0) == pid);
    assert_int_equal(kill(worker, SIGKILL), 0);
    EVENTUALLY(is_gone(worker), TEST_LIMIT_MS);
    push(scene, "next");
    assert_int_equal(scene_end(scene, "jobs").done, 2);
    assert_false(is_gone(pid));
    ledger_go(&scene->ledger);
    EVENTUALLY(gang_size(scene->first) == 1, TEST_LIMIT_MS);
    assert_true(is_gone(pid));
}

/* --- signals -------------------------------------------------------------------------------- */

static void term_drains_every_worker(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    push(scene, "wait-2");
    push(scene, "wait-3");
    EVENTUALLY(starts(scene, "wait-") == 3, TEST_LIMIT_MS);
    /* As a service manager does that tells every process. */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(kill(gang_worker(scene->first, i), SIGTERM), 0);
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"stop\""), TEST_LIMIT_MS);
    THROUGHOUT(!process_ended(scene->first->process), 300);
    ledger_go(&scene->ledger);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.done, 3);
    assert_int_equal(books.alive, 0);
}

static void a_second_term_gives_back_at_once(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    EVENTUALLY(starts(scene, "wait-1") == 1, TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGTERM);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"drain\""), TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGTERM);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGTERM);
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.ready, 1);
    assert_int_equal(books.alive, 0);
}

static void quit_leaves_everything_as_it_is(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-1");
    EVENTUALLY(starts(scene, "wait-1") == 1, TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGQUIT);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGQUIT);
    assert_int_equal(assert_books_balance(scene->server, "jobs").held, 1);
}

static void a_reload_changes_how_many_there_are(void **state)
{
    struct scene *scene = *state;
    static const char fewer[] = LONG "processes: 1\npool: { min: 1, max: 2 }\n" LEDGER_QUEUE;
    static const char none[] = LONG "processes: 0\npool: { min: 1, max: 2 }\n" LEDGER_QUEUE;

    scene->first = scene_start(scene, NULL);
    EVENTUALLY(gang_size(scene->first) == 3, TEST_LIMIT_MS);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, fewer);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(gang_size(scene->first) == 1, TEST_LIMIT_MS);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, none);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, "processes: cannot become 0"), TEST_LIMIT_MS);
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, three);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(gang_size(scene->first) == 3, TEST_LIMIT_MS);
    push(scene, "one");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    assert_int_equal(worker_term(scene->first), 0);
}

static void who_starts_while_all_are_quiet_takes_nothing_either(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    process_signal(scene->first->process, SIGTSTP);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"quiet\""), TEST_LIMIT_MS);
    pid_t before = gang_worker(scene->first, 0);
    assert_int_equal(kill(before, SIGKILL), 0);
    EVENTUALLY(gang_size(scene->first) == 1 && gang_worker(scene->first, 0) != before,
               TEST_LIMIT_MS);
    push(scene, "one");
    THROUGHOUT(starts(scene, "one") == 0, 500);
    process_signal(scene->first->process, SIGCONT);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void what_cannot_start_ends_with_its_exit_code(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "CONFIG SET maxmemory-policy allkeys-lru");
    scene->first = worker_launch(scene->server->url, &scene->ledger, scene->settings, NULL);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 1);
    assert_true(worker_said(scene->first, "allkeys-lru"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_killed_worker_is_replaced_and_its_jobs_start_again_at_once, one),
        SCENE_TEST(a_job_that_only_waited_is_not_blamed, one),
        SCENE_TEST(row_38_the_job_that_crashes_is_found_among_fifteen_good_ones, wide),
        SCENE_TEST(a_suspect_runs_alone_until_it_has_proved_good, wide),
        SCENE_TEST(deaths_in_a_row_wait_longer_each_time, one),
        SCENE_TEST(no_worker_outlives_its_supervisor, three),
        SCENE_TEST(a_dead_workers_programs_die_with_all_of_their_group, one),
        SCENE_TEST(what_a_program_left_behind_is_left_alone_and_reaped, one),
        SCENE_TEST(term_drains_every_worker, three),
        SCENE_TEST(a_second_term_gives_back_at_once, one),
        SCENE_TEST(quit_leaves_everything_as_it_is, one),
        SCENE_TEST(a_reload_changes_how_many_there_are, three),
        SCENE_TEST(who_starts_while_all_are_quiet_takes_nothing_either, one),
        SCENE_TEST(what_cannot_start_ends_with_its_exit_code, three),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
