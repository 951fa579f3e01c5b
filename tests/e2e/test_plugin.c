/*
 * plugin: whatever a plugin does, no job is lost: it answers nonsense, never returns, crashes,
 * exits, will not start. And reloads, and middleware, in a real worker.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { LIMIT_MS = 30000 };

#define PLUGIN(name) TEST_PLUGINS "/" name ".so"
#define RETRY "retry: { base: 10ms, jitter: none, max_attempts: 2 }"
#define BEHAVE "queues: { jobs: { handler: { plugin: " PLUGIN("behave")

static char any[] = SCENE_QUICK BEHAVE "}, " RETRY "} }\n";
static char supervised[] = SCENE_QUICK "processes: 1\n" BEHAVE "}, " RETRY "} }\n";
static char hasty[] = SCENE_QUICK "shutdown_timeout: 100ms\n" BEHAVE "}, timeout: 0 } }\n";
static char brief[] = SCENE_QUICK BEHAVE "}, timeout: 100ms, " RETRY "} }\n";
static char impatient[] =
    SCENE_QUICK "processes: 1\n" BEHAVE "}, timeout: 50ms, kill_grace: 0 } }\n";
static char one[] = SCENE_QUICK BEHAVE ", options: one } } }\n";
static char two[] = SCENE_QUICK BEHAVE ", options: two } } }\n";
static char refused[] = SCENE_QUICK BEHAVE ", options: \"refuse=no such server\" } } }\n";

#define BOTH_TRACES "middleware: [" PLUGIN("trace_a") ", " PLUGIN("trace_b") "]\n"
static char traced[] =
    SCENE_QUICK BOTH_TRACES "queues: { jobs: { handler: { builtin: noop }, routes: {\n"
                            "  program: { exec: [sh, -c, 'echo no >&2; exit 65'] } } } }\n";

static void push(struct scene *scene, const char *element)
{
    redis_run(scene->server, "LPUSH jobs %s", element);
}

static struct books settled(struct scene *scene, int jobs)
{
    EVENTUALLY(books_read(scene->server, "jobs").taken == jobs, LIMIT_MS);
    return scene_end(scene, "jobs");
}

static void each_outcome_and_each_nonsense_ends_in_the_books(void **state)
{
    struct scene *scene = *state;
    static const char *const words[] = {
        "plain",
        "fail=later delay=5 first:return=2",
        "delay=5 first:return=4",
        "result_size=10485760",
        "progress=-7 progress=700",
        "fail=never return=3",
        "return=77",
        "return=0",
        "return=5",
        "fail_size=10485760 return=3",
    };
    scene->first = scene_start(scene, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        push(scene, words[i]);

    struct books books = settled(scene, (int)ARRAY_COUNT(words));
    assert_int_equal(books.done, 5);
    assert_int_equal(books.dlq, 5);
    assert_dead_letter(scene->server, "jobs", "error=never");
    assert_dead_letter(scene->server, "jobs",
                       "error=\"the plugin returned 77, which is no outcome\"");
    assert_dead_letter(scene->server, "jobs",
                       "error=\"the plugin says that it was stopped, and nobody ");
    assert_int_equal(worker_term(scene->first), 0);
}

/* Its first delivery ends the worker process, somehow; the second one is done by the next. */
static void assert_run_again(struct scene *scene, const char *element)
{
    scene->first = scene_start(scene, NULL);
    push(scene, element);
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, LIMIT_MS);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.recovered, 1);
    assert_true(worker_said(scene->first, "worker_died"));
    assert_false(process_ended(scene->first->process));
}

static void one_that_crashes_is_run_again(void **state)
{
    assert_run_again(*state, "first:crash");
}

static void one_that_exits_is_run_again(void **state)
{
    assert_run_again(*state, "first:exit");
}

static void one_that_never_returns_is_run_again_by_a_new_process(void **state)
{
    struct scene *scene = *state;
    assert_run_again(scene, "first:deaf");
    assert_true(worker_said(scene->first, "\"msg\":\"overdue\""));
}

static void one_that_always_crashes_is_poison_and_its_neighbours_are_done(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "crash");
    for (int i = 0; i < 9; i++) {
        char element[] = "plain-0";
        element[6] = (char)('0' + i);
        push(scene, element);
    }
    struct books books = settled(scene, 10);
    assert_int_equal(books.done, 9);
    assert_int_equal(books.dlq, 1);
    assert_dead_letter(scene->server, "jobs", "reason=poison");
}

static void a_job_that_stops_at_a_shutdown_is_given_back(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "log=waits poll return=5");
    EVENTUALLY(worker_said(scene->first, "\"text\":\"waits\""), LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);

    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.ready, 1);
    assert_int_equal(books.released, 1);
}

static void a_job_that_is_out_of_time_has_failed(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait return=5");
    push(scene, "poll return=5");

    assert_int_equal(settled(scene, 2).dlq, 2);
    assert_dead_letter(scene->server, "jobs", "error=\"timed out after 100ms\"");
}

#define RELOADED "\"msg\":\"reload\",\"queues\""

static void reload(struct scene *scene, const char *settings, const char *said)
{
    worker_rewrite(scene->first, scene->server->url, &scene->ledger, settings);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(worker_said(scene->first, said), LIMIT_MS);
}

static void other_options_are_another_instance_and_bad_ones_change_nothing(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "facts a");
    EVENTUALLY(worker_said(scene->first, "options=one"), LIMIT_MS);
    reload(scene, two, RELOADED);
    push(scene, "facts b");
    EVENTUALLY(worker_said(scene->first, "options=two"), LIMIT_MS);

    reload(scene, refused, "no such server");
    assert_true(worker_said(scene->first, "queues.jobs.handler.plugin: " PLUGIN("behave") ": no"));
    assert_true(worker_said(scene->first, "the old configuration stays"));
    push(scene, "facts c");
    assert_int_equal(settled(scene, 3).done, 3);
    assert_int_equal(worker_term(scene->first), 0);
}

/* Under ASan: its state is still there when it looks at it. */
static void a_job_under_way_keeps_its_instance_over_reloads(void **state)
{
    struct scene *scene = *state;
    static const char words[] = "log=waits until=%s facts";
    char element[sizeof words + FOLDER_FILE_MAX];

    (void)snprintf(element, sizeof element, words, scene->ledger.go);
    scene->first = scene_start(scene, NULL);
    push(scene, element);
    EVENTUALLY(worker_said(scene->first, "\"text\":\"waits\""), LIMIT_MS);
    reload(scene, two, RELOADED);
    push(scene, "facts b");
    EVENTUALLY(worker_said(scene->first, "options=two"), LIMIT_MS);
    assert_false(worker_said(scene->first, "options=one"));
    ledger_go(&scene->ledger);
    EVENTUALLY(worker_said(scene->first, "options=one"), LIMIT_MS);
    assert_int_equal(settled(scene, 2).done, 2);
    assert_int_equal(worker_term(scene->first), 0);
}

static void middleware_is_around_every_kind_of_handler(void **state)
{
    struct scene *scene = *state;
    struct folder folder;
    char path[FOLDER_FILE_MAX];

    folder_init(&folder);
    setenv("TRACE_FILE", folder_file(&folder, "trace", path), 1);
    scene->first = scene_start(scene, NULL);
    push(scene, "one");
    assert_int_equal(settled(scene, 1).done, 1);
    push(scene, "navvy/1 type=program\ntwo");
    assert_int_equal(settled(scene, 2).dlq, 1);
    assert_int_equal(worker_term(scene->first), 0);
    unsetenv("TRACE_FILE");

    char *trace = file_text(path);
    assert_string_equal(trace, "a init\nb init\n"
                               "a before jobs one\nb before jobs one\n"
                               "b after jobs outcome=1 error=- delay=-1 result=-\n"
                               "a after jobs outcome=1 error=- delay=-1 result=-\n"
                               "a before jobs two\nb before jobs two\n"
                               "b after jobs outcome=3 error=exit status 65: no delay=-1 result=-\n"
                               "a after jobs outcome=3 error=exit status 65: no delay=-1 result=-\n"
                               "b fini\na fini\n");
    free(trace);
    folder_fini(&folder);
}

/* --- before anything runs ------------------------------------------------------------------ */

static void assert_said(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        TEST_FAIL("\"%s\" does not say \"%s\"", text, words);
}

static void run_and_check_refuse_what_will_not_load(void **state)
{
    struct scene *scene = *state;
    static const char text[] = "middleware: [" PLUGIN(
        "behave") "]\n"
                  "queues: { jobs: { handler: { plugin: " PLUGIN(
                      "abi_2") " },\n"
                               "  routes: { mail: { plugin: mail.so } } } }\n";
    static const char *const verbs[][3] = {{"check"}, {"check", "--json"}, {"run", "-n"}, {"run"}};
    struct folder folder;
    char path[FOLDER_FILE_MAX];

    folder_init(&folder);
    folder_write(&folder, "navvy.yaml", 0644, text);
    (void)folder_file(&folder, "navvy.yaml", path);
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
        const char *const words[] = {verbs[i][0], "--config", path, verbs[i][1], NULL};
        struct cli run = cli_run_words(scene->server, NULL, words);
        const char *said = run.err[0] != 0 ? run.err : run.out; /* --json */
        assert_int_equal(run.code, 1);
        assert_said(said, "middleware: " PLUGIN("behave") ": has neither before() nor after()");
        assert_said(said, "queues.jobs.handler.plugin: " PLUGIN("abi_2") ": was made for ABI 2");
        assert_said(said, "queues.jobs.routes.mail.plugin: mail.so: has no / in it");
        cli_free(&run);
    }
    folder_fini(&folder);
}

static void check_starts_nothing(void **state)
{
    struct scene *scene = *state;
    struct folder folder;
    char path[FOLDER_FILE_MAX];

    folder_init(&folder);
    folder_write(&folder, "navvy.yaml", 0644, refused); /* its init() would fail */
    (void)folder_file(&folder, "navvy.yaml", path);
    cli_must(scene->server, 0, "check", "--config", path);
    cli_must(scene->server, 0, "run", "-n", "--config", path);
    cli_must(scene->server, 1, "run", "--config", path);
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(each_outcome_and_each_nonsense_ends_in_the_books, any),
        SCENE_TEST(one_that_crashes_is_run_again, supervised),
        SCENE_TEST(one_that_exits_is_run_again, supervised),
        SCENE_TEST(one_that_never_returns_is_run_again_by_a_new_process, impatient),
        SCENE_TEST(one_that_always_crashes_is_poison_and_its_neighbours_are_done, supervised),
        SCENE_TEST(a_job_that_stops_at_a_shutdown_is_given_back, hasty),
        SCENE_TEST(a_job_that_is_out_of_time_has_failed, brief),
        SCENE_TEST(other_options_are_another_instance_and_bad_ones_change_nothing, one),
        SCENE_TEST(a_job_under_way_keeps_its_instance_over_reloads, one),
        SCENE_TEST(middleware_is_around_every_kind_of_handler, traced),
        SCENE_TEST(run_and_check_refuse_what_will_not_load, any),
        SCENE_TEST(check_starts_nothing, any),
    };
    return cmocka_run_group_tests_name("plugin", tests, NULL, NULL);
}
