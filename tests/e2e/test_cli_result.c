/* navvy result, navvy enqueue --wait-result: what is printed where, and what the exit code says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/cli.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { LIMIT_MS = 20000 };

#define RESULT "navvy:{jobs}:result:"

static char echo[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: echo }, result_ttl: 1h,\n"
                                 "  routes: { bad: { builtin: fail } },\n"
                                 "  retry: { max_attempts: 1 } } }\n";
static char two_queues[] = SCENE_QUICK
    "queues: { jobs: { handler: { builtin: echo } }, mail: { handler: { builtin: echo } } }\n";

static char config[FOLDER_FILE_MAX + 16]; /* --config=... of the scene's worker */

static void start(struct scene *scene)
{
    char file[FOLDER_FILE_MAX];

    scene->first = scene_start(scene, NULL);
    snprintf(config, sizeof config, "--config=%s",
             folder_file(&scene->first->folder, "navvy.yaml", file));
}

/* A job that no worker wrote. */
static void put(struct scene *scene, const char *id, const char *fields)
{
    char key[128], *line = strdup(fields), *rest = line;

    snprintf(key, sizeof key, RESULT "%s", id);
    for (char *field; (field = strsep(&rest, " ")) != NULL;) {
        char *value = strchr(field, '=');
        *value++ = 0;
        redis_run(scene->server, "HSET %s %s %s", key, field, value);
    }
    free(line);
}

static void assert_run(struct cli run, int code, const char *out, const char *err)
{
    assert_string_equal(run.err, err);
    assert_string_equal(run.out, out);
    assert_int_equal(run.code, code);
    cli_free(&run);
}

static void each_state_has_its_words_and_its_exit_code(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *fields, *out, *err;
        int code;
    } rows[] = {
        {"state=done result=yes attempt=1", "yes", "", 0},
        {"state=done result= attempt=1", "", "", 0},
        {"state=done error=lost attempt=1", "", "navvy: done: lost\n", 0},
        {"state=running percent=7 attempt=1", "",
         "navvy: job j of jobs is running, 7 %, attempt 1\n", 4},
        {"state=snoozed attempt=0", "", "navvy: job j of jobs is snoozed\n", 4},
        {"state=retrying error=down attempt=2", "",
         "navvy: job j of jobs is retrying, attempt 2: down\n", 4},
        {"state=dead reason=permanent error=a\tb attempt=1", "",
         "navvy: job j of jobs is dead (permanent), attempt 1: a\\tb\n", 5},
        {"state=duplicate error=of-x attempt=0", "", "navvy: job j of jobs is duplicate: of-x\n",
         6},
        {"state=expired attempt=0", "", "navvy: job j of jobs is expired\n", 6},
        {"state=of_another_version", "",
         "navvy: jobs has no result of that job: it has not run yet, was never there, or "
         "result_ttl is over\n",
         3},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        put(scene, "j", rows[i].fields);
        assert_run(cli_run(scene->server, NULL, "result", "j", "--queue=jobs"), rows[i].code,
                   rows[i].out, rows[i].err);
        redis_run(scene->server, "DEL " RESULT "j");
    }
}

static void in_json_what_is_not_known_is_null(void **state)
{
    struct scene *scene = *state;
    assert_run(cli_run(scene->server, NULL, "result", "j", "-q", "jobs", "-j"), 3,
               "{\"queue\":\"jobs\",\"state\":\"unknown\",\"id\":\"j\",\"claim\":null,"
               "\"attempt\":null,\"percent\":null,\"error\":null,\"reason\":null,\"result\":null,"
               "\"updated_at\":null}\n",
               "");
    put(scene, "j", "state=running claim=w:1 attempt=1 percent=0 updated_at=5");
    assert_run(cli_run(scene->server, NULL, "result", "j", "-q", "jobs", "-j"), 4,
               "{\"queue\":\"jobs\",\"state\":\"running\",\"id\":\"j\",\"claim\":\"w:1\","
               "\"attempt\":1,\"percent\":0,\"error\":null,\"reason\":null,\"result\":null,"
               "\"updated_at\":5}\n",
               "");
}

static void words_that_can_name_no_result_are_a_fault_of_usage(void **state)
{
    struct scene *scene = *state;
    cli_must(scene->server, 2, "result");
    cli_must(scene->server, 2, "result", "a", "b", "--queue=jobs");
    cli_must(scene->server, 2, "result", "a b", "--queue=jobs");
    cli_must(scene->server, 2, "result", "", "--queue=jobs");
    cli_must(scene->server, 2, "result", "a", "--queue=x{}y");
    cli_must(scene->server, 2, "result", "a", "--queue=jobs", "--wait=soon");
    cli_must(scene->server, 2, "enqueue", "jobs", "--wait-result", "a", "b");
    cli_must(scene->server, 2, "enqueue", "jobs", "--wait-result");
    cli_must(scene->server, 2, "enqueue", "jobs", "--wait-result", "--id=a b", "x");
    cli_must(scene->server, 2, "enqueue", "jobs", "--wait-result=soon", "x");
    assert_int_equal(redis_int(scene->server, "DBSIZE"), 0);
}

static void the_only_queue_need_not_be_named(void **state)
{
    struct scene *scene = *state;
    start(scene);
    put(scene, "j", "state=done result=yes");
    assert_run(cli_run(NULL, NULL, "result", "j", config), 0, "yes", "");
    assert_run(cli_run(scene->server, NULL, "result", "j"), 2, "",
               "navvy: which queue? --queue QUEUE\n");
}

static void of_two_queues_one_is_named(void **state)
{
    struct scene *scene = *state;
    start(scene);
    struct cli run = cli_run(NULL, NULL, "result", "j", config);
    assert_int_equal(run.code, 2);
    assert_non_null(strstr(run.err, "which queue? --queue QUEUE; "));
    cli_free(&run);
    assert_run(cli_run(NULL, NULL, "result", "j", "--queue=mail", config), 3, "",
               "navvy: mail keeps no results: set result_ttl of that queue, for example to 1h\n");
}

static void enqueue_waits_and_prints_what_the_job_returned(void **state)
{
    struct scene *scene = *state;
    start(scene);
    assert_run(cli_run(NULL, NULL, "enqueue", "jobs", "--wait-result=60s", "{\"a\": 1}", config), 0,
               "{\"a\": 1}", "");
    json_t *result =
        cli_json(NULL, 0, "enqueue", "jobs", "--wait-result", "--id=mine", "--json", "two", config);
    assert_string_equal(json_text_at(result, "result"), "two");
    assert_string_equal(json_text_at(result, "id"), "mine");
    json_decref(result);
    struct cli run =
        cli_run(NULL, NULL, "enqueue", "jobs", "--wait-result", "--type=bad", "x", config);
    assert_int_equal(run.code, 5);
    assert_non_null(strstr(run.err, " is dead (retries), attempt 1: failed on purpose"));
    cli_free(&run);
    cli_must(NULL, 6, "enqueue", "jobs", "--wait-result", "two", config);
}

static void an_earlier_jobs_result_is_not_taken_for_this_ones(void **state)
{
    struct scene *scene = *state;
    start(scene);
    cli_must(NULL, 0, "enqueue", "jobs", "--wait-result", "--id=a", "one", config);
    assert_run(cli_run(NULL, NULL, "enqueue", "jobs", "--wait-result", "--id=a", "two", config), 0,
               "two", "");
}

static void a_duplicate_of_the_same_id_prints_what_the_first_returned(void **state)
{
    struct scene *scene = *state;
    start(scene);
    cli_must(NULL, 0, "enqueue", "jobs", "--wait-result", "--id=a", "--key=k", "one", config);
    assert_run(
        cli_run(NULL, NULL, "enqueue", "jobs", "--wait-result", "--id=a", "--key=k", "two", config),
        0, "one", "");
    assert_int_equal(books_read(scene->server, "jobs").duplicate, 1);
}

static void a_job_for_later_is_waited_for_too(void **state)
{
    struct scene *scene = *state;
    start(scene);
    assert_run(
        cli_run(NULL, NULL, "enqueue", "jobs", "--wait-result", "--in=50ms", "later", config), 0,
        "later", "");
}

static void where_results_are_off_nothing_is_enqueued(void **state)
{
    struct scene *scene = *state;
    start(scene);
    struct cli run = cli_run(NULL, NULL, "enqueue", "jobs", "--wait-result", "x", config);
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "jobs keeps no results"));
    assert_non_null(strstr(run.err, "result_ttl"));
    cli_free(&run);
    assert_int_equal(books_read(scene->server, "jobs").taken, 0);
}

static void a_wait_that_is_too_short_says_how_to_go_on(void **state)
{
    struct scene *scene = *state;
    assert_run(cli_run(scene->server, NULL, "enqueue", "jobs", "--wait-result=20ms", "--id=a", "x"),
               4, "",
               "navvy: not finished in time; the job goes on, see: navvy result --queue jobs "
               "--wait a\n");
    assert_int_equal(redis_int(scene->server, "LLEN jobs"), 1);
    assert_run(cli_run(scene->server, NULL, "result", "a", "--queue=jobs", "--wait=0"), 3, "",
               "navvy: jobs has no result of that job: it has not run yet, was never there, or "
               "result_ttl is over\n");
}

/* The job is in, and it has been asked for its result at least once since. */
static bool it_waits(struct scene *scene)
{
    static const char asked[] =
        "return tonumber(redis.call('INFO', 'commandstats'):match('cmdstat_hmget:calls=(%d+)'))";
    return redis_int(scene->server, "LLEN jobs") == 1 &&
           redis_int(scene->server, "EVAL %s 0", asked) >= 2;
}

/* INT while it waits for a job that nobody takes. */
static void interrupted_the_wait_ends_and_the_job_goes_on(void **state)
{
    struct scene *scene = *state;
    struct process *enqueue =
        cli_start(scene->server, "enqueue", "jobs", "--wait-result", "--id=a", "x");
    EVENTUALLY(it_waits(scene), LIMIT_MS);
    process_signal(enqueue, SIGINT);
    assert_int_equal(process_wait(enqueue, LIMIT_MS), 128 + SIGINT);
    char *errors = process_errors(enqueue);
    assert_string_equal(errors, "navvy: interrupted; the job goes on, see: navvy result --queue "
                                "jobs --wait a\n");
    free(errors);
    process_free(enqueue);
    assert_int_equal(redis_int(scene->server, "LLEN jobs"), 1);

    struct process *result = cli_start(scene->server, "result", "a", "--queue=jobs", "--wait");
    put(scene, "a", "state=running percent=3");
    scene->settings = echo;
    start(scene);
    assert_int_equal(process_wait(result, LIMIT_MS), 0);
    process_free(result);
}

static void a_redis_that_goes_away_ends_the_wait_with_an_error(void **state)
{
    struct scene *scene = *state;
    struct process *enqueue =
        cli_start(scene->server, "enqueue", "jobs", "--wait-result", "--id=a", "x");
    EVENTUALLY(it_waits(scene), LIMIT_MS);
    redis_server_kill(scene->server);
    assert_int_equal(process_wait(enqueue, LIMIT_MS), 1);
    char *errors = process_errors(enqueue);
    assert_non_null(strstr(errors, "the job goes on"));
    free(errors);
    process_free(enqueue);
}

/* A bar on the terminal that stderr is, cleared at the end; in a pipe there is none (above). */
static void at_a_terminal_it_shows_how_far_the_job_is(void **state)
{
    struct scene *scene = *state;
    char line[512];

    put(scene, "j", "state=running percent=40");
    snprintf(line, sizeof line,
             "script -qec '%s result j --queue jobs --wait=1500ms --redis %s' /dev/null", NAVVY_BIN,
             scene->server->url);
    const char *const argv[] = {"sh", "-c", line, NULL};
    char *out = NULL;
    assert_int_equal(process_run(argv, NULL, NULL, &out), 4);
    assert_non_null(strstr(out, "[############                  ]  40% running"));
    assert_non_null(strstr(out, "\r\033[K"));
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(each_state_has_its_words_and_its_exit_code, echo),
        SCENE_TEST(in_json_what_is_not_known_is_null, echo),
        SCENE_TEST(words_that_can_name_no_result_are_a_fault_of_usage, echo),
        SCENE_TEST(the_only_queue_need_not_be_named, echo),
        SCENE_TEST(of_two_queues_one_is_named, two_queues),
        SCENE_TEST(enqueue_waits_and_prints_what_the_job_returned, echo),
        SCENE_TEST(an_earlier_jobs_result_is_not_taken_for_this_ones, echo),
        SCENE_TEST(a_duplicate_of_the_same_id_prints_what_the_first_returned, echo),
        SCENE_TEST(a_job_for_later_is_waited_for_too, echo),
        SCENE_TEST(where_results_are_off_nothing_is_enqueued, two_queues),
        SCENE_TEST(a_wait_that_is_too_short_says_how_to_go_on, echo),
        SCENE_TEST(interrupted_the_wait_ends_and_the_job_goes_on, echo),
        SCENE_TEST(a_redis_that_goes_away_ends_the_wait_with_an_error, echo),
        SCENE_TEST(at_a_terminal_it_shows_how_far_the_job_is, echo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
