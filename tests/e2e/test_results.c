/*
 * results: what a job came to can be read by its id once it is over, and how far it is before;
 * whatever way it goes, and whoever dies on it.
 */
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

static char echo[] = SCENE_QUICK
    "queues: { jobs: { handler: { builtin: echo }, result_ttl: 1h, max_payload: 100KiB,\n"
    "  routes: { bad: { builtin: fail } }, retry: { max_attempts: 1 } } }\n";
static char only_routes[] =
    SCENE_QUICK "queues: { jobs: { routes: { a: { builtin: noop } }, result_ttl: 1h } }\n";
static char quick_retry[] =
    SCENE_QUICK "queues: { jobs: { handler: { builtin: fail, times: 1 }, result_ttl: 1h,\n"
                "  retry: { base: 10ms } } }\n";
static char slow_retry[] =
    SCENE_QUICK "queues: { jobs: { handler: { builtin: fail }, result_ttl: 1h,\n"
                "  retry: { base: 10m } } }\n";
static char ledger[] =
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] }, result_ttl: 1h } }\n";
static char short_ttl[] =
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] }, result_ttl: 3s } }\n";
static char plugin[] =
    "queues: { jobs: { handler: { plugin: \"" TEST_PLUGINS "/behave.so\" }, result_ttl: 1h } }\n";
static char supervised[] =
    "processes: 1\n" SCENE_QUICK "queues: { jobs: { handler: { plugin: \"" TEST_PLUGINS
    "/behave.so\" }, result_ttl: 1h } }\n";
static char off[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: echo } } }\n";

static void push(struct scene *scene, const char *element)
{
    redis_run(scene->server, "LPUSH jobs %s", element);
}

/* The result of a job that is over, yours; the verb must end with `code`. */
static json_t *end_of(struct scene *scene, int code, const char *id)
{
    return cli_json(scene->server, code, "result", id, "--queue=jobs", "--wait=60s", "--json");
}

static void assert_end(struct scene *scene, int code, const char *id, const char *state,
                       const char *error)
{
    json_t *result = end_of(scene, code, id);
    const char *said = json_string_value(json_object_get(result, "error"));

    assert_string_equal(json_text_at(result, "state"), state);
    if (error == NULL ? said != NULL : said == NULL || strstr(said, error) == NULL)
        TEST_FAIL("%s: the error is %s, not %s", id, said, error);
    json_decref(result);
}

static bool is_in(struct scene *scene, const char *id, const char *state)
{
    char key[128];
    snprintf(key, sizeof key, RESULT "%s", id);
    struct reply *reply = redis_ask(scene->server, "HGET %s state", key);
    bool is = slice_equal(reply_text(reply), slice_of(state));
    client_reply_free(reply);
    return is;
}

static void what_a_job_returned_is_there_for_the_ttl(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=order:17\n{\"to\":\"bob\"}");

    json_t *result = end_of(scene, 0, "order:17");
    assert_string_equal(json_text_at(result, "result"), "{\"to\":\"bob\"}");
    assert_int_equal(json_int_at(result, "attempt"), 1);
    assert_true(json_int_at(result, "updated_at") > 0);
    json_decref(result);
    assert_in_range(redis_int(scene->server, "PTTL " RESULT "order:17"), 3500000, 3600000);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void without_an_id_it_is_named_by_the_claim_id(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "x");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, LIMIT_MS);
    char *key =
        redis_text(scene->server, "EVAL %s 0", "return redis.call('KEYS', '" RESULT "*')[1]");
    char *claim = redis_text(scene->server, "HGET %s claim", key);
    assert_string_equal(key + sizeof(RESULT) - 1, claim);
    assert_end(scene, 0, claim, "done", NULL);
    free(claim);
    free(key);
}

static void any_bytes_come_back_as_they_were(void **state)
{
    struct scene *scene = *state;
    static const char element[] = "navvy/1 id=b\n\xff\n\\x";
    struct slice bytes = {element, sizeof element - 1};
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs %b", &bytes);

    json_t *result = end_of(scene, 0, "b");
    assert_string_equal(json_text_at(result, "result_base64"), "/wpceA==");
    json_decref(result);
    struct cli run = cli_run(scene->server, NULL, "result", "b", "--queue=jobs");
    assert_string_equal(run.out, "\xff\n\\x");
    assert_string_equal(run.err, "");
    cli_free(&run);
}

static void one_over_answer_max_is_left_out_and_that_is_said(void **state)
{
    struct scene *scene = *state;
    size_t payload = 65537;
    char *element = malloc(payload + 16);
    int head = snprintf(element, 16, "navvy/1 id=l\n");
    memset(element + head, 'x', payload);
    struct slice bytes = {element, (size_t)head + payload};
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs %b", &bytes);
    free(element);

    assert_end(scene, 0, "l", "done", "over answer_max");
    assert_int_equal(redis_int(scene->server, "HSTRLEN " RESULT "l result"), 0);
}

static void what_cannot_be_done_says_why(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    char *large = calloc(1, 102500);
    struct slice bytes = {large, 102450};
    memset(large, 'x', bytes.len);
    memcpy(large, "navvy/1 id=large\n", 17);

    push(scene, "navvy/1 id=failed type=bad\nx");
    push(scene, "navvy/1 id=first\nsame");
    push(scene, "navvy/1 id=again\nsame");
    push(scene, "navvy/1 id=late expires_at=1\nx");
    redis_run(scene->server, "LPUSH jobs %b", &bytes);
    free(large);
    assert_end(scene, 5, "failed", "dead", "failed on purpose");
    assert_end(scene, 0, "first", "done", NULL);
    assert_end(scene, 6, "again", "duplicate", "the same work as ");
    assert_end(scene, 6, "late", "expired", NULL);
    assert_end(scene, 5, "large", "dead", "over max_payload");

    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.dlq, 2);
    assert_int_equal(books.expired, 1);
    assert_int_equal(books.duplicate, 1);
}

static void a_job_that_nobody_handles_is_dead(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=n type=b\nx");
    json_t *result = end_of(scene, 5, "n");
    assert_string_equal(json_text_at(result, "reason"), "no_handler");
    json_decref(result);
}

static void of_two_with_one_id_the_duplicate_leaves_what_the_first_returned(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=o key=o\nfirst");
    assert_end(scene, 0, "o", "done", NULL);
    push(scene, "navvy/1 id=o key=o\nsecond");
    EVENTUALLY(books_read(scene->server, "jobs").duplicate == 1, LIMIT_MS);
    assert_redis_text(scene->server, "first", "HGET " RESULT "o result");
}

static void a_failure_in_between_ends_in_what_the_next_attempt_returned(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=r\nx");
    json_t *result = end_of(scene, 0, "r");
    assert_string_equal(json_text_at(result, "state"), "done");
    assert_int_equal(json_int_at(result, "attempt"), 2);
    assert_true(json_is_null(json_object_get(result, "error")));
    json_decref(result);
}

static void a_job_that_waits_for_its_retry_says_so(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=r\nx");
    EVENTUALLY(is_in(scene, "r", "retrying"), LIMIT_MS);
    struct cli run = cli_run(scene->server, NULL, "result", "r", "--queue=jobs", "--wait=20ms");
    assert_int_equal(run.code, 4);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err, "navvy: job r of jobs is retrying, attempt 1: failed on purpose, "
                                 "attempt 1\n");
    cli_free(&run);
}

static void progress_is_seen_while_it_runs(void **state)
{
    struct scene *scene = *state;
    char element[FOLDER_FILE_MAX + 64];
    scene->first = scene_start(scene, NULL);
    snprintf(element, sizeof element, "navvy/1 id=p\nprogress=40 go=%s result=ready",
             scene->ledger.go);
    push(scene, element);
    EVENTUALLY(is_in(scene, "p", "running"), LIMIT_MS);
    struct cli run = cli_run(scene->server, NULL, "result", "p", "--queue=jobs");
    assert_int_equal(run.code, 4);
    assert_string_equal(run.err, "navvy: job p of jobs is running, 40 %, attempt 1\n");
    cli_free(&run);

    ledger_go(&scene->ledger);
    json_t *result = end_of(scene, 0, "p");
    assert_string_equal(json_text_at(result, "result"), "ready");
    assert_true(json_is_null(json_object_get(result, "percent")));
    json_decref(result);
}

/* A client whose wait was too short sends the same again, and gets what the first returns. */
static void a_job_that_takes_long_shows_as_running_and_its_duplicate_waits_for_it(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=l key=l\nwait-l");
    EVENTUALLY(is_in(scene, "l", "running"), LIMIT_MS);
    struct cli run = cli_run(scene->server, NULL, "result", "l", "--queue=jobs");
    assert_string_equal(run.err, "navvy: job l of jobs is running, attempt 1\n");
    cli_free(&run);

    struct process *again =
        cli_start(scene->server, "enqueue", "jobs", "--wait-result", "--id=l", "--key=l", "again");
    EVENTUALLY(books_read(scene->server, "jobs").duplicate == 1, LIMIT_MS);
    assert_true(is_in(scene, "l", "running"));
    assert_false(process_ended(again));
    ledger_go(&scene->ledger);
    assert_int_equal(process_wait(again, LIMIT_MS), 0);
    process_free(again);
    assert_int_equal(ledger_count(&scene->ledger, "again", NULL), 0);
}

/* Twice in the time that a result lives, the news of a job that runs is told anew. */
static void while_it_runs_it_is_not_forgotten(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=l\nwait-l");
    EVENTUALLY(is_in(scene, "l", "running"), LIMIT_MS);
    int64_t first_ms = redis_int(scene->server, "HGET " RESULT "l updated_at");
    EVENTUALLY(redis_int(scene->server, "HGET " RESULT "l updated_at") > first_ms, LIMIT_MS);
    ledger_go(&scene->ledger);
    assert_end(scene, 0, "l", "done", NULL);
}

static void who_is_killed_in_the_middle_leaves_the_result_to_the_next(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=k\nwait-k");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-k", "START") == 1, LIMIT_MS);
    worker_kill(scene->first);
    assert_false(is_in(scene, "k", "done"));

    ledger_go(&scene->ledger);
    scene->second = scene_start(scene, NULL);
    assert_end(scene, 0, "k", "done", NULL);
    assert_int_equal(scene_end(scene, "jobs").recovered, 1);
}

/* Its tenth worker dies on it. */
static void poison_says_so(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 claim=w:1 recoveries=9 id=k\nwait-k");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-k", "START") == 1, LIMIT_MS);
    worker_kill(scene->first);

    scene->second = scene_start(scene, NULL);
    json_t *result = end_of(scene, 5, "k");
    assert_string_equal(json_text_at(result, "reason"), "poison");
    assert_string_equal(json_text_at(result, "claim"), "w:1");
    json_decref(result);
    assert_int_equal(scene_end(scene, "jobs").dlq, 1);
}

/* It takes its worker with it, three times. */
static void who_waits_for_a_job_that_crashes_is_told(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=c\ncrash");
    json_t *result = end_of(scene, 5, "c");
    assert_string_equal(json_text_at(result, "state"), "dead");
    assert_string_equal(json_text_at(result, "reason"), "poison");
    json_decref(result);
}

/* It was frozen for longer than its lease. */
static void who_lost_the_job_writes_nothing(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=z\nwait-z");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-z", "START") == 1, LIMIT_MS);
    process_freeze(scene->first->process);
    ledger_go(&scene->ledger);
    scene->second = scene_start(scene, NULL);
    assert_end(scene, 0, "z", "done", NULL);
    redis_run(scene->server, "HSET " RESULT "z state done result second");

    process_signal(scene->first->process, SIGCONT);
    EVENTUALLY(worker_said(scene->first, "lease_lost") || worker_said(scene->first, "stale_settle"),
               LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
    assert_redis_text(scene->server, "second", "HGET " RESULT "z result");
}

static void where_results_are_off_nothing_is_kept(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 id=a\nx");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, LIMIT_MS);
    assert_int_equal(redis_int(scene->server, "EXISTS " RESULT "a"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(what_a_job_returned_is_there_for_the_ttl, echo),
        SCENE_TEST(without_an_id_it_is_named_by_the_claim_id, echo),
        SCENE_TEST(any_bytes_come_back_as_they_were, echo),
        SCENE_TEST(one_over_answer_max_is_left_out_and_that_is_said, echo),
        SCENE_TEST(what_cannot_be_done_says_why, echo),
        SCENE_TEST(a_job_that_nobody_handles_is_dead, only_routes),
        SCENE_TEST(of_two_with_one_id_the_duplicate_leaves_what_the_first_returned, echo),
        SCENE_TEST(a_failure_in_between_ends_in_what_the_next_attempt_returned, quick_retry),
        SCENE_TEST(a_job_that_waits_for_its_retry_says_so, slow_retry),
        SCENE_TEST(progress_is_seen_while_it_runs, plugin),
        SCENE_TEST(a_job_that_takes_long_shows_as_running_and_its_duplicate_waits_for_it, ledger),
        SCENE_TEST(while_it_runs_it_is_not_forgotten, short_ttl),
        SCENE_TEST(who_is_killed_in_the_middle_leaves_the_result_to_the_next, ledger),
        SCENE_TEST(poison_says_so, ledger),
        SCENE_TEST(who_waits_for_a_job_that_crashes_is_told, supervised),
        SCENE_TEST(who_lost_the_job_writes_nothing, ledger),
        SCENE_TEST(where_results_are_off_nothing_is_kept, off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
