/*
 * crash: a worker dies at each step of a job's way; another one, or its successor, brings the job
 * to its end. Rows 1, 3, 6, 7, 8, 9, 11 and 13 of docs/failures.md.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

static char settings[] = SCENE_QUICK "queues:\n"
                                     "  jobs:\n"
                                     "    handler: { exec: [\"%s\"] }\n"
                                     "    retry: { base: 50ms, max_attempts: 3, jitter: none }\n";

/* All jobs ended, nothing is left over, and the books say what is expected. */
static void assert_ended(struct scene *scene, int64_t done, int64_t duplicate, int64_t recovered)
{
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, done);
    assert_int_equal(books.duplicate, duplicate);
    assert_int_equal(books.recovered, recovered);
    assert_int_equal(books.dead, 0);
}

/* The worker that has been started kills itself; then another one starts. */
static void crash_and_replace(struct scene *scene)
{
    assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 128 + SIGKILL);
    (void)assert_books_balance(scene->server, "jobs");
    scene->second = scene_start(scene, NULL);
}

/* At `fault`, while it has a job that came to it. */
static void crash_at(struct scene *scene, const char *fault, const char *payload)
{
    scene->first = scene_start(scene, fault);
    redis_run(scene->server, "LPUSH jobs %s", payload);
    crash_and_replace(scene);
}

static void row_1_killed_while_waiting_for_a_push(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    (void)worker_kill(scene->first);
    redis_run(scene->server, "LPUSH jobs one");
    scene->second = scene_start(scene, NULL);
    assert_ended(scene, 1, 0, 0);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void row_3_stopped_while_waiting_for_a_push(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(scene_idle(scene), TEST_LIMIT_MS);
    process_freeze(scene->first->process);
    redis_run(scene->server, "LPUSH jobs one");
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(ledger_count(&scene->ledger, "one", "END") == 1, TEST_LIMIT_MS);
    assert_ended(scene, 1, 0, 0);
}

static void row_6_killed_after_take_before_the_fingerprint(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "LPUSH jobs one"); /* before: an idle worker claims as it takes */
    scene->first = scene_start(scene, "before_claim:1");
    crash_and_replace(scene);
    assert_int_equal(ledger_count(&scene->ledger, "one", NULL), 0);
    assert_ended(scene, 1, 0, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "END"), 1);
}

static void row_7_killed_after_the_fingerprint_before_the_handler(void **state)
{
    struct scene *scene = *state;
    crash_at(scene, "after_claim:1", "one");
    assert_ended(scene, 1, 0, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", "END"), 1);
}

static void row_8_killed_in_the_middle_of_a_handler(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs wait-one");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-one", "START") == 1, TEST_LIMIT_MS);
    (void)worker_kill(scene->first);
    scene->second = scene_start(scene, NULL);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-one", "START") == 2, 2 * TEST_LIMIT_MS);
    /* The second delivery says so, and no attempt was charged for the first. */
    assert_int_equal(ledger_count(&scene->ledger, "wait-one", " 2 1 START"), 1);
    ledger_go(&scene->ledger);
    assert_ended(scene, 1, 0, 1);
}

static void row_9_killed_after_the_effect_before_settle(void **state)
{
    struct scene *scene = *state;
    crash_at(scene, "after_run:1", "one");
    assert_int_equal(ledger_count(&scene->ledger, "one", "END"), 1);
    assert_ended(scene, 1, 0, 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", " 1 1 END"), 1);
    assert_int_equal(ledger_count(&scene->ledger, "one", " 2 1 END"), 1);
}

static void row_11_killed_right_after_settle_ran(void **state)
{
    struct scene *scene = *state;
    crash_at(scene, "after_settle:1", "one");
    assert_ended(scene, 1, 0, 0);
    assert_int_equal(ledger_count(&scene->ledger, "one", "START"), 1);
}

static void row_13_killed_between_a_failure_and_shift(void **state)
{
    struct scene *scene = *state;
    crash_at(scene, "before_shift:1", "fail-one");
    EVENTUALLY(redis_int(scene->server, "LLEN navvy:{jobs}:dlq") == 1, 2 * TEST_LIMIT_MS);
    struct books books = assert_books_balance(scene->server, "jobs");
    assert_int_equal(books.recovered, 1);
    assert_int_equal(books.retried, 2);
    /* The failure before the crash was charged to nobody: three more deliveries, attempts 1 to 3.
     */
    assert_int_equal(ledger_count(&scene->ledger, "fail-one", "START"), 4);
    assert_int_equal(ledger_count(&scene->ledger, "fail-one", " 2 1 START"), 1);
    assert_int_equal(ledger_count(&scene->ledger, "fail-one", " 4 3 START"), 1);
}

static void a_crash_in_the_middle_of_recovery_is_taken_over(void **state)
{
    struct scene *scene = *state;
    crash_at(scene, "after_claim:1", "one");
    worker_free(scene->second);
    scene->second = scene_start(scene, "before_recover:1");
    assert_int_equal(process_wait(scene->second->process, 2 * TEST_LIMIT_MS), 128 + SIGKILL);
    worker_free(scene->second);
    scene->second = scene_start(scene, NULL);
    assert_ended(scene, 1, 0, 1);
}

/* Behind a header of recovery's own it would pass for a payload, and run. */
static void a_broken_header_is_still_broken_after_a_crash(void **state)
{
    static const char pushed[] = "navvy/1 id=a id=b\nx";
    struct scene *scene = *state;

    crash_at(scene, "before_shift:1", pushed);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.recovered, 1);
    assert_int_equal(books.dead, 1);
    char *dead = redis_text(scene->server, "LINDEX navvy:{jobs}:dlq 0");
    assert_non_null(strstr(dead, " reason=malformed "));
    assert_string_equal(strchr(dead, '\n') + 1, pushed);
    free(dead);
    assert_int_equal(ledger_count(&scene->ledger, "x", NULL), 0);
}

#define SCENE(test) SCENE_TEST(test, settings)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(row_1_killed_while_waiting_for_a_push),
        SCENE(row_3_stopped_while_waiting_for_a_push),
        SCENE(row_6_killed_after_take_before_the_fingerprint),
        SCENE(row_7_killed_after_the_fingerprint_before_the_handler),
        SCENE(row_8_killed_in_the_middle_of_a_handler),
        SCENE(row_9_killed_after_the_effect_before_settle),
        SCENE(row_11_killed_right_after_settle_ran),
        SCENE(row_13_killed_between_a_failure_and_shift),
        SCENE(a_crash_in_the_middle_of_recovery_is_taken_over),
        SCENE(a_broken_header_is_still_broken_after_a_crash),
    };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
