/* control: what an operator orders is done by every worker, at once, and over restarts. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis/keys.h"
#include "tests/support/cli.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/gang.h"
#include "tests/support/scene.h"

enum { SOON_MS = 400 }; /* long enough for what must not happen to have happened */

static char plain[] =
    SCENE_QUICK "queues:\n"
                "  jobs: { handler: { exec: [\"%s\"] }, kill_grace: 100ms, retry: { base: 1s } }\n"
                "  other: { handler: { builtin: noop } }\n";
/* Time enough for an order between two attempts. */
static char patient[] =
    SCENE_QUICK "queues:\n"
                "  jobs: { handler: { exec: [\"%s\"] }, kill_grace: 100ms, retry: { base: 4s } }\n"
                "  other: { handler: { builtin: noop } }\n";
static char limited[] =
    SCENE_QUICK "queues:\n"
                "  jobs: { handler: { exec: [\"%s\"] }, kill_grace: 100ms, concurrency: 1 }\n"
                "  other: { handler: { builtin: noop }, idempotency: { ttl: 0 } }\n";
static char two_processes[] =
    SCENE_QUICK "processes: 2\nqueues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

/* --- what is asked --------------------------------------------------------------------------- */

/* An order that must be done by so many workers before the verb ends. */
#define order(scene, workers, ...)                                                                 \
    order_words(scene, workers, (const char *const[]){__VA_ARGS__, "--wait", "--json", NULL})
static void order_words(struct scene *scene, int workers, const char *const words[])
{
    json_t *rows = cli_json_words(scene->server, 0, words);
    const json_t *row = json_array_get(rows, 0);

    assert_non_null(row);
    assert_int_equal(json_int_at(row, "workers"), workers);
    assert_int_equal(json_int_at(row, "applied"), workers);
    json_decref(rows);
}

/* How many jobs have begun, and have not ended. */
static size_t running(struct scene *scene)
{
    return ledger_count(&scene->ledger, "wait-", "START") -
           ledger_count(&scene->ledger, "wait-", "END");
}

/* The one worker's name in `jobs`; yours. */
static char *worker_of(struct scene *scene, int64_t nth)
{
    struct reply *reply =
        redis_ask(scene->server, "ZRANGE navvy:{jobs}:workers %lld %lld", nth, nth);
    struct slice id = reply_text(reply_at(reply, 0));
    assert_non_null(id.ptr);
    char *copy = strndup(id.ptr, id.len);
    client_reply_free(reply);
    return copy;
}

/* The claim id of the one job, which the one worker holds; yours. */
static char *claim_held(struct scene *scene)
{
    char *worker = worker_of(scene, 0), *claim = NULL;
    char held[KEY_MAX];

    (void)snprintf(held, sizeof held, "navvy:{jobs}:held:%s", worker);
    struct reply *tags = redis_ask(scene->server, "HKEYS %s", held);
    struct slice tag = reply_text(reply_at(tags, 0));

    assert_non_null(tag.ptr);
    assert_true(asprintf(&claim, "%s:%.*s", worker, (int)tag.len, tag.ptr) > 0);
    client_reply_free(tags);
    free(worker);
    return claim;
}

/* The same of one that waits for its next attempt. */
static char *claim_of_retry(struct scene *scene)
{
    struct reply *records = redis_ask(scene->server, "ZRANGE navvy:{jobs}:retry 0 0");
    struct slice text = reply_text(reply_at(records, 0));
    char *record = strndup(text.ptr, text.len), *at = strstr(record, "claim=");

    assert_non_null(at);
    at += strlen("claim=");
    char *claim = strndup(at, strcspn(at, " "));
    client_reply_free(records);
    free(record);
    return claim;
}

static bool dead_of(struct scene *scene, const char *reason)
{
    char *record = redis_text(scene->server, "LINDEX navvy:{jobs}:dlq 0");
    bool is = record != NULL && strstr(record, reason) != NULL;
    free(record);
    return is;
}

/* --- orders ---------------------------------------------------------------------------------- */

static void an_order_is_done_by_every_worker_also_idle_ones(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    order(scene, 2, "concurrency", "jobs", "2");
    order(scene, 2, "loglevel", "jobs", "debug");
    order(scene, 2, "pause", "jobs");
    order(scene, 2, "resume", "jobs");

    redis_run(scene->server, "LPUSH jobs done");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    EVENTUALLY(worker_said(scene->first, "\"ran\"") || worker_said(scene->second, "\"ran\""),
               TEST_LIMIT_MS);
    json_t *rows = cli_json(scene->server, 0, "control", "jobs", "--json");
    const json_t *row = json_array_get(rows, 0);
    assert_int_equal(json_int_at(row, "version"), 4);
    assert_int_equal(json_int_at(row, "applied"), 2);
    assert_int_equal(json_int_at(row, "concurrency"), 2);
    assert_string_equal(json_text_at(row, "log_level"), "debug");
    json_decref(rows);
}

static void what_was_ordered_is_in_the_journal(void **state)
{
    struct scene *scene = *state;
    cli_must(scene->server, 0, "pause", "jobs");
    cli_must(scene->server, 0, "pause", "jobs"); /* changes nothing, and says nothing */
    cli_must(scene->server, 0, "concurrency", "other", "3");
    json_t *lines = cli_json(scene->server, 0, "control", "--journal", "--json", "--all");
    const json_t *newest = json_array_get(lines, 0), *oldest = json_array_get(lines, 1);
    assert_int_equal(json_array_size(lines), 1 + (oldest != NULL));
    if (oldest != NULL) { /* `other` has no meta key yet, so --all may not know it */
        assert_string_equal(json_text_at(newest, "what"), "concurrency");
        assert_string_equal(json_text_at(newest, "words"), "3");
        newest = oldest;
    }
    assert_string_equal(json_text_at(newest, "what"), "pause");
    assert_string_equal(json_text_at(newest, "queue"), "jobs");
    assert_non_null(json_text_at(newest, "who"));
    assert_non_null(strstr(json_text_at(newest, "where"), "cli "));
    assert_true(json_int_at(newest, "at_ms") > 0);
    json_decref(lines);
}

static void orders_hold_for_workers_that_come_later(void **state)
{
    struct scene *scene = *state;
    cli_must(scene->server, 0, "concurrency", "jobs", "1");
    redis_run(scene->server, "LPUSH jobs wait-a wait-b wait-c");
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(running(scene) == 1, TEST_LIMIT_MS);
    THROUGHOUT(running(scene) == 1, SOON_MS);
    order(scene, 1, "concurrency", "jobs", "default");
    EVENTUALLY(running(scene) == 3, TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 3);
}

static void nobody_hears_of_what_makes_no_sense(void **state)
{
    struct scene *scene = *state;
    cli_must(scene->server, 2, "concurrency", "jobs", "0");
    cli_must(scene->server, 2, "concurrency", "jobs", "1025");
    cli_must(scene->server, 2, "concurrency", "jobs", "-1");
    cli_must(scene->server, 2, "concurrency", "jobs");
    cli_must(scene->server, 2, "loglevel", "jobs", "loud");
    cli_must(scene->server, 2, "quiet");
    cli_must(scene->server, 3, "quiet", "nobody-1");
    cli_must(scene->server, 3, "stop", "nobody-1-0123456789abcdef");
    cli_must(scene->server, 3, "cancel", "jobs", "nobody-1-0123456789abcdef:1");
    cli_must(scene->server, 2, "cancel", "jobs");
    assert_int_equal(redis_int(scene->server, "EXISTS navvy:{jobs}:control"), 0);
}

/* --- concurrency ----------------------------------------------------------------------------- */

static void a_limit_holds_and_holds_up_no_other_queue(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-a wait-b wait-c wait-d wait-e wait-f");
    EVENTUALLY(running(scene) == 1, TEST_LIMIT_MS);
    for (int i = 0; i < 50; i++)
        redis_run(scene->server, "LPUSH other 1 2 3 4 5 6 7 8 9 10");
    EVENTUALLY(books_read(scene->server, "other").done == 500, TEST_LIMIT_MS);
    assert_int_equal(running(scene), 1);
    order(scene, 1, "concurrency", "jobs", "3");
    EVENTUALLY(running(scene) == 3, TEST_LIMIT_MS);
    THROUGHOUT(running(scene) == 3, SOON_MS);
    order(scene, 1, "concurrency", "jobs", "1"); /* what runs goes on */
    assert_int_equal(running(scene), 3);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 6);
}

/* --- workers --------------------------------------------------------------------------------- */

static void a_quiet_worker_takes_nothing_until_it_may(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    char *worker = worker_of(scene, 0);
    *strrchr(worker, '-') = '\0'; /* host and pid will do */
    order(scene, 1, "quiet", worker);
    redis_run(scene->server, "LPUSH jobs done");
    redis_run(scene->server, "LPUSH other done");
    THROUGHOUT(books_read(scene->server, "jobs").taken == 0, SOON_MS);
    assert_int_equal(books_read(scene->server, "other").taken, 0);
    order(scene, 1, "quiet", "--off", worker);
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    free(worker);
}

static void a_stopped_worker_gets_no_successor(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:workers") == 2, TEST_LIMIT_MS);
    char *worker = worker_of(scene, 0);
    cli_must(scene->server, 0, "stop", worker);
    EVENTUALLY(gang_size(scene->first) == 1, TEST_LIMIT_MS);
    THROUGHOUT(gang_size(scene->first) == 1, SOON_MS);
    free(worker);

    worker = worker_of(scene, 0);
    cli_must(scene->server, 0, "stop", worker);
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    assert_int_equal(redis_int(scene->server, "HLEN navvy:{jobs}:status"), 0);
    assert_int_equal(redis_int(scene->server, "HLEN navvy:{jobs}:control"), 1); /* the version */
    free(worker);
}

/* --- cancel ---------------------------------------------------------------------------------- */

static void a_cancelled_job_is_stopped_and_can_be_retried(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-a");
    EVENTUALLY(running(scene) == 1, TEST_LIMIT_MS);
    char *claim = claim_held(scene);
    order(scene, 1, "cancel", "jobs", claim);
    EVENTUALLY(dead_of(scene, "reason=cancelled"), TEST_LIMIT_MS);
    assert_int_equal(redis_int(scene->server, "HLEN navvy:{jobs}:control"), 1);
    cli_must(scene->server, 1, "cancel", "jobs", claim); /* it does not run any more */

    ledger_go(&scene->ledger);
    cli_must(scene->server, 0, "dlq", "retry", "jobs", claim, "--yes");
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    assert_int_equal(scene_end(scene, "jobs").dlq, 0);
    free(claim);
}

static void a_job_between_two_attempts_is_not_run_again(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs fail-a");
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:retry") == 1, TEST_LIMIT_MS);
    char *claim = claim_of_retry(scene);
    order(scene, 1, "cancel", "jobs", claim);
    EVENTUALLY(dead_of(scene, "reason=cancelled"), TEST_LIMIT_MS);
    assert_true(dead_of(scene, "cancelled before it ran"));
    assert_int_equal(ledger_count(&scene->ledger, "fail-a", "START"), 1);
    assert_int_equal(scene_end(scene, "jobs").dead, 1);
    free(claim);
}

static void a_cancel_outlives_the_worker_that_should_have_heard_it(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-a");
    EVENTUALLY(running(scene) == 1, TEST_LIMIT_MS);
    char *claim = claim_held(scene);
    process_freeze(scene->first->process);
    cli_must(scene->server, 0, "cancel", "jobs", claim);
    worker_kill(scene->first);
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(dead_of(scene, "reason=cancelled"), 3 * TEST_LIMIT_MS);
    assert_int_equal(ledger_count(&scene->ledger, "wait-a", "START"), 1);
    assert_int_equal(scene_end(scene, "jobs").dead, 1);
    free(claim);
}

/* --- without rights -------------------------------------------------------------------------- */

static void a_worker_that_may_not_be_ordered_works_all_the_same(void **state)
{
    struct scene *scene = *state;
    char url[REDIS_URL_MAX + 40];

    redis_run(scene->server, "ACL SETUSER navvy on >secret ~* +@all");
    redis_run(scene->server, "ACL SETUSER navvy resetkeys ~jobs ~other ~navvy:{*}:[d-r]* "
                             "~navvy:{*}:scheduled ~navvy:{*}:stage ~navvy:{*}:workers");
    (void)snprintf(url, sizeof url, "%s?user=navvy&password=secret", scene->server->url);
    scene->first = worker_start(url, &scene->ledger, scene->settings, NULL);
    redis_run(scene->server, "LPUSH jobs done never-a fail-b");
    EVENTUALLY(books_read(scene->server, "jobs").dlq == 1, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:retry") == 1, TEST_LIMIT_MS);
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, TEST_LIMIT_MS);
    assert_true(worker_said(scene->first, "control_denied"));
    redis_run(scene->server, "LPUSH jobs wait-c");
    EVENTUALLY(running(scene) == 1, TEST_LIMIT_MS);
    worker_kill(scene->first);

    scene->second = worker_start(url, &scene->ledger, scene->settings, NULL);
    ledger_go(&scene->ledger);
    EVENTUALLY(books_read(scene->server, "jobs").recovered == 1, 3 * TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->second), 0);
    assert_int_equal(redis_int(scene->server, "ZCARD navvy:{jobs}:workers"), 0); /* it left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(an_order_is_done_by_every_worker_also_idle_ones, plain),
        SCENE_TEST(what_was_ordered_is_in_the_journal, plain),
        SCENE_TEST(orders_hold_for_workers_that_come_later, plain),
        SCENE_TEST(nobody_hears_of_what_makes_no_sense, plain),
        SCENE_TEST(a_limit_holds_and_holds_up_no_other_queue, limited),
        SCENE_TEST(a_quiet_worker_takes_nothing_until_it_may, plain),
        SCENE_TEST(a_stopped_worker_gets_no_successor, two_processes),
        SCENE_TEST(a_cancelled_job_is_stopped_and_can_be_retried, plain),
        SCENE_TEST(a_job_between_two_attempts_is_not_run_again, patient),
        SCENE_TEST(a_cancel_outlives_the_worker_that_should_have_heard_it, plain),
        SCENE_TEST(a_worker_that_may_not_be_ordered_works_all_the_same, plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
