/*
 * host: what a worker's machine does to it: no descriptors are left, its clock is wrong. Rows 49
 * and 50 of docs/failures.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { JOBS = 30 };

static char programs[] =
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] },\n"
                "  retry: { base: 50ms, cap: 200ms, max_attempts: 1000 } } }\n";
static char failing[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: fail, times: 2 },\n"
                                    "  retry: { base: 200ms, max_attempts: 5, jitter: none } } }\n";

static void push_some(struct scene *scene, const char *name)
{
    for (int i = 0; i < JOBS; i++) {
        char payload[32];
        (void)snprintf(payload, sizeof payload, "%s-%d", name, i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
}

static void row_49_no_file_descriptor_is_left(void **state)
{
    struct scene *scene = *state;
    struct rlimit before, few;

    scene->first = scene_start(scene, NULL);
    push_some(scene, "before");
    EVENTUALLY(ledger_count(&scene->ledger, "before", "END") > 0, TEST_LIMIT_MS);
    assert_int_equal(prlimit(scene->first->process->pid, RLIMIT_NOFILE, NULL, &before), 0);
    few = before;
    few.rlim_cur = 3;
    assert_int_equal(prlimit(scene->first->process->pid, RLIMIT_NOFILE, &few, NULL), 0);
    push_some(scene, "few");
    EVENTUALLY(assert_books_balance(scene->server, "jobs").retried > JOBS, TEST_LIMIT_MS);
    assert_true(worker_said(scene->first, "Too many open files"));
    /* Not even a connection that was lost can be made again. */
    redis_run(scene->server, "CLIENT KILL TYPE normal SKIPME yes");
    EVENTUALLY(worker_said(scene->first, "disconnected"), TEST_LIMIT_MS);
    assert_int_equal(prlimit(scene->first->process->pid, RLIMIT_NOFILE, &before, NULL), 0);

    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 2 * JOBS);
    assert_int_equal(books.dead + books.duplicate, 0);
    assert_int_equal(worker_term(scene->first), 0);
}

/* As their logs have it: day and hour. */
static bool clocks_differ(const struct scene *scene)
{
    char *first = process_errors(scene->first->process);
    char *second = process_errors(scene->second->process);
    bool differ = strncmp(first, second, strlen("{'ts':'2026-11-21T12")) != 0;
    free(first);
    free(second);
    return differ;
}

/* Retries and scheduled jobs are due when Redis says so, and leases are its matter alone. */
static void row_50_a_clock_that_is_an_hour_off_and_jumps(void **state)
{
    struct scene *scene = *state;
    static const char in_half_a_second[] = "local t = redis.call('TIME') return redis.call('ZADD', "
                                           "KEYS[1], t[1] * 1000 + 500, 'later')";

    assert_int_equal(setenv("LD_PRELOAD", SKEWED_CLOCK, 1), 0);
    assert_int_equal(setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1), 0);
    scene->first = scene_start(scene, NULL);
    assert_int_equal(unsetenv("LD_PRELOAD"), 0);
    assert_int_equal(unsetenv("ASAN_OPTIONS"), 0);
    scene->second = scene_start(scene, NULL);
    assert_true(clocks_differ(scene));
    int64_t began_ms = clock_mono_ms();
    push_some(scene, "skewed");
    redis_run(scene->server, "EVAL %s 1 navvy:{jobs}:scheduled", in_half_a_second);
    redis_run(scene->server, "LPUSH jobs %s", "navvy/1 expires_at=99999999999999\nearly");

    struct books books = scene_end(scene, "jobs");
    assert_true(clock_mono_ms() - began_ms >= 600); /* two backoffs */
    assert_int_equal(books.done, JOBS + 2);
    assert_int_equal(books.recovered + books.expired + books.duplicate + books.dead, 0);
    assert_int_equal(books.alive, 2);
    assert_false(worker_said(scene->first, "lease_lost"));
    assert_int_equal(worker_term(scene->first), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(row_49_no_file_descriptor_is_left, programs),
        SCENE_TEST(row_50_a_clock_that_is_an_hour_off_and_jumps, failing),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
